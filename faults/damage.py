"""Ways to damage a file, and to edit a JSON value by hand."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from urbansound.files import digest_of

Damage = Callable[[Path], None]
_ODD: tuple[Any, ...] = (
    *(None, "", "x" * 50, "2020-01-01", "../../etc/passwd", True, [], {}, [1], ["a", "a"]),
    *({"a": 1}, -1, 0, 0.5, 2**63, 10**30, 1e308, -1e308, float("nan"), float("inf")),
)


def _take_away(path: Path) -> None:
    path.unlink()


def _cut_in_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _fill_with_nonsense(path: Path) -> None:
    path.write_bytes(b"\x00\xffnonsense\n" * 9)


def _put_folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Damage] = {
    "missing": _take_away,
    "cut in half": _cut_in_half,
    "empty": _empty,
    "nonsense": _fill_with_nonsense,
    "a folder": _put_folder_there,
}


def edited(value: Any, dice: random.Random) -> tuple[Any, str]:
    """The JSON value with one thing in it gone or odd, and which that is."""
    value = copy.deepcopy(value)
    at = dice.choice(list(_places(value)))
    parent = value
    for key in at[:-1]:
        parent = parent[key]
    name = ".".join(map(str, at))
    if dice.random() < 0.2:
        del parent[at[-1]]
        return value, f"{name} is gone"
    parent[at[-1]] = dice.choice(_ODD)
    return value, f"{name} is {parent[at[-1]]!r}"


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value[:3])
    for key, one in inner:
        yield from _places(one, (*at, key))


def edit_card(path: Path, dice: random.Random) -> str:
    """Edit a card by hand, half the time with a digest to match; what was edited."""
    card, what = edited(json.loads(path.read_bytes()), dice)
    if dice.random() < 0.5:
        what += ", digest made anew"
        card.pop("digest", None)
        try:
            card["digest"] = digest_of(card)
        except ValueError:
            what += " in vain"
    path.write_text(json.dumps(card))
    return what


def edit_lines(path: Path, dice: random.Random) -> str:
    """Take one line out of a file of JSON lines, or edit it; what was done."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    at = dice.randrange(len(lines))
    what = f"line {at + 1}, {lines[at]['event']}"
    if dice.random() < 0.4:
        del lines[at]
        what += ", is gone"
    else:
        lines[at], how = edited(lines[at], dice)
        what += f": {how}"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return what
