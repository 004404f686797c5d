"""What is wrong with a dataset: every missing, damaged, misfiled or unlisted file by name."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from urbansound.article_tensors import read_tensors
from urbansound.audio.clips import describe_file, load_piece, piece_of
from urbansound.dataset.class_folders import is_sound
from urbansound.dataset.index import OFFICIAL_NAME, table_of
from urbansound.dataset.table import MAX_FOLD
from urbansound.errors import BadAudio, BadDataset
from urbansound.records import Clip, DatasetIndex, Problem

# No clip of the official layout is longer.
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
Look = Callable[[DatasetIndex, Clip], Iterator[Problem]]


def check_dataset(
    index: DatasetIndex, on_progress: Progress | None = None, *, opens_sounds: bool = True
) -> list[Problem]:
    """Every problem of the dataset, in the order of its clips, unlisted files last.

    Codes of files: missing, empty, unreadable, not_finite, wrong_length, mislabelled,
    duplicate, unexpected. Codes of tensors: unreadable, not_finite, bad_fold.
    `on_progress(done, total)` counts clips. Without `opens_sounds` only the table and the
    names of the files are looked at, for what is known of the sounds otherwise.
    """
    report = on_progress or _ignore
    if not index.has_audio:
        problems = list(_tensor_problems(index))
        report(len(index.clips), len(index.clips))
        return problems
    present = _files_of(index)
    look = _sound_problems if opens_sounds else _no_problems
    problems = _clip_problems(index, present, look, report)
    problems += _repeated_rows(index)
    return problems + _unlisted_files(index, present)


def _ignore(done: int, total: int) -> None:
    """Nobody watches."""


def _files_of(index: DatasetIndex) -> dict[str, Path]:
    """The files that should be clips, by their path relative to the root.

    In a folder of class folders pictures and notes may lie; of its files only sounds count.
    """
    if index.layout != "folders":
        return _files_below(index.root, "audio")
    return {name: path for name, path in _files_below(index.root).items() if is_sound(path.name)}


def _files_below(root: Path, folder: str = "") -> dict[str, Path]:
    """Files under a folder of the root, hidden ones and system files left out."""
    files = (path for path in sorted((root / folder).rglob("*")) if not path.is_dir())
    names = ((path.relative_to(root), path) for path in files)
    return {
        name.as_posix(): path
        for name, path in names
        if not any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
        and path.name.lower() not in _SYSTEM_FILES
    }


def _no_problems(index: DatasetIndex, clip: Clip) -> Iterator[Problem]:
    """What is said of a sound that is not opened."""
    return iter(())


def _clip_problems(
    index: DatasetIndex, present: dict[str, Path], look: Look, report: Progress
) -> list[Problem]:
    elsewhere = _other_places(index, present)
    problems_of = partial(
        _problems_of, index=index, present=present, elsewhere=elsewhere, look=look
    )
    if look is _no_problems:
        # Names are compared faster than they are handed to a thread.
        return [problem for clip in index.clips for problem in problems_of(clip)]
    problems: list[Problem] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for done, found in enumerate(pool.map(problems_of, index.clips), start=1):
            problems += found
            report(done, len(index.clips))
    return problems


def _other_places(index: DatasetIndex, present: dict[str, Path]) -> dict[str, str]:
    """Where a file that is not in its place lies instead, by its name."""
    listed = {_file_of(clip) for clip in index.clips}
    return {present[path].name: path for path in present if path not in listed}


def _file_of(clip: Clip) -> str:
    """The file that the clip is, or is cut out of."""
    return clip.file or clip.path


def _problems_of(
    clip: Clip,
    *,
    index: DatasetIndex,
    present: dict[str, Path],
    elsewhere: dict[str, str],
    look: Look,
) -> list[Problem]:
    problems = list(_label_problems(clip, index)) if index.layout == "official" else []
    if _file_of(clip) in present:
        return problems + list(look(index, clip))
    if index.layout == "folders":
        message = f"'{clip.path}' was there when the folder was opened. Open it again."
        return [*problems, Problem("missing", clip.path, message)]
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


def _sound_problems(index: DatasetIndex, clip: Clip) -> Iterator[Problem]:
    path = index.audio_path(clip)
    try:
        audio = load_piece(piece_of(index, clip), max_seconds=MAX_SECONDS)
    except BadAudio as error:
        yield Problem(_code_of(path), clip.path, str(error))
    except OSError as error:
        yield Problem("unreadable", clip.path, f"'{clip.path}' cannot be opened: {error}.")
    else:
        is_official = index.layout == "official"
        yield from length_problems(clip, audio.duration_s, is_official=is_official)


def _code_of(path: Path) -> str:
    """Why a file was refused: it holds nothing, values that are no numbers, or no sound."""
    try:
        if path.stat().st_size == 0 or describe_file(path).duration_s == 0:
            return "empty"
        samples, _ = soundfile.read(path, frames=SAMPLES_LOOKED_AT, dtype="float32")
    except (BadAudio, OSError, soundfile.SoundFileError):
        return "unreadable"
    if len(samples) == 0:
        return "empty"
    return "unreadable" if np.isfinite(samples).all() else "not_finite"


def length_problems(clip: Clip, seconds: float, *, is_official: bool = True) -> Iterator[Problem]:
    """Where a sound that lasts so long cannot be the clip of the table.

    Only in the official layout a clip may be too long; elsewhere no table but the file's own
    header says how long it is.
    """
    source = "the table" if is_official else "its header"
    if is_official and seconds > LONGEST_S:
        message = f"'{clip.path}' lasts {seconds:.1f} s; clips last at most 4 s."
    elif clip.duration_s > 0 and abs(seconds - clip.duration_s) > LENGTH_TOLERANCE_S:
        message = f"'{clip.path}' lasts {seconds:.1f} s; {source} says {clip.duration_s:.1f} s."
    else:
        return
    yield Problem("wrong_length", clip.path, message)


def _repeated_rows(index: DatasetIndex) -> list[Problem]:
    table = table_of(index)
    return [
        Problem(
            "duplicate",
            clip.path,
            f"Line {line} of the table lists '{clip.path}' again; only its first row counts.",
        )
        for line, clip in (table.repeated if table is not None else ())
    ]


def _unlisted_files(index: DatasetIndex, present: dict[str, Path]) -> list[Problem]:
    """Files that no row names, but for those reported as lying in the wrong place."""
    listed = {_file_of(clip) for clip in index.clips}
    misplaced = {clip.name for clip in index.clips if _file_of(clip) not in present}
    why = "is not in the table"
    if index.layout == "folders":
        why = "lies in no class's folder, is a link or has a name that cannot be written"
    return [
        Problem("unexpected", path, f"'{path}' {why}, so it is not used.")
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
    possible = FOLDS if index.name == OFFICIAL_NAME else range(1, MAX_FOLD + 1)
    for row in np.flatnonzero((folds < possible[0]) | (folds > possible[-1])):
        message = f"Row {row} is in fold {folds[row]}; expected {possible[0]} to {possible[-1]}."
        yield Problem("bad_fold", f"row {row}", message)
