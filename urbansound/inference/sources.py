"""Sounds that are to be heard: a file, bytes that were uploaded, each of those in a zip."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from urbansound.audio.archive import Archive, is_archive, label_of
from urbansound.errors import BadAudio
from urbansound.inference.answer import Source


def sources_of(
    sound: bytes | Path, name: str, stack: ExitStack, *, is_alone: bool = False
) -> list[Source]:
    """The sound, or where it is a zip those in it, which stays open until the stack is closed.

    They are called "zip/member", or "member" with `is_alone`. A zip that is refused is one
    source that says so.
    """
    if not is_archive(sound):
        return [source_of(sound, name)]
    try:
        archive = stack.enter_context(Archive(sound, label_of(name)))
    except BadAudio as error:
        return [Source(name, partial(_refuse, error))]
    folder = "" if is_alone else f"{name}/"
    return [Source(f"{folder}{member.name}", member.open) for member in archive.members]


def source_of(sound: bytes | Path, name: str) -> Source:
    """One sound, whatever it looks like."""
    if isinstance(sound, bytes):
        return Source(name, partial(_bytes, sound))
    return Source(name, partial(_existing, sound))


def _bytes(sound: bytes) -> AbstractContextManager[bytes | Path]:
    return nullcontext(sound)


@contextmanager
def _existing(path: Path) -> Iterator[bytes | Path]:
    name = label_of(str(path))
    if not path.exists():
        raise BadAudio(f"There is no file '{name}'. Check its name and folder.", "missing")
    if not path.is_file():
        raise BadAudio(f"'{name}' is no file. Give a sound file or a folder.", "not_sound")
    if not os.access(path, os.R_OK):
        raise BadAudio(f"'{name}' may not be read. Change its rights.", "missing")
    yield path


def _refuse(error: BadAudio) -> AbstractContextManager[bytes | Path]:
    raise error
