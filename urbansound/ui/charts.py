"""Altair charts in the app's look: the same class colours and the same ink everywhere."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from urbansound.ui.theme import INK, SEQUENTIAL, TEXT_INK, mode

Floats = NDArray[np.float32]


def sequential_scale(**settings: Any) -> alt.Scale:
    """An Altair scale from few to many in the present look."""
    return alt.Scale(range=list(SEQUENTIAL[mode()]), interpolate="lab", **settings)


def ink_on_squares(has_many: str) -> Any:
    """Colour of a number on its square; `has_many` is Vega's test for the scale's upper half."""
    on_few, on_many = ("#111822", "#ffffff") if mode() == "light" else ("#e8edf2", "#0f1419")
    return alt.condition(has_many, alt.value(on_many), alt.value(on_few))


def ink_on_bars() -> str:
    """Colour of a number on a half-transparent bar: the text's own."""
    return {"light": "#111822", "dark": "#e8edf2"}[mode()]


def quiet(chart: Any) -> Any:
    """The chart in the app's look: no frame, faint grid, 12 px labels in plot ink.

    Who does not see it hears the sentence beside it: its marks carry no names of their own.
    """
    ink = TEXT_INK[mode()]
    return (
        chart.configure(background="transparent")
        .configure_mark(aria=False)
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelColor=ink,
            titleColor=ink,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=INK,
            gridOpacity=0.18,
            domain=False,
            ticks=False,
        )
        .configure_legend(labelColor=ink, titleColor=ink, labelFontSize=12)
    )


def means_chart(means: Floats, low: Floats, high: Floats, color: str) -> Any:
    """The 40 numbers that the MLPs see, in standard deviations from the average clip.

    `low` and `high` bound the grey band in which 8 of 10 clips of the class lie. All are [n].
    """
    rows = pd.DataFrame({"number": range(1, len(means) + 1), "value": means})
    rows["low"], rows["high"] = low, high
    reach = max(3.0, float(np.abs(means).max(initial=0.0)))
    ticks = [1, *range(10, len(means) + 1, 10)]
    x = alt.X("number:O", title="number", axis=alt.Axis(values=ticks, labelAngle=0, grid=False))
    scale = alt.Scale(domain=[-reach, reach], nice=True)
    base = alt.Chart(rows).encode(x=x, tooltip=["number", alt.Tooltip("value", format="+.2f")])
    band = base.mark_bar(color=INK, opacity=0.28).encode(
        y=alt.Y("low:Q", title="std. deviations", scale=scale), y2="high:Q"
    )
    bars = base.mark_bar(color=color, width={"band": 0.45}).encode(y=alt.Y("value:Q", scale=scale))
    return quiet((band + bars).properties(height=240))
