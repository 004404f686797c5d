"""What was found, sorted for a page: by kind, with the clips that can be hidden."""

from collections.abc import Iterable
from dataclasses import dataclass

from urbansound.dataset.faults import find_faults
from urbansound.dataset.findings import Finding
from urbansound.dataset.survey import Survey
from urbansound.records import DatasetIndex
from urbansound.ui.explore.health_words import KINDS


@dataclass(frozen=True, eq=False)
class Group:
    """The findings of one kind, and the paths of their clips that a training learns from."""

    code: str
    findings: list[Finding]
    paths: list[str]


@dataclass(frozen=True, eq=False)
class Report:
    """All findings of a dataset; `fault_paths` are of the clips with which something is wrong."""

    index: DatasetIndex
    survey: Survey
    findings: list[Finding]
    faults: list[Group]
    others: list[Group]
    fault_paths: list[str]

    @property
    def n_faults(self) -> int:
        """How many findings are wrong, and not only worth a listen."""
        return sum(len(group.findings) for group in self.faults)

    def can_be_heard(self, number: int) -> bool:
        """Whether the clip's file is there and holds sound; others train nothing as it is."""
        return bool(self.survey.durations_s[number] > 0)


def build_report(index: DatasetIndex, survey: Survey) -> Report:
    """The findings of a dataset whose files are known, sorted; seconds for 100,000 clips."""
    findings = find_faults(index, survey)
    faults = [finding for finding in findings if finding.is_fault]
    others = [finding for finding in findings if not finding.is_fault]
    return Report(
        index,
        survey,
        findings,
        _groups(index, survey, faults),
        _groups(index, survey, others),
        paths_of(index, survey, faults),
    )


def paths_of(index: DatasetIndex, survey: Survey, findings: Iterable[Finding]) -> list[str]:
    """The paths of the findings' clips that a training would learn from, each once."""
    numbers = {found.number for found in findings if found.number is not None}
    is_heard = survey.durations_s > 0
    return [index.clips[number].path for number in sorted(numbers) if is_heard[number]]


def _groups(index: DatasetIndex, survey: Survey, findings: list[Finding]) -> list[Group]:
    """The findings by code, in the order of the kinds; codes without any are left out."""
    members: dict[str, list[Finding]] = {code: [] for code in KINDS}
    for finding in findings:
        members.setdefault(finding.code, []).append(finding)
    return [
        Group(code, group, paths_of(index, survey, group))
        for code, group in members.items()
        if group
    ]
