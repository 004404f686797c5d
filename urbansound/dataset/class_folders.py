"""A folder with a folder of sounds for each class: the simplest dataset a person can make."""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from urbansound.audio.clips import PACKED_SUFFIXES, PLAIN_SUFFIXES
from urbansound.dataset.lengths import lengths_of
from urbansound.dataset.own_folds import assign_folds
from urbansound.dataset.recordings import number_recordings, source_of
from urbansound.dataset.table import MAX_CLASSES, Table
from urbansound.errors import BadDataset
from urbansound.labels import NOT_SURE
from urbansound.paths import keeping_folder
from urbansound.records import CLIP_S, Clip

SUFFIXES = frozenset((*PLAIN_SUFFIXES, *PACKED_SUFFIXES))
MAX_CLIPS = 1_000_000
MAX_ENTRIES = 1_000_000
# A file a little over 4 s is one clip, as in UrbanSound8K; of what a longer one leaves over,
# less than a second is no clip.
_ONE_CLIP_S = CLIP_S + 0.1
_SHORTEST_REST_S = 1.0
_MAC_LEFTOVER = "__macosx"
_OFFICIAL_FOLDER = re.compile(r"fold\d+", re.IGNORECASE)
# Control characters, halves of characters and what breaks a line.
_UNSAYABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

EXAMPLE = "drums/a.wav, drums/b.wav, flute/c.mp3"


def find_class_folders(root: Path) -> dict[str, list[str]]:
    """The names of the folders in `root` that hold sounds, and these sounds below `root`.

    Both are sorted. Hidden folders, links and files that are no sounds by their ending are
    left out; so are names that cannot be written down. BadDataset where there is too much to
    look through: somebody named a whole disk.
    """
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if _is_folder(entry)]
    budget = iter(range(MAX_ENTRIES))
    found = {name: sorted(_sounds_below(root, name, budget)) for name in sorted(names)}
    return {name: files for name, files in found.items() if files}


def read_class_folders(root: Path, folders: dict[str, list[str]]) -> Table:
    """The clips of a folder of class folders as `find_class_folders` found them, in their order.

    A folder inside a class's folder is one recording, and so is a file whose name does not say
    where it is from. A file longer than a clip is cut into clips of 4 s. Folds are made by
    recording. BadDataset where there are too few classes, recordings or names that cannot be.
    """
    _check_classes(root, folders)
    files = [file for names in folders.values() for file in names]
    class_ids = [number for number, names in enumerate(folders.values()) for _ in names]
    sources = [source_of(file) for file in files]
    numbers = number_recordings(sources)
    _check_recordings(root, numbers)
    lengths = lengths_of(root, files, keeping_folder(root, "folders") / "lengths.json")
    _check_extent(root, lengths)
    rows = zip(files, class_ids, sources, lengths, strict=True)
    clips = [
        clip
        for file, class_id, source, seconds in rows
        for clip in _clips(Clip(file, 1, class_id, numbers[source], 0.0, seconds))
    ]
    return Table(_with_folds(clips), tuple(folders), ())


def is_sayable(name: str) -> bool:
    """Whether a name can be shown and written down."""
    return not any(unicodedata.category(character) in _UNSAYABLE for character in name)


def is_sound(name: str) -> bool:
    """Whether a file is a sound by its ending, and not hidden."""
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    is_shown = not entry.name.startswith(".") and entry.name.lower() != _MAC_LEFTOVER
    return is_shown and entry.is_dir(follow_symlinks=False)


def _sounds_below(root: Path, folder: str, budget: Iterator[int]) -> Iterator[str]:
    """Sound files as "folder/…"; what a link leads to may be anywhere, so links are left out."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        with os.scandir(root / place) as entries:
            for entry in entries:
                if next(budget, None) is None:
                    raise _too_much(root)
                if _is_folder(entry):
                    waiting.append(f"{place}/{entry.name}")
                elif (
                    is_sound(entry.name)
                    and is_sayable(f"{place}/{entry.name}".removeprefix(folder))
                    and entry.is_file(follow_symlinks=False)
                ):
                    yield f"{place}/{entry.name}"


def _too_much(root: Path) -> BadDataset:
    return BadDataset(
        f"'{root}' holds more than {MAX_ENTRIES:,} files. Name the one folder in it that holds "
        f"your sounds, in a folder for each class: {EXAMPLE}."
    )


def _check_classes(root: Path, folders: dict[str, list[str]]) -> None:
    names = list(folders)
    if len(names) > MAX_CLASSES:
        raise BadDataset(
            f"'{root}' holds {len(names):,} folders with sounds; each would be a class, and at "
            f"most {MAX_CLASSES:,} are possible. Put them in folders by class: {EXAMPLE}."
        )
    odd = next((name for name in names if not is_sayable(name)), None)
    if odd is not None:
        raise BadDataset(f"The folder {odd!r} cannot name a class. Give it a plain name.")
    if NOT_SURE in names:
        raise BadDataset(
            f"'{NOT_SURE}' is what is said where no class fits, so it cannot name one. Give the "
            f"folder '{root / NOT_SURE}' another name."
        )
    if names and all(_OFFICIAL_FOLDER.fullmatch(name) for name in names):
        raise BadDataset(
            f"The folders in '{root}' are folds, not classes. Name the folder above it, which "
            "holds the table metadata/UrbanSound8K.csv."
        )
    if len(names) == 1:
        raise BadDataset(
            f"'{root}' holds sounds of one class only, '{names[0]}'. At least two folders with "
            f"sounds are needed, each named for its class: {EXAMPLE}. If '{names[0]}' holds the "
            f"folders of your classes, name '{root / names[0]}' instead."
        )


def _check_recordings(root: Path, numbers: dict[str, int]) -> None:
    if len(numbers) < 2:
        raise BadDataset(
            f"All sounds in '{root}' are of one recording. A network is tested on recordings it "
            "never heard, so at least two are needed."
        )


def _check_extent(root: Path, lengths: list[float]) -> None:
    """A forged header claims years; that many clips would fill the memory."""
    n_clips = sum(1 + int(seconds / CLIP_S) for seconds in lengths)
    if n_clips > MAX_CLIPS:
        raise BadDataset(
            f"The sounds in '{root}' last {sum(lengths) / 3600:,.0f} hours; at most "
            f"{MAX_CLIPS * CLIP_S / 3600:,.0f} hours are read. Put fewer of them in the folder."
        )


def _clips(whole: Clip) -> Iterator[Clip]:
    """The file as one clip, or as clips of 4 s where it is longer."""
    seconds = whole.end_s
    if seconds <= _ONE_CLIP_S:
        yield whole
        return
    start = 0.0
    while start == 0.0 or seconds - start >= _SHORTEST_REST_S:
        end = min(start + CLIP_S, round(seconds, 3))
        name = f"{whole.path}#t={start:.10g},{end:.10g}"
        yield replace(whole, path=name, file=whole.path, start_s=start, end_s=end)
        start += CLIP_S


def _with_folds(clips: list[Clip]) -> tuple[Clip, ...]:
    recordings = [clip.recording_id or 0 for clip in clips]
    folds = assign_folds(recordings, [clip.class_id for clip in clips])
    return tuple(replace(clip, fold=fold) for clip, fold in zip(clips, folds, strict=True))
