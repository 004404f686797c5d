"""A dataset out of files that a browser sends: every name is a label until it is made safe."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import mkdtemp

from urbansound.dataset.class_folders import EXAMPLE, SUFFIXES
from urbansound.errors import BadDataset
from urbansound.files import write_bytes

MAX_DEPTH = 4
MAX_NAME = 100
MAX_COPIED = 20_000
MAX_BYTES = 4_000_000_000
UNFINISHED = ".copying-"
_BY_PATH = "Open the folder by its path instead: nothing is copied then."
_SPECIAL = frozenset('/\\:*?"<>|%')
_DEVICES = frozenset({"con", "prn", "aux", "nul"})


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent: its name with folders, and where its bytes now lie."""

    name: str
    path: Path


def copy_class_folders(files: Iterable[SentFile], place: Path) -> Path:
    """The folder in `place` that now holds the files that are sounds, by class folder.

    The topmost folder that all share names it; where that name is taken a number is added, to
    files too. It appears there whole or not at all. BadDataset where it is too much, or no file
    lies in a folder that could be its class.
    """
    sounds = [(parts, file.path) for file in files if (parts := safe_parts(file.name))]
    if len(sounds) > MAX_COPIED:
        raise BadDataset(
            f"{len(sounds):,} sounds were chosen; at most {MAX_COPIED:,} are copied. {_BY_PATH}"
        )
    if sum(sent.stat().st_size for _, sent in sounds) > MAX_BYTES:
        raise BadDataset(
            f"These sounds are larger than {MAX_BYTES / 1e9:.0f} GB together; no more is copied. "
            f"{_BY_PATH}"
        )
    tops = {parts[0] for parts, _ in sounds}
    has_top = len(tops) == 1 and all(len(parts) > 2 for parts, _ in sounds)
    name = tops.pop() if has_top else "my sounds"
    inner = [(parts[1:] if has_top else parts, sent) for parts, sent in sounds]
    inner = [(parts, sent) for parts, sent in inner if len(parts) > 1]
    if len({parts[0] for parts, _ in inner}) < 2:
        raise BadDataset(
            "Choose a folder that holds a folder of sounds for each class, at least two of them: "
            f"{EXAMPLE}."
        )
    root = _free_folder(place, name)
    _write_whole(root, inner)
    return root


def _write_whole(root: Path, sounds: Iterable[tuple[tuple[str, ...], Path]]) -> None:
    """Write the sounds beside their place, then move them there; nothing is left of a failure."""
    root.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(mkdtemp(prefix=UNFINISHED, dir=root.parent))
    try:
        taken: set[str] = set()
        for parts, sent in sounds:
            path = unfinished / _free_name("/".join(parts), taken)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, sent.read_bytes())
        unfinished.chmod(0o755)
        unfinished.rename(root)
    finally:
        rmtree(unfinished, ignore_errors=True)


def _free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where another file has it: some disks know no capitals."""
    stem, dot, suffix = name.rpartition(".")
    names = chain([name], (f"{stem} {number}{dot}{suffix}" for number in count(2)))
    free = next(other for other in names if other.casefold() not in taken)
    taken.add(free.casefold())
    return free


def safe_parts(name: str) -> tuple[str, ...]:
    """The folders and the file of a name that was sent, fit for any disk; empty for no sound."""
    parts = [_safe(part) for part in PurePosixPath(name.replace("\\", "/")).parts]
    parts = [part for part in parts if part]
    is_sound = bool(parts) and PurePosixPath(parts[-1]).suffix.lower() in SUFFIXES
    is_hidden = any(part.startswith(("_MACOSX", "__MACOSX")) for part in parts)
    # Of a deep tree the upper folders count: the class is among them.
    deepest = (*parts[: MAX_DEPTH - 1], parts[-1]) if len(parts) > MAX_DEPTH else tuple(parts)
    return deepest if is_sound and not is_hidden else ()


def _safe(part: str) -> str:
    """A name without what leads elsewhere or cannot be a name; empty where nothing is left."""
    known = unicodedata.normalize("NFC", part)
    letters = "".join(mark for mark in known if mark.isprintable() and mark not in _SPECIAL)
    letters = letters.strip(" .")
    stem, dot, suffix = letters.rpartition(".")
    if len(letters) > MAX_NAME:
        letters = f"{stem[: MAX_NAME - 10]}{dot}{suffix[:9]}" if stem else letters[:MAX_NAME]
    return f"{letters}_" if letters.lower().split(".")[0] in _DEVICES else letters


def _free_folder(place: Path, name: str) -> Path:
    names = [name, *(f"{name} {number}" for number in range(2, 1000))]
    for free in names:
        if not (place / free).exists():
            return place / free
    raise BadDataset(f"There are a thousand folders called '{name}' already. Rename yours.")
