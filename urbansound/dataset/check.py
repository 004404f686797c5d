"""What is wrong with a dataset: every missing, damaged, misfiled or unlisted file by name."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from urbansound.article_tensors import read_tensors
from urbansound.audio.decode import describe_audio, load_audio
from urbansound.dataset.index import TABLE
from urbansound.dataset.table import read_table
from urbansound.errors import BadAudio, BadDataset
from urbansound.records import Clip, DatasetIndex, Problem

LONGEST_S = 4.1
# Real files agree with the table to 5 ms; a cut file does not.
LENGTH_TOLERANCE_S = 0.5
MAX_SECONDS = 600.0
SAMPLES_LOOKED_AT = 10_000_000
FOLDS = range(1, 11)
WORKERS = 4

_OFFICIAL_NAME = re.compile(r"(\d+)-(\d+)-\d+-\d+\.wav", re.IGNORECASE)
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})

Progress = Callable[[int, int], None]


def check_dataset(index: DatasetIndex, on_progress: Progress | None = None) -> list[Problem]:
    """Every problem of the dataset, in the order of its clips, unlisted files last.

    Codes of files: missing, empty, unreadable, not_finite, wrong_length, mislabelled,
    duplicate, unexpected. Codes of tensors: unreadable, not_finite, bad_fold.
    `on_progress(done, total)` counts clips.
    """
    report = on_progress or _ignore
    if not index.has_audio:
        problems = list(_tensor_problems(index))
        report(len(index.clips), len(index.clips))
        return problems
    present = _files_below(index.root / "audio")
    problems = _clip_problems(index, present, report)
    problems += _repeated_rows(index)
    return problems + _unlisted_files(index, present)


def _ignore(done: int, total: int) -> None:
    """Nobody watches."""


def _files_below(folder: Path) -> dict[str, Path]:
    """Files under audio/ by their path relative to the root, system files left out."""
    files = (path for path in sorted(folder.rglob("*")) if not path.is_dir())
    return {
        f"audio/{path.relative_to(folder).as_posix()}": path
        for path in files
        if not path.name.startswith(".") and path.name.lower() not in _SYSTEM_FILES
    }


def _clip_problems(
    index: DatasetIndex, present: dict[str, Path], report: Progress
) -> list[Problem]:
    elsewhere = _other_places(index, present)
    problems_of = partial(_problems_of, index=index, present=present, elsewhere=elsewhere)
    problems: list[Problem] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for done, found in enumerate(pool.map(problems_of, index.clips), start=1):
            problems += found
            report(done, len(index.clips))
    return problems


def _other_places(index: DatasetIndex, present: dict[str, Path]) -> dict[str, str]:
    """Where a file that is not in its place lies instead, by its name."""
    listed = {clip.path for clip in index.clips}
    return {present[path].name: path for path in present if path not in listed}


def _problems_of(
    clip: Clip, *, index: DatasetIndex, present: dict[str, Path], elsewhere: dict[str, str]
) -> list[Problem]:
    problems = list(_label_problems(clip, index))
    if clip.path in present:
        return problems + list(_sound_problems(clip, present[clip.path]))
    if clip.name in elsewhere:
        other = elsewhere[clip.name]
        message = f"The table says '{clip.path}', but the file lies at '{other}'. Move it."
        return [*problems, Problem("mislabelled", clip.path, message)]
    message = f"'{clip.path}' is in the table but not on disk. Fetch it again."
    return [*problems, Problem("missing", clip.path, message)]


def _label_problems(clip: Clip, index: DatasetIndex) -> Iterator[Problem]:
    """Where the file's name, fsID-classID-occurrence-slice.wav, contradicts the table."""
    parts = _OFFICIAL_NAME.fullmatch(clip.name)
    if parts is None:
        return
    recording, class_id = int(parts[1]), int(parts[2])
    if class_id != clip.class_id:
        label = index.class_names[clip.class_id]
        yield Problem(
            "mislabelled",
            clip.path,
            f"'{clip.name}' is of class {class_id} by its name, "
            f"but of class {clip.class_id} ({label}) in the table.",
        )
    if recording != clip.recording_id:
        yield Problem(
            "mislabelled",
            clip.path,
            f"'{clip.name}' is from recording {recording} by its name, "
            f"but from {clip.recording_id} in the table.",
        )


def _sound_problems(clip: Clip, path: Path) -> Iterator[Problem]:
    try:
        audio = load_audio(path, max_seconds=MAX_SECONDS)
    except BadAudio as error:
        yield Problem(_code_of(path), clip.path, str(error))
    except OSError as error:
        yield Problem("unreadable", clip.path, f"'{clip.path}' cannot be opened: {error}.")
    else:
        yield from _length_problems(clip, audio.duration_s)


def _code_of(path: Path) -> str:
    """Why a file was refused: it holds nothing, values that are no numbers, or no sound."""
    try:
        if path.stat().st_size == 0 or describe_audio(path).duration_s == 0:
            return "empty"
        samples, _ = soundfile.read(path, frames=SAMPLES_LOOKED_AT, dtype="float32")
    except (BadAudio, OSError, soundfile.SoundFileError):
        return "unreadable"
    if len(samples) == 0:
        return "empty"
    return "unreadable" if np.isfinite(samples).all() else "not_finite"


def _length_problems(clip: Clip, seconds: float) -> Iterator[Problem]:
    if seconds > LONGEST_S:
        message = f"'{clip.path}' lasts {seconds:.1f} s; clips last at most 4 s."
    elif clip.duration_s > 0 and abs(seconds - clip.duration_s) > LENGTH_TOLERANCE_S:
        message = f"'{clip.path}' lasts {seconds:.1f} s; the table says {clip.duration_s:.1f} s."
    else:
        return
    yield Problem("wrong_length", clip.path, message)


def _repeated_rows(index: DatasetIndex) -> list[Problem]:
    return [
        Problem(
            "duplicate",
            clip.path,
            f"Line {line} of the table lists '{clip.path}' again; only its first row counts.",
        )
        for line, clip in read_table(index.root / TABLE).repeated
    ]


def _unlisted_files(index: DatasetIndex, present: dict[str, Path]) -> list[Problem]:
    """Files that no row names, but for those reported as lying in the wrong place."""
    listed = {clip.path for clip in index.clips}
    misplaced = {clip.name for clip in index.clips if clip.path not in present}
    return [
        Problem("unexpected", path, f"'{path}' is not in the table, so it is not used.")
        for path in present
        if path not in listed and present[path].name not in misplaced
    ]


def _tensor_problems(index: DatasetIndex) -> Iterator[Problem]:
    try:
        features, _, folds = read_tensors(index.root)
    except BadDataset as error:
        yield Problem("unreadable", index.name, str(error))
        return
    for row in np.flatnonzero(~np.isfinite(features).all(axis=1)):
        yield Problem("not_finite", f"row {row}", f"Row {row} has features that are not numbers.")
    for row in np.flatnonzero(~np.isin(folds, FOLDS)):
        message = f"Row {row} is in fold {folds[row]}; expected {FOLDS[0]} to {FOLDS[-1]}."
        yield Problem("bad_fold", f"row {row}", message)
