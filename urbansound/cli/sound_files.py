"""What a person names on the command line as sounds: files, folders, patterns, zips, a pipe."""

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from urbansound.audio.archive import label_of
from urbansound.errors import BadConfig
from urbansound.inference.answer import Source
from urbansound.inference.sources import source_of, sources_of

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

    A file that is named more than once is there once. Zips stay open, and what came through
    the pipe stays on disk, until the stack is closed. `note` hears what was left out.
    BadConfig where a folder or a pattern holds no sound.
    """
    found: dict[Path, list[Source]] = {}
    n_again = 0
    for argument in arguments:
        for path, is_named in _paths_of(argument, note):
            place = path if argument == PIPE else path.absolute()
            if place in found:
                n_again += 1
            elif argument == PIPE:
                found[place] = sources_of(_from_pipe(stack), PIPE, stack)
            elif is_named:
                found[place] = sources_of(path, str(path), stack)
            else:
                found[place] = [source_of(path, str(path))]
    if n_again:
        note(f"{n_again:,} file{'s' * (n_again > 1)} named again; each is heard once.")
    return [source for sources in found.values() for source in sources]


def _paths_of(argument: str, note: Callable[[str], None]) -> Iterator[tuple[Path, bool]]:
    """(path, whether it was named itself, and not found in a folder)."""
    if argument != PIPE and os.path.isdir(argument):  # noqa: PTH112
        yield from ((path, False) for path in _in_folder(Path(argument), note))
    elif argument == PIPE or os.path.lexists(argument) or not glob.has_magic(argument):
        yield Path(argument), True
    else:
        yield from ((Path(path), True) for path in _matches(argument))


def _matches(pattern: str) -> list[str]:
    """The files that fit a pattern which no shell has looked up; folders are not searched."""
    # Path.glob takes no pattern that begins at the root.
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    files = [path for path in found if not os.path.isdir(path)]  # noqa: PTH112
    if not files:
        hint = "Only folders do: name these themselves" if found else "Look at its folder"
        raise BadConfig(f"No file fits the pattern '{label_of(pattern)}'. {hint}.")
    return files


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


def _from_pipe(stack: ExitStack) -> Path:
    """What comes through the pipe, in a file: it may be longer than the memory has room for."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="urbansound-"))
    path = Path(folder) / "pipe"
    with open(path, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path
