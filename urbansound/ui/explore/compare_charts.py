"""Charts of two classes or clips over one another: their spectra, and what separates them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.evaluation.separation import Difference
from urbansound.features.average_spectrum import AverageSpectrum
from urbansound.labels import SoundClass
from urbansound.ui.charts import quiet
from urbansound.ui.explore.compare_words import LOWEST_HZ
from urbansound.ui.theme import INK
from urbansound.ui.words import plain

HEIGHT = 300
TICKS_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
_RANGE_HZ = (LOWEST_HZ, 11_025)
_DASHES = ([1, 0], [7, 4])
_BAR_PX = 34
_ALIKE = 60


@dataclass(frozen=True, eq=False)
class Side:
    """One of two things compared: its name, its colour and icon, and its spectrum."""

    title: str
    style: SoundClass
    spectrum: AverageSpectrum


def colors_of(one: SoundClass, other: SoundClass) -> tuple[str, str]:
    """Their colours; where these are nearly one, the other in plot ink."""
    return one.color, INK if _distance(one.color, other.color) < _ALIKE else other.color


def _distance(one: str, other: str) -> float:
    """How far apart two colours "#rrggbb" are, 0 to 442."""
    parts = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (one, other)]
    return math.dist(*parts)


def legend(one: Side, other: Side) -> None:
    """Which line is whose, as Markdown with the line's kind in words."""
    colors = colors_of(one.style, other.style)
    with st.container(horizontal=True, gap="medium"):
        for side, color, kind in zip((one, other), colors, ("solid", "dashed"), strict=True):
            _key(side.title, color, kind)


def _key(title: str, color: str, kind: str) -> None:
    line = (
        '<span aria-hidden="true" style="display:inline-block;width:34px;vertical-align:middle;'
        f'border-top:3px {kind} {color}"></span>'
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
        st.html(line, width="content")
        st.markdown(f"{plain(title)} :small[:gray[{kind} line]]", width="content")


def spectra_chart(one: Side, other: Side) -> Any:
    """Both spectra in dB over pitch, with the band where 8 of 10 clips of each lie."""
    colors = colors_of(one.style, other.style)
    layers = []
    for number, (side, color) in enumerate(zip((one, other), colors, strict=True)):
        base = alt.Chart(_frame(side.spectrum)).encode(x=_pitch_axis())
        if side.spectrum.n > 1:
            band = base.mark_area(color=color, opacity=0.09)
            layers.append(band.encode(y=_level("low"), y2="high:Q"))
            edge = base.mark_line(
                color=color, strokeWidth=1, strokeDash=_DASHES[number], opacity=0.6
            )
            layers += [edge.encode(y=_level(name)) for name in ("low", "high")]
        line = base.mark_line(color=color, strokeWidth=2.5, strokeDash=_DASHES[number])
        layers.append(line.encode(y=_level("mean"), tooltip=_tooltip(side)))
    return quiet(alt.layer(*layers).properties(height=HEIGHT))


def _frame(spectrum: AverageSpectrum) -> pd.DataFrame:
    columns = {
        "hz": spectrum.pitches_hz,
        "mean": spectrum.mean_db,
        "low": spectrum.low_db,
        "high": spectrum.high_db,
    }
    frame = pd.DataFrame({name: values.astype(float) for name, values in columns.items()})
    return frame[frame["hz"] >= _RANGE_HZ[0]].round(2)


def _pitch_axis() -> Any:
    axis = alt.Axis(values=list(TICKS_HZ), format="d", labelOverlap=True)
    scale = alt.Scale(type="log", domain=list(_RANGE_HZ), nice=False)
    return alt.X("hz:Q", title="pitch (Hz)", scale=scale, axis=axis)


def _level(name: str) -> Any:
    return alt.Y(f"{name}:Q", title="level (dB)", scale=alt.Scale(zero=False, nice=True))


def _tooltip(side: Side) -> list[Any]:
    return [
        alt.Tooltip("hz:Q", title="Hz", format=".0f"),
        alt.Tooltip("mean:Q", title=side.title, format=".1f"),
    ]


def difference_chart(differences: Sequence[Difference], one: Side, other: Side) -> Any:
    """A bar for each number: how far apart, in deviations, in the colour of who is higher."""
    colors = colors_of(one.style, other.style)
    frame = pd.DataFrame(
        {
            "name": [f"MFCC {found.number + 1}" for found in differences],
            "effect": [found.effect for found in differences],
            "higher": [one.title if found.effect > 0 else other.title for found in differences],
            "color": [colors[0] if found.effect > 0 else colors[1] for found in differences],
        }
    )
    reach = max(1.0, float(frame["effect"].abs().max()))
    scale = alt.Scale(domain=[-reach, reach], nice=True)
    x = alt.X("effect:Q", title="Cohen's d", scale=scale, axis=alt.Axis(tickCount=5))
    bars = alt.Chart(frame).mark_bar(cornerRadius=3, height={"band": 0.6})
    bars = bars.encode(
        x=x,
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(grid=False)),
        color=alt.Color("color:N", scale=None),
        tooltip=["name", "higher", alt.Tooltip("effect:Q", title="d", format="+.2f")],
    )
    return quiet(bars.properties(height=_BAR_PX * len(frame) + 40))
