"""The names in an archive: which of them mean the same plain place on every system."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_DEPTH = 16
# Windows takes these for devices, whatever comes behind a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class MemberNames:
    """Names of one archive's members, all of which must lie below the folder `top`."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._spelled: dict[str, str] = {}

    def find_fault(self, text: str, *, is_folder: bool) -> str:
        """What is wrong with this name after those seen before, to be said of it; "" if nothing."""
        name = PurePosixPath(text)
        is_odd = not text.isprintable() or any(mark in text for mark in "\\:")
        if is_odd or name.is_absolute() or ".." in name.parts:
            return "does not have a plain relative name"
        if name.parts[:1] != (self._top,) and name.parts:
            return f"lies outside the folder '{self._top}'"
        if not is_folder and len(name.parts) < 2:
            return f"takes the place of the folder '{self._top}'"
        if len(name.parts) > MAX_DEPTH:
            return f"lies in more than {MAX_DEPTH} folders"
        if any(part.endswith((".", " ")) or _DEVICE.fullmatch(part) for part in name.parts):
            return "has a name that means something else on Windows"
        return self._find_clash(name)

    def _find_clash(self, name: PurePosixPath) -> str:
        """One place under two spellings, where capitals or composed letters are not told apart."""
        for place in (name, *name.parents):
            known = self._spelled.setdefault(_key(place), str(place))
            if known != str(place):
                return f"differs from '{known}' in its spelling only"
        return ""


def _key(place: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", str(place)).casefold()
