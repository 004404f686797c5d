"""The map as the browser draws it: all clips of a layout on a canvas, sent once.

The clips' places and facts travel as one file that the browser fetches and keeps; what
changes with a choice of colour or a click is a few words. Drawn by static/map.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit import runtime

from urbansound.labels import class_style
from urbansound.records import DatasetIndex

_STATIC = Path(__file__).parents[1] / "static" / "map"
_SCRIPTS = (
    "plane.js",
    "clips.js",
    "dots.js",
    "paints.js",
    "legend.js",
    "overlay.js",
    "tip.js",
    "hand.js",
    "map.js",
)
FULL = 65_535
"""Places are whole numbers from 0 to this, in both directions, y downwards."""
NOT_TESTED, RIGHT, WRONG = 0, 1, 2
_MOST_CORNERS = 1_000

Polygon = list[list[float]]


def _read(*names: str) -> str:
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


_mount = st.components.v2.component(
    "urbansound_map", html=_read("map.html"), css=_read("map.css"), js=_read(*_SCRIPTS)
)


@dataclass(frozen=True, eq=False)
class Places:
    """The clips of a layout, row by row, as the map shows them.

    `numbers` int64 [n], rising, say which clip of the index each is; `xy` uint16 [n, 2] are
    from 0 to FULL, y downwards; `class_ids`, `folds` int64 [n]; `recordings` int64 [n] is -1
    where unknown; `is_loud` bool [n].
    """

    numbers: NDArray[np.int64]
    xy: NDArray[np.uint16]
    class_ids: NDArray[np.int64]
    folds: NDArray[np.int64]
    recordings: NDArray[np.int64]
    is_loud: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.numbers)

    def packed(self) -> bytes:
        """All of it as static/map/clips.js unpacks it: little-endian, 23 bytes a clip."""
        parts = (
            self.recordings.astype("<f8"),
            self.numbers.astype("<i4"),
            self.folds.astype("<i4"),
            self.xy.astype("<u2"),
            self.class_ids.astype("<u2"),
            self.is_loud.astype("u1"),
        )
        return b"".join(part.tobytes() for part in parts)


@dataclass(frozen=True, eq=False)
class Answers:
    """What a run said of each row of the map.

    heard int64 [n] are classes; states uint8 [n] are NOT_TESTED, RIGHT or WRONG.
    """

    heard: NDArray[np.int64]
    states: NDArray[np.uint8]

    def packed(self) -> bytes:
        """As static/map/map.js unpacks it."""
        return self.heard.astype("<u2").tobytes() + self.states.astype("u1").tobytes()


def to_places(positions: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Positions float32 [n, 2] in the square from -1 to 1, y upwards, as the map counts."""
    upright = positions.astype(np.float64) * (1, -1)
    return np.round((upright + 1) / 2 * FULL).clip(0, FULL).astype(np.uint16)


def served(data: bytes, place: str) -> str:
    """An address at which this session's browser fetches the bytes; the same for the same bytes.

    `place` names the element, so that what it showed before is let go.
    """
    kind = "application/octet-stream"
    if not runtime.exists():
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return runtime.get_instance().media_file_mgr.add(data, kind, f"map-{place}")


@dataclass(frozen=True, eq=False)
class MapState:
    """What the map shows: addresses of packed Places and Answers, how it is coloured, and what
    is chosen. `sound` is the address under which "/<clip number>.wav" is served, None for a
    dataset that cannot be heard.
    """

    address: str
    n: int
    color_by: str
    sound: str | None = None
    answers: str | None = None
    chosen: int | None = None
    lasso: Polygon | None = None


def draw_map(
    state: MapState,
    index: DatasetIndex,
    *,
    key: str,
    on_chosen: Callable[[], None],
    on_lasso: Callable[[], None],
) -> None:
    """Put the map on the page.

    `on_chosen` and `on_lasso` run before the page does: read `st.session_state[key].chosen`, a
    clip's number, and `.lasso`, {"address", "polygon"}, by `parse_number` and `parse_polygon`.
    """
    styles = [class_style(name, number) for number, name in enumerate(index.class_names)]
    payload = {
        "layout": {"address": state.address, "n": state.n},
        "answers": None if state.answers is None else {"address": state.answers},
        "classes": [{"title": one.title, "icon": one.icon, "color": one.color} for one in styles],
        "folds": list(index.folds),
        "color_by": state.color_by,
        "sound": state.sound,
        "chosen": state.chosen,
        "lasso": state.lasso,
    }
    _mount(data=payload, key=key, on_chosen_change=on_chosen, on_lasso_change=on_lasso)


def parse_number(payload: object, places: Places) -> int | None:
    """The clip that a browser says was chosen; None where it is none of the map."""
    if not isinstance(payload, int) or isinstance(payload, bool):
        return None
    row = int(np.searchsorted(places.numbers, payload)) if abs(payload) < 2**62 else 0
    is_here = row < len(places) and int(places.numbers[row]) == payload
    return payload if is_here else None


def parse_polygon(payload: object) -> Polygon | None:
    """The corners that a browser says were drawn; None where it says anything else."""
    if not isinstance(payload, list) or not 3 <= len(payload) <= _MOST_CORNERS:
        return None
    corners = [_corner(corner) for corner in payload]
    return None if None in corners else [corner for corner in corners if corner is not None]


def _corner(payload: object) -> list[float] | None:
    if not isinstance(payload, list) or len(payload) != 2:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in payload):
        return None
    values = [float(part) for part in payload]
    # The canvas reaches a little beyond the places.
    return values if all(abs(value) < 100 * FULL for value in values) else None


def rows_inside(xy: NDArray[np.uint16], polygon: Polygon) -> NDArray[np.int64]:
    """The rows of xy [n, 2] inside the polygon, by the even-odd rule, as the browser counts."""
    x, y = xy[:, 0].astype(np.float64), xy[:, 1].astype(np.float64)
    is_inside = np.zeros(len(xy), bool)
    x1, y1 = polygon[-1]
    for x2, y2 in polygon:
        rows = np.flatnonzero((y1 > y) != (y2 > y))
        if len(rows):
            is_inside[rows] ^= x[rows] < (x2 - x1) * (y[rows] - y1) / (y2 - y1) + x1
        x1, y1 = x2, y2
    return np.flatnonzero(is_inside)
