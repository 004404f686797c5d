"""Named lists of clips that neither train nor validate: outputs/exclusions/NAME.json."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from urbansound.errors import BadConfig, UrbanSoundError
from urbansound.files import read_json, write_json
from urbansound.records import DatasetIndex, Exclusions, from_json, to_json
from urbansound.sole_use import sole_writer

OWN_LIST = "my exclusions"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,58}[A-Za-z0-9_-])?")


def list_exclusions(outputs: Path) -> list[Exclusions]:
    """Every list that can be read, by name."""
    lists = []
    for path in sorted(_folder(outputs).glob("*.json")):
        try:
            lists.append(_read(path))
        except UrbanSoundError:
            continue
    return lists


def find_exclusions(outputs: Path, name: str) -> Exclusions:
    """The list of this name; BadConfig where there is none that can be read."""
    path = _path(outputs, name)
    if not path.exists():
        names = ", ".join(f"'{found.name}'" for found in list_exclusions(outputs)) or "none yet"
        raise BadConfig(f"There is no list '{name}' of excluded clips. There is: {names}.")
    return _read(path)


def excluded_clips(outputs: Path, name: str) -> tuple[str, ...]:
    """The clips on the list of this name, none where there is no such list yet.

    BadConfig where the name cannot be one or the list cannot be read.
    """
    return find_exclusions(outputs, name).clips if _path(outputs, name).exists() else ()


def exclude(outputs: Path, name: str, *clips: str) -> Exclusions:
    """The list with these clips in it, kept; it is made where there was none."""
    return _change(outputs, name, lambda known: known.union(clips))


def keep(outputs: Path, name: str, *clips: str) -> Exclusions:
    """The list without these clips, kept."""
    return _change(outputs, name, lambda known: known.difference(clips))


def find_clip(index: DatasetIndex, name: str) -> str:
    """The path of the dataset's clip of this path or file name.

    BadConfig where there is no such clip, several of this file name, or no sound by which
    clips are named.
    """
    found = _match([clip.path for clip in index.clips if clip.path], name)
    if found is None:
        what = f"no clip '{name}'" if index.has_audio else "no sound, and so no clips by name"
        raise BadConfig(
            f"'{index.name}' has {what}. Give a file's name or path, as 'check' shows it"
            + (f": {index.clips[0].path}." if index.has_audio else ".")
        )
    return found


def find_excluded(exclusions: Exclusions, name: str) -> str:
    """The path of the list's clip of this path or file name; BadConfig where it has none."""
    found = _match(exclusions.clips, name)
    if found is None:
        raise BadConfig(f"'{name}' is not on the list '{exclusions.name}'.")
    return found


def _match(paths: Collection[str], name: str) -> str | None:
    """The one of these paths; BadConfig where several end in this file name."""
    wanted = name.replace("\\", "/")
    if wanted in paths:
        return wanted
    found = [path for path in paths if wanted == path.rsplit("/", 1)[-1]]
    if len(found) > 1:
        raise BadConfig(
            f"'{name}' is the name of {len(found):,} clips: '{found[0]}', '{found[1]}'"
            f"{', …' if len(found) > 2 else ''}. Give the path of one."
        )
    return found[0] if found else None


def _change(
    outputs: Path, name: str, change: Callable[[frozenset[str]], frozenset[str]]
) -> Exclusions:
    path = _path(outputs, name)
    # Two writers in turn: each reads the list before it changes it.
    with sole_writer(_folder(outputs) / "exclusions.lock"):
        known = frozenset(_read(path).clips) if path.exists() else frozenset()
        changed = Exclusions(name, tuple(sorted(change(known))))
        write_json(path, to_json(changed))
    return changed


def _read(path: Path) -> Exclusions:
    """The list at `path`, by the name of its file: it may have been renamed."""
    data = read_json(path, lambda reason: BadConfig(f"{reason}. Delete it, or mend it."))
    return replace(from_json(Exclusions, data), name=path.stem)


def _path(outputs: Path, name: str) -> Path:
    if _NAME.fullmatch(name) is None:
        raise BadConfig(
            f"'{name}' cannot name a list. Use up to 60 letters, digits, blanks, - and _."
        )
    return _folder(outputs) / f"{name}.json"


def _folder(outputs: Path) -> Path:
    return outputs / "exclusions"
