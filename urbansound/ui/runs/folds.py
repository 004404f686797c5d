"""A cross-validation fold by fold, and how far its mean can be trusted."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.evaluation.intervals import confidence_interval, mean_and_deviation
from urbansound.records import FoldScores
from urbansound.ui.charts import ink_on_bars, quiet
from urbansound.ui.frame import quiet_line
from urbansound.ui.runs.inside import Inside
from urbansound.ui.runs.table import table_height
from urbansound.ui.theme import INK, VALIDATION, mode
from urbansound.ui.words import count_text, folds_text, score_text


def show_folds(inside: Inside) -> None:
    """The folds of a cross-validation: their mean and interval, a chart and a table."""
    st.header("Fold by fold", anchor=False)
    st.markdown(f":small[{inside.chips}]")
    folds = inside.card.folds
    st.markdown(f"{folds_sentence(folds)} {_together(inside)}")
    chart = folds_chart(folds, 1 / len(inside.class_names))
    st.altair_chart(chart, key="runs_folds", alt=folds_sentence(folds))
    quiet_line("The line is the mean, the band its 95 % interval; dashed is guessing.")
    _table(folds)


def _together(inside: Inside) -> str:
    test = inside.card.test
    return "" if test is None else f"All clips together: {score_text(test.accuracy)}."


def folds_sentence(folds: Sequence[FoldScores]) -> str:
    """The mean, its interval, and the spread, in words."""
    values = [fold.scores.accuracy for fold in folds]
    mean, deviation = mean_and_deviation(values)
    tested = f"over {count_text(len(folds), 'fold')}, each tested once"
    interval = confidence_interval(values)
    if interval is None:
        return f"**{score_text(mean)}** right {tested}."
    low, high = max(interval[0], 0.0), min(interval[1], 1.0)
    return (
        f"**{score_text(mean)}** right in the mean {tested}; 95 % interval of the mean "
        f"{score_text(low)} to {score_text(high)}. Folds differ by {score_text(deviation)} "
        "(standard deviation)."
    )


def folds_chart(folds: Sequence[FoldScores], guessing: float) -> Any:
    """A bar a fold; the line is the mean, the band its 95 % interval, dashed is guessing."""
    frame = pd.DataFrame(
        [
            (
                f"{fold.fold}",
                100 * fold.scores.accuracy,
                fold.scores.n,
                f"{100 * fold.scores.accuracy:.0f} %",
            )
            for fold in folds
        ],
        columns=["fold", "right", "clips", "label"],
    )
    scale = alt.Scale(domain=[0, 100], nice=False)
    axis = alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.label + ' %'")
    y = alt.Y("right:Q", title=None, scale=scale, axis=axis)
    x = alt.X("fold:N", title="fold tested", sort=None, axis=alt.Axis(labelAngle=0))
    color = VALIDATION[mode()]
    tooltip = [
        alt.Tooltip("fold"),
        alt.Tooltip("right", format=".1f", title="right, %"),
        alt.Tooltip("clips"),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=tooltip)
    bars = base.mark_bar(color=color, opacity=0.55, cornerRadiusEnd=3, width={"band": 0.75})
    numbers = base.mark_text(dy=-12, fontSize=12, color=ink_on_bars()).encode(
        y=alt.datum(0), text="label:N"
    )
    layers = [*_band(folds), bars, *_rules(folds, guessing), numbers]
    return quiet(alt.layer(*layers).properties(height=260))


def _band(folds: Sequence[FoldScores]) -> list[Any]:
    interval = confidence_interval([fold.scores.accuracy for fold in folds])
    if interval is None:
        return []
    low, high = 100 * max(interval[0], 0.0), 100 * min(interval[1], 1.0)
    area = alt.Chart(pd.DataFrame({"right": [low], "high": [high]})).mark_rect(
        color=INK, opacity=0.22
    )
    return [area.encode(y="right:Q", y2="high:Q")]


def _rules(folds: Sequence[FoldScores], guessing: float) -> list[Any]:
    mean, _ = mean_and_deviation([fold.scores.accuracy for fold in folds])
    lines = ((mean, [1, 0]), (guessing, [5, 4]))
    return [
        alt.Chart(pd.DataFrame({"right": [100 * value]}))
        .mark_rule(color=INK, strokeWidth=1.5, strokeDash=dash)
        .encode(y="right:Q")
        for value, dash in lines
    ]


def _table(folds: Sequence[FoldScores]) -> None:
    config, percent = st.column_config, "%.1f %%"
    st.dataframe(
        fold_frame(folds),
        hide_index=True,
        height=table_height(len(folds)),
        key="runs_fold_table",
        column_config={
            "fold": config.NumberColumn("Tested", format="fold %d", width="small"),
            "validated": config.TextColumn("Validated on"),
            "right": config.NumberColumn("Right", format=percent),
            "f1": config.NumberColumn("Macro F1", format=percent),
            "loss": config.NumberColumn("Loss", format="%.3f"),
            "clips": config.NumberColumn("Clips"),
            "recordings": config.NumberColumn("Recordings"),
        },
        alt="Every fold with its scores and what they were taken on",
    )


def fold_frame(folds: Sequence[FoldScores]) -> pd.DataFrame:
    """One line a fold: what validated it, its scores, how many clips and recordings."""
    return pd.DataFrame(
        [
            (
                fold.fold,
                folds_text(fold.validation_folds) if fold.validation_folds else "no fold",
                100 * fold.scores.accuracy,
                100 * fold.scores.macro_f1,
                fold.scores.loss,
                fold.scores.n,
                fold.scores.n_recordings,
            )
            for fold in folds
        ],
        columns=["fold", "validated", "right", "f1", "loss", "clips", "recordings"],
    )
