"""What a deep check finds, and which of it is wrong rather than only worth a listen."""

from collections.abc import Iterable
from dataclasses import dataclass

from urbansound.csv_text import csv_lines
from urbansound.records import DatasetIndex, Problem

WORTH_A_LISTEN = frozenset(
    {"same_sound", "clipped", "dc_offset", "too_loud", "too_faint", "recording_across_folds"}
)


@dataclass(frozen=True)
class Finding(Problem):
    """A problem with the number of its clip, and of the one it is the same as.

    `number` is None for what is no clip, such as a file that the table does not name.
    """

    number: int | None = None
    other: int | None = None

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong; else it is only worth a listen."""
        return self.code not in WORTH_A_LISTEN


def as_findings(index: DatasetIndex, problems: Iterable[Problem]) -> list[Finding]:
    """Problems with the numbers of their clips, where they are about clips."""
    numbers = {clip.path: number for number, clip in enumerate(index.clips) if clip.path}
    return [
        Finding(problem.code, problem.clip, problem.message, numbers.get(problem.clip))
        for problem in problems
    ]


def findings_csv(index: DatasetIndex, findings: Iterable[Finding]) -> str:
    """The findings as a table, one a row below its heading."""
    head = ("code", "is_fault", "clip", "class", "fold", "recording", "same_as", "message")
    return csv_lines([head, *(_row(index, finding) for finding in findings)])


def _row(index: DatasetIndex, finding: Finding) -> list[object]:
    facts: list[object] = ["", "", ""]
    if finding.number is not None:
        clip = index.clips[finding.number]
        recording = "" if clip.recording_id is None else clip.recording_id
        facts = [index.class_names[clip.class_id], clip.fold, recording]
    other = ""
    if finding.other is not None:
        other = index.clips[finding.other].path or f"row {finding.other}"
    is_fault = int(finding.is_fault)
    return [finding.code, is_fault, finding.clip, *facts, other, finding.message]
