"""What was heard as what: a heatmap of counts, and the worst of it in sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.labels import class_title
from urbansound.records import Scores
from urbansound.ui.charts import ink_on_bars, ink_on_squares, quiet, sequential_scale
from urbansound.ui.words import count_text, plain_title

WORST = 5
_CELL = "cell"

Cell = tuple[int, int]
"""A square by its numbers: (true class, heard class)."""


@dataclass(frozen=True)
class Clickable:
    """The square that is outlined, and what happens when another one with clips is clicked."""

    chosen: Cell
    choose: Callable[[Cell], None]


@dataclass(frozen=True)
class Mistake:
    """So many clips of one class were named another one."""

    n: int
    true: str
    heard: str

    @property
    def sentence(self) -> str:
        """ "28 clips of engine idling were heard as air conditioner." """
        return self._told(class_title(self.true), class_title(self.heard))

    @property
    def markdown(self) -> str:
        """The sentence with both names in bold."""
        return self._told(f"**{plain_title(self.true)}**", f"**{plain_title(self.heard)}**")

    def _told(self, true: str, heard: str) -> str:
        verb = "was" if self.n == 1 else "were"
        return f"{count_text(self.n, 'clip')} of {true} {verb} heard as {heard}."


def worst_mistakes(scores: Scores, n: int = WORST) -> list[Mistake]:
    """The most frequent mistakes, worst first."""
    names = [score.name for score in scores.per_class]
    mistakes = [
        Mistake(count, names[true], names[heard])
        for true, row in enumerate(scores.confusion)
        for heard, count in enumerate(row)
        if count and true != heard
    ]
    return sorted(mistakes, key=lambda mistake: -mistake.n)[:n]


def confusion_frame(scores: Scores) -> pd.DataFrame:
    """Columns true, heard, clips, percent (of the true class), row, column: one line a cell."""
    names = [class_title(score.name) for score in scores.per_class]
    return pd.DataFrame(
        [
            (names[true], names[heard], count, 100 * count / max(sum(row), 1), true, heard)
            for true, row in enumerate(scores.confusion)
            for heard, count in enumerate(row)
        ],
        columns=["true", "heard", "clips", "percent", "row", "column"],
    )


def cells_of(scores: Scores) -> list[Cell]:
    """The squares that hold clips, as (true, heard): mistakes first, each kind fullest first."""
    cells = [
        (true, heard)
        for true, row in enumerate(scores.confusion)
        for heard, count in enumerate(row)
        if count
    ]
    return sorted(cells, key=lambda cell: (cell[0] == cell[1], -_count(scores, cell)))


def _count(scores: Scores, cell: Cell) -> int:
    return scores.confusion[cell[0]][cell[1]]


def cell_text(scores: Scores, cell: Cell) -> str:
    """What a square holds, in plain text: "28 clips of engine idling heard as air conditioner"."""
    names = [class_title(score.name) for score in scores.per_class]
    clips = f"{count_text(_count(scores, cell), 'clip')} of {names[cell[0]]}"
    is_right = cell[0] == cell[1]
    return f"{clips}, rightly named" if is_right else f"{clips} heard as {names[cell[1]]}"


def draw_confusion(
    scores: Scores, key: str, *, in_percent: bool = False, clickable: Clickable | None = None
) -> None:
    """The heatmap: rows are what it was, columns what was heard."""
    worst = worst_mistakes(scores, 1)
    most = worst[0].sentence if worst else "No clip was named wrongly."
    frame = confusion_frame(scores)
    if clickable is None:
        chart = _heatmap(frame, in_percent=in_percent)
        st.altair_chart(chart, key=key, alt=f"What was heard. {most}")
        return
    true, heard = clickable.chosen
    frame["is_chosen"] = (frame["row"] == true) & (frame["column"] == heard)
    st.altair_chart(
        _heatmap(frame, in_percent=in_percent),
        key=key,
        alt=f"What was heard. {most} Click a square to hear its clips.",
        on_select=lambda: _hand_over(scores, key, clickable.choose),
        selection_mode=_CELL,
    )


def _hand_over(scores: Scores, key: str, choose: Callable[[Cell], None]) -> None:
    """The clicked square, unless it is empty or was let go of."""
    points = st.session_state[key]["selection"][_CELL]
    if points:
        cell = (int(points[0]["row"]), int(points[0]["column"]))
        if _count(scores, cell):
            choose(cell)


def _heatmap(frame: pd.DataFrame, *, in_percent: bool) -> Any:
    axis: dict[str, Any] = {"labelOverlap": False, "labelLimit": 160}
    x = alt.X("heard:N", title="heard as", sort=None, axis=alt.Axis(labelAngle=-45, **axis))
    y = alt.Y("true:N", title=None, sort=None, axis=alt.Axis(**axis))
    tooltip = [
        alt.Tooltip("true", title="was"),
        alt.Tooltip("heard", title="heard as"),
        alt.Tooltip("clips", title="clips"),
        alt.Tooltip("share:N", title="of this sound"),
    ]
    base = (
        alt.Chart(frame)
        .encode(x=x, y=y, tooltip=tooltip)
        .transform_calculate(
            share="format(datum.percent, '.1f') + ' %'",
            number="datum.percent < 0.5 ? '<1' : format(datum.percent, '.0f')"
            if in_percent
            else "datum.clips",
        )
    )
    cell = alt.selection_point(name=_CELL, fields=["row", "column"], empty=False)
    color = alt.Color("percent:Q", legend=None, scale=sequential_scale(domain=[0, 100]))
    outline = alt.condition("datum.is_chosen", alt.value(ink_on_bars()), alt.value("transparent"))
    squares = base.mark_rect(cornerRadius=3, strokeWidth=3, cursor="pointer").encode(
        color=color, stroke=outline
    )
    numbers = base.transform_filter("datum.clips > 0").mark_text(fontSize=12, cursor="pointer")
    number = numbers.encode(text="number:N", color=ink_on_squares("datum.percent > 50"))
    chart = squares.add_params(cell) + number
    return quiet(chart.properties(height=32 * frame["true"].nunique() + 110))
