"""A deep check: what a survey of all sounds shows to be wrong, or worth a listen.

Codes beside those of `check`. Faults: silent, truncated, same_sound_across_folds,
same_sound_other_class, alike_across_folds. Worth a listen: same_sound, clipped, dc_offset,
too_loud, too_faint, recording_across_folds.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.check import check_dataset, length_problems
from urbansound.dataset.copies import copies_of, recordings_across_folds
from urbansound.dataset.findings import Finding, as_findings
from urbansound.dataset.survey import Survey
from urbansound.records import DatasetIndex

CLIPPED_SHARE = 0.01
DC_OFFSET = 0.01
# A clip without sound at all is silent; a gun's short push of air is no fault of a recorder.
_DC_SHARE_OF_PEAK = 0.1
_LEAST_CLIPS, _WIDEST_DB, _FARTHEST, _LEAST_DB = 8, 8.0, 4.0, 15.0
# A clip between these is easy to hear, whatever the others of its class are.
_FAINT_DB, _LOUD_DB = -52.0, -10.0
_MISSING_S, _MISSING_SHARE = 0.1, 0.01


def find_faults(index: DatasetIndex, survey: Survey) -> list[Finding]:
    """Everything wrong with a dataset, in the order of its clips, unlisted files last.

    No sound is opened: `survey` knows them. A dataset of numbers alone is checked for
    impossible rows and for rows that occur twice.
    """
    findings = as_findings(index, check_dataset(index, opens_sounds=False))
    for find in (_unreadable, _lengths, _silent, copies_of, _clipped, _off_zero, _loudness):
        findings += find(index, survey)
    findings += recordings_across_folds(index)
    return sorted(findings, key=lambda finding: _place(finding, len(index.clips)))


def _place(finding: Finding, last: int) -> int:
    return last if finding.number is None else finding.number


def _unreadable(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    """Files that `check` also names; that one is missing, the look at the names has said."""
    for number, (code, message) in survey.failures.items():
        if code != "missing":
            clip = index.clips[number]
            path = index.audio_path(clip)
            short = message.replace(str(path.absolute()), clip.path).replace(str(path), clip.path)
            yield Finding(code, clip.path, short, number)


def _lengths(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    missing, present = survey.missing_s, survey.durations_s
    is_cut = missing > np.maximum(_MISSING_S, _MISSING_SHARE * (missing + present))
    for number in np.flatnonzero(present > 0).tolist():
        clip, seconds = index.clips[number], float(present[number])
        if is_cut[number]:
            whole = seconds + float(missing[number])
            message = (
                f"'{clip.path}' was cut off: it holds {seconds:.1f} s of the {whole:.1f} s that "
                "its header announces. Fetch it again."
            )
            yield Finding("truncated", clip.path, message, number)
            continue
        for problem in length_problems(clip, seconds, is_official=index.layout == "official"):
            yield Finding(problem.code, problem.clip, problem.message, number)


def _silent(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    for number in np.flatnonzero(survey.is_silent).tolist():
        path = index.clips[number].path
        message = f"'{path}' is silent: nothing in it comes within 60 dB of full scale."
        yield Finding("silent", path, message, number)


def _clipped(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    for number in np.flatnonzero(survey.clipped >= CLIPPED_SHARE).tolist():
        path = index.clips[number].path
        message = (
            f"'{path}' was recorded too loud: {100 * survey.clipped[number]:.0f} % of it stands "
            "in tops that were cut off."
        )
        yield Finding("clipped", path, message, number)


def _off_zero(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    off = np.abs(survey.dc)
    least = np.maximum(DC_OFFSET, _DC_SHARE_OF_PEAK * 10 ** (survey.peaks_db / 20))
    for number in np.flatnonzero((off >= least) & ~survey.is_silent).tolist():
        path = index.clips[number].path
        message = (
            f"'{path}' does not swing about zero: its middle lies {100 * off[number]:.1f} % of "
            "full scale off, which a recorder or a converter does."
        )
        yield Finding("dc_offset", path, message, number)


def _loudness(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    """Clips that are far louder or fainter than others of their class."""
    class_ids = np.array([clip.class_id for clip in index.clips], np.int64)
    can_be_heard = (survey.durations_s > 0) & ~survey.is_silent
    for class_id in np.unique(class_ids[can_be_heard]).tolist():
        rows = np.flatnonzero(can_be_heard & (class_ids == class_id))
        for row, off_db in _outliers(survey.levels_db[rows]):
            number = int(rows[row])
            path, name = index.clips[number].path, index.class_names[class_id]
            word = "louder" if off_db > 0 else "fainter"
            message = f"'{path}' is {abs(off_db):.0f} dB {word} than most of '{name}'."
            yield Finding("too_loud" if off_db > 0 else "too_faint", path, message, number)


def _outliers(levels_db: NDArray[np.float32]) -> Iterator[tuple[int, float]]:
    """(row, dB off the median) of levels [n] that do not belong, by the median deviation.

    Where a class is very uneven itself, 32 dB are far off all the same.
    """
    if len(levels_db) < _LEAST_CLIPS:
        return
    off_db = levels_db - np.median(levels_db)
    spread = min(_WIDEST_DB, 1.4826 * float(np.median(np.abs(off_db))))
    is_far = np.abs(off_db) > max(_LEAST_DB, _FARTHEST * spread)
    is_extreme = (levels_db < _FAINT_DB) | (levels_db > _LOUD_DB)
    for row in np.flatnonzero(is_far & is_extreme).tolist():
        yield row, float(off_db[row])
