"""What was heard as what: a heatmap of counts, and the worst of it in sentences."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.labels import class_title
from urbansound.records import Scores
from urbansound.ui.charts import ink_on_squares, quiet, sequential_scale
from urbansound.ui.words import count_text, plain_title

WORST = 5


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
    """Columns true, heard, clips, percent (of the true class): a row for every cell."""
    names = [class_title(score.name) for score in scores.per_class]
    return pd.DataFrame(
        [
            (names[true], names[heard], count, 100 * count / max(sum(row), 1))
            for true, row in enumerate(scores.confusion)
            for heard, count in enumerate(row)
        ],
        columns=["true", "heard", "clips", "percent"],
    )


def draw_confusion(scores: Scores, key: str) -> None:
    """The heatmap: rows are what it was, columns what was heard."""
    worst = worst_mistakes(scores, 1)
    most = worst[0].sentence if worst else "No clip was named wrongly."
    st.altair_chart(_heatmap(confusion_frame(scores)), key=key, alt=f"What was heard. {most}")


def _heatmap(frame: pd.DataFrame) -> Any:
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
        .transform_calculate(share="format(datum.percent, '.1f') + ' %'")
    )
    color = alt.Color("percent:Q", legend=None, scale=sequential_scale(domain=[0, 100]))
    numbers = base.transform_filter("datum.clips > 0").mark_text(fontSize=12)
    squares = base.mark_rect(cornerRadius=3).encode(color=color)
    number = numbers.encode(text="clips:Q", color=ink_on_squares("datum.percent > 50"))
    return quiet((squares + number).properties(height=32 * frame["true"].nunique() + 110))
