"""Whether a run is right as often as it says, and what "not sure" costs and brings."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from urbansound.evaluation.calibration import kept_share_and_precision
from urbansound.evaluation.reliability import Reliability, ReliabilityBin, measure_reliability
from urbansound.evaluation.slices import right_clips
from urbansound.records import ClipResults
from urbansound.ui.charts import ink_on_bars, quiet
from urbansound.ui.frame import quiet_line
from urbansound.ui.runs.inside import Inside
from urbansound.ui.runs.mistakes import NO_RESULTS
from urbansound.ui.theme import INK, VALIDATION, mode
from urbansound.ui.words import count_text, score_text

_HEIGHT = 280
_MOST_POINTS = 200
# A bin of fewer clips says more about luck than about the run.
_ENOUGH = 10
_GOOD = 95


def show_reliability(inside: Inside) -> None:
    """Two charts with a sentence each: confidence against truth, and precision against share."""
    st.header("How sure it may be", anchor=False)
    results = inside.results
    if results is None:
        quiet_line(NO_RESULTS)
        return
    st.markdown(f":small[{inside.chips}]")
    measured = measure_reliability(results.probabilities, results.labels)
    threshold = inside.card.calibration.threshold
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Said and true**")
        chart = reliability_chart(measured)
        st.altair_chart(chart, key="runs_reliability", alt=reliability_sentence(measured))
        st.markdown(reliability_sentence(measured))
        st.markdown(error_sentence(measured))
        quiet_line("The number on a bar says how many clips it stands for.")
    with right:
        st.markdown("**Answers kept and right**")
        chart = kept_chart(results, threshold)
        st.altair_chart(chart, key="runs_kept", alt=kept_sentence(results, threshold))
        st.markdown(kept_sentence(results, threshold))


def reliability_sentence(measured: Reliability) -> str:
    """The most telling bins in words: "When it says 80 %, it is right 74 % of the time."."""
    telling = _telling(measured)
    if not telling:
        return "There are too few clips to say how often it is right when it is sure."
    parts = [
        f"When it says {100 * (part.confidence or 0):.0f} %, it is right "
        f"**{100 * (part.accuracy or 0):.0f} %** of the time ({count_text(part.n, 'clip')})."
        for part in telling
    ]
    return "  \n".join(parts)


def _telling(measured: Reliability) -> list[ReliabilityBin]:
    """The bin where word and truth lie furthest apart, and the fullest one, by confidence."""
    bins = [part for part in measured.bins if part.n >= _ENOUGH]
    if not bins:
        return []
    fullest = max(bins, key=lambda part: part.n)
    worst = max(bins, key=lambda part: abs((part.confidence or 0) - (part.accuracy or 0)))
    return sorted({id(part): part for part in (fullest, worst)}.values(), key=lambda p: -p.low)


def error_sentence(measured: Reliability) -> str:
    """The expected calibration error as a number and in words."""
    return (
        f"On average its word is off by **{100 * measured.ece:.1f} points** "
        f"(expected calibration error {measured.ece:.3f})."
    )


def reliability_chart(measured: Reliability) -> Any:
    """A bar a bin: how often it was right where it was so sure; the line is a perfect word."""
    frame = pd.DataFrame(
        [
            (100 * part.low, 100 * part.high, 100 * part.confidence, 100 * part.accuracy, part.n)
            for part in measured.bins
            if part.confidence is not None and part.accuracy is not None
        ],
        columns=["low", "high", "said", "true", "clips"],
    )
    frame["middle"] = (frame["low"] + frame["high"]) / 2
    tooltip = [
        alt.Tooltip("said", format=".0f", title="says, %"),
        alt.Tooltip("true", format=".0f", title="is right, %"),
        alt.Tooltip("clips"),
    ]
    bars = alt.Chart(frame).encode(
        x=_percent_x("low"), x2="high:Q", y=_percent_y("true"), y2=alt.datum(0), tooltip=tooltip
    )
    color = VALIDATION[mode()]
    marks = bars.mark_rect(color=color, opacity=0.55, stroke=color, cornerRadius=2)
    text = alt.Chart(frame).mark_text(dy=-8, fontSize=12, color=ink_on_bars())
    numbers = text.encode(x=_percent_x("middle"), y=alt.datum(0), text="clips:Q", tooltip=tooltip)
    return quiet((marks + _diagonal() + numbers).properties(height=_HEIGHT))


def _percent_x(name: str) -> alt.X:
    return alt.X(f"{name}:Q", title="it says", scale=_percent_scale(), axis=_percent_axis())


def _percent_y(name: str) -> alt.Y:
    return alt.Y(f"{name}:Q", title="it is right", scale=_percent_scale(), axis=_percent_axis())


def _diagonal() -> Any:
    ends = alt.Chart(pd.DataFrame({"low": [0, 100], "true": [0, 100]}))
    line = ends.mark_line(strokeDash=[5, 4], color=INK, strokeWidth=1.2)
    return line.encode(x=_percent_x("low"), y=_percent_y("true"))


def _percent_scale() -> alt.Scale:
    return alt.Scale(domain=[0, 100], nice=False)


def _percent_axis() -> alt.Axis:
    return alt.Axis(values=[0, 20, 40, 60, 80, 100], labelExpr="datum.label + ' %'")


def kept_frame(results: ClipResults) -> pd.DataFrame:
    """Columns sure, kept, right (percent): what is kept and right when below `sure` is unsure."""
    confidence = results.probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    counted = np.arange(1, len(order) + 1)
    right = 100 * np.cumsum(right_clips(results)[order]) / counted
    frame = pd.DataFrame(
        {"sure": 100 * confidence[order], "kept": 100 * counted / len(order), "right": right}
    )
    step = -(-len(frame) // _MOST_POINTS)
    # The first few answers swing between 0 and 100 %.
    return frame.iloc[min(_ENOUGH, len(frame)) - 1 :: step]


def kept_chart(results: ClipResults, threshold: float) -> Any:
    """How often it is right on the share of clips that it is surest of; a ring at its threshold."""
    x = alt.X("kept:Q", title="clips it answers", scale=_percent_scale(), axis=_percent_axis())
    y = alt.Y("right:Q", title="right", scale=_percent_scale(), axis=_percent_axis())
    names = {"kept": "answers, %", "right": "is right, %", "sure": "when sure of, %"}
    tooltip = [alt.Tooltip(name, format=".0f", title=title) for name, title in names.items()]
    color = VALIDATION[mode()]
    line = alt.Chart(kept_frame(results)).mark_line(color=color, strokeWidth=2)
    layers = [line.encode(x=x, y=y, tooltip=tooltip)]
    kept, right = kept_share_and_precision(results.probabilities, results.labels, threshold)
    if threshold > 0 and right is not None:
        here = alt.Chart(pd.DataFrame({"kept": [100 * kept], "right": [100 * right]}))
        ring = here.mark_point(size=130, strokeWidth=2.5, color=color, opacity=1)
        layers.append(ring.encode(x=x, y=y))
    return quiet(alt.layer(*layers).properties(height=_HEIGHT))


def kept_sentence(results: ClipResults, threshold: float) -> str:
    """What "not sure" does at the run's threshold."""
    if threshold <= 0:
        return f"It has no threshold for *not sure*: it always answers. {_reachable(results)}"
    kept, right = kept_share_and_precision(results.probabilities, results.labels, threshold)
    least = f"It says *not sure* below {100 * threshold:.0f} %"
    if right is None:
        return f"{least}, and so answers none of these clips."
    return f"{least}: it answers **{score_text(kept)}** of clips, and is right on " + (
        f"**{score_text(right)}** of those."
    )


def _reachable(results: ClipResults) -> str:
    """The largest share of clips, the surest, of which it names enough rightly."""
    frame = kept_frame(results)
    good = frame[frame["right"] >= _GOOD]
    if good.empty:
        return f"Even on the clips it is surest of it is right on less than {_GOOD} %."
    return f"It is right on {_GOOD} % of the {good['kept'].max():.0f} % of clips it is surest of."
