"""Bars that are filters: a click on one names what it stands for."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from urbansound.ui.charts import quiet
from urbansound.ui.explore.balance_counts import Balance, Counts
from urbansound.ui.theme import INK, VALIDATION, mode

PICK = "pick"
_ROW_PX, _AXIS_PX, _LEGEND_PX = 26, 46, 44
_SHADES = (1.0, 0.62, 0.32)


def class_bars(balance: Balance, counts: Counts, title: str) -> Any:
    """One bar a class in its colour; a click picks the class."""
    rows = pd.DataFrame({"name": balance.names, "sound": balance.titles, "n": counts})
    bars = alt.Chart(rows).mark_bar(cornerRadius=3, cursor="pointer")
    return _drawn(
        bars.encode(
            x=alt.X("n:Q", title=title, axis=alt.Axis(tickMinStep=1)),
            y=_sounds(balance),
            color=_colors(balance),
            tooltip=[alt.Tooltip("sound", title="Sound"), alt.Tooltip("n", title=title)],
        ),
        ["name"],
        len(rows),
    )


def stacked_bars(balance: Balance, counts: Counts, parts: Sequence[str], title: str) -> Any:
    """One bar a class with its parts in shades of its colour; a click picks class and part.

    counts is [classes, parts].
    """
    rows = pd.DataFrame(
        [
            {"name": name, "sound": sound, "part": part, "n": int(n), "place": place}
            for name, sound, of_class in zip(balance.names, balance.titles, counts, strict=True)
            for place, (part, n) in enumerate(zip(parts, of_class, strict=True))
        ]
    )
    shades = alt.Scale(domain=list(parts), range=list(_SHADES[: len(parts)]))
    bars = alt.Chart(rows).mark_bar(cornerRadius=2, cursor="pointer")
    return _drawn(
        bars.encode(
            x=alt.X("n:Q", title=title, axis=alt.Axis(tickMinStep=1)),
            y=_sounds(balance),
            color=_colors(balance),
            opacity=alt.Opacity(
                "part:N",
                scale=shades,
                sort=list(parts),
                legend=alt.Legend(
                    title=None, orient="top", symbolFillColor=INK, symbolType="square"
                ),
            ),
            order="place:Q",
            tooltip=[alt.Tooltip(field, title=words) for field, words in _SAID],
        ),
        ["name", "part"],
        len(balance.names),
    )


_SAID = (("sound", "Sound"), ("part", "Which"), ("n", "Clips"))


def plain_bars(labels: Sequence[str], values: Sequence[int], counts: Sequence[int]) -> Any:
    """One bar a value; a click picks the value."""
    rows = pd.DataFrame({"value": list(values), "label": list(labels), "n": list(counts)})
    bars = alt.Chart(rows).mark_bar(cornerRadius=3, cursor="pointer", color=VALIDATION[mode()])
    return _drawn(
        bars.encode(
            x=alt.X("n:Q", title="clips", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("label:N", title=None, sort=list(labels)),
            tooltip=[alt.Tooltip("label", title="Sample rate"), alt.Tooltip("n", title="Clips")],
        ),
        ["value"],
        len(rows),
    )


def picked(key: str) -> dict[str, Any]:
    """What was clicked on in the chart of this key, by field; empty for nothing."""
    chosen = st.session_state[key].selection.get(PICK) or [{}]
    return dict(chosen[0])


def shade(count: int, most: int, colors: Sequence[str]) -> str:
    """The background of a table's square: the more, the stronger."""
    place = (count / max(most, 1)) * (len(colors) - 1)
    low = min(int(place), len(colors) - 2)
    ends = [np.array(list(bytes.fromhex(color[1:]))) for color in colors[low : low + 2]]
    red, green, blue = np.rint(ends[0] + (ends[1] - ends[0]) * (place - low)).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _sounds(balance: Balance) -> Any:
    axis = alt.Axis(labelLimit=180, labelOverlap=False)
    return alt.Y("sound:N", title=None, sort=list(balance.titles), axis=axis)


def _colors(balance: Balance) -> Any:
    scale = alt.Scale(domain=list(balance.titles), range=list(balance.colors))
    return alt.Color("sound:N", scale=scale, legend=None)


def _drawn(chart: Any, fields: list[str], n_rows: int) -> Any:
    pick = alt.selection_point(name=PICK, fields=fields, toggle=False)
    legend_px = _LEGEND_PX if len(fields) > 1 else 0
    height = _ROW_PX * n_rows + _AXIS_PX + legend_px
    return quiet(chart.add_params(pick).properties(height=height))
