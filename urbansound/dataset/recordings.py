"""Which recording a sound file is of, where no table says so, and a number for each."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

# How file names of known collections say where their sound is from, by Freesound's numbers.
_NUMBERED = (
    re.compile(r"(\d+)-\d+-\d+-\d+"),  # UrbanSound8K: fsID-classID-occurrence-slice
    re.compile(r"\d+-(\d+)-[A-Z]-\d+"),  # ESC-50: fold-source-take-target
    re.compile(r"(\d+)__.+"),  # Freesound: id__user__name
)
_MOST_DIGITS = 9
# Made-up numbers have ten digits, so that they are never one of Freesound's.
_FIRST, _N = 10**9, 9 * 10**9


def source_of(file: str) -> str:
    """What recording a file "class/…" is of, as a text: a number, a folder or the file itself.

    A folder inside a class's folder is one recording.
    """
    path = PurePosixPath(file)
    if len(path.parts) > 2:
        return "/".join(path.parts[:2])
    for pattern in _NUMBERED:
        found = pattern.fullmatch(path.stem)
        if found is not None and len(found[1]) <= _MOST_DIGITS:
            return str(int(found[1]))
    return file


def number_recordings(sources: Iterable[str]) -> dict[str, int]:
    """A number for each source, no two the same: its own, or one made from its text.

    It stays the same when others come or go, but where two texts happen to make one number.
    """
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for source in sorted(set(sources)):
        number = int(source) if _is_number(source) else _made_up(source)
        while number in taken:
            number = _FIRST + (number + 1 - _FIRST) % _N
        taken.add(number)
        numbers[source] = number
    return numbers


def _is_number(source: str) -> bool:
    return source.isascii() and source.isdecimal() and len(source) <= _MOST_DIGITS


def _made_up(source: str) -> int:
    digest = hashlib.sha256(source.encode("utf-8", "backslashreplace")).digest()
    return _FIRST + int.from_bytes(digest[:8], "big") % _N
