"""What a person names on the command line as sounds: files, folders, patterns, zips, a pipe."""

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from urbansound.audio.archive import Archive, Member, is_archive, label_of
from urbansound.errors import BadAudio, BadConfig
from urbansound.inference.answer import Source

PIPE = "-"
# Files in a folder that are taken for sounds; a file named by itself is always tried.
SUFFIXES = (
    *(".3g2", ".3gp", ".aac", ".aif", ".aifc", ".aiff", ".amr", ".au", ".avi", ".caf", ".flac"),
    *(".m4a", ".m4b", ".m4v", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".oga", ".ogg"),
    *(".ogv", ".opus", ".rf64", ".snd", ".ts", ".w64", ".wav", ".wave", ".weba", ".webm"),
)


def find_sounds(
    arguments: Sequence[str], stack: ExitStack, note: Callable[[str], None]
) -> list[Source]:
    """The sounds that the arguments name, in their order; folders and patterns sorted.

    Zips stay open, and what came through the pipe stays on disk, until the stack is closed.
    `note` hears what was left out. BadConfig where a folder or a pattern holds no sound.
    """
    return [sound for argument in arguments for sound in _sounds_of(argument, stack, note)]


def _sounds_of(argument: str, stack: ExitStack, note: Callable[[str], None]) -> Iterator[Source]:
    if argument == PIPE:
        path = _from_pipe(stack)
        yield from _file(PIPE, path, stack)
        return
    paths = [argument] if os.path.lexists(argument) else _matches(argument)
    for path in map(Path, paths):
        if path.is_dir():
            yield from map(_plain, _in_folder(path, note))
        else:
            yield from _file(str(path), path, stack)


def _matches(argument: str) -> list[str]:
    """What a pattern fits that no shell has looked up; the argument itself where it is none."""
    if not glob.has_magic(argument):
        return [argument]
    # Path.glob takes no pattern that begins at the root.
    found = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207
    if not found:
        raise BadConfig(f"No file fits the pattern '{label_of(argument)}'. Look at its folder.")
    return found


def _in_folder(folder: Path, note: Callable[[str], None]) -> list[Path]:
    files = sorted(_walk(folder))
    sounds = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not sounds:
        raise BadConfig(
            f"The folder '{label_of(str(folder))}' holds no sound files: none of its "
            f"{len(files):,} files has an ending such as .wav, .flac, .mp3 or .m4a. "
            "A file named by itself is tried whatever its ending."
        )
    if len(sounds) < len(files):
        n_left = len(files) - len(sounds)
        note(f"{label_of(str(folder))}: {n_left:,} other file{'s' * (n_left > 1)} left out.")
    return sounds


def _walk(folder: Path) -> Iterator[Path]:
    """All files below, but for hidden ones; links to folders are not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _file(name: str, path: Path, stack: ExitStack) -> Iterator[Source]:
    if not is_archive(path):
        yield _plain(path, name)
        return
    try:
        archive = stack.enter_context(Archive(path, label_of(name)))
    except BadAudio as error:
        yield Source(name, partial(_refuse, error))
        return
    yield from (_member(name, member) for member in archive.members)


def _plain(path: Path, name: str | None = None) -> Source:
    return Source(name or str(path), partial(_existing, path))


def _member(name: str, member: Member) -> Source:
    return Source(f"{name}/{member.name}", member.read)


def _existing(path: Path) -> Path:
    name = label_of(str(path))
    if not path.exists():
        raise BadAudio(f"There is no file '{name}'. Check its name and folder.", "missing")
    if not path.is_file():
        raise BadAudio(f"'{name}' is no file. Give a sound file or a folder.", "not_sound")
    if not os.access(path, os.R_OK):
        raise BadAudio(f"'{name}' may not be read. Change its rights.", "missing")
    return path


def _refuse(error: BadAudio) -> bytes:
    raise error


def _from_pipe(stack: ExitStack) -> Path:
    """What comes through the pipe, in a file: it may be longer than the memory has room for."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="urbansound-"))
    path = Path(folder) / "pipe"
    with open(path, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path
