"""Where a run is good and where it is not: loud or faint, long or short, by recording."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.evaluation.slices import (
    RecordingSlice,
    Slice,
    slice_by_duration,
    slice_by_loudness,
    slice_by_recording,
)
from urbansound.labels import class_title
from urbansound.records import ClipResults
from urbansound.ui.charts import ink_on_bars, quiet
from urbansound.ui.frame import quiet_line
from urbansound.ui.runs.hearing import hear_clips
from urbansound.ui.runs.inside import Inside, rows_of_recording
from urbansound.ui.runs.mistakes import NO_RESULTS
from urbansound.ui.runs.table import table_height
from urbansound.ui.theme import INK, VALIDATION, mode
from urbansound.ui.words import count_text, score_text

_ROWS = 6
_CHOSEN, _TABLE = "runs_recording", "runs_recordings"
_BAR = 34


def show_slices(inside: Inside) -> None:
    """Accuracy by kind of clip, then by recording, the worst first."""
    st.header("Where it fails", anchor=False)
    results = inside.results
    if results is None:
        quiet_line(NO_RESULTS)
        return
    st.markdown(f":small[{inside.chips}]")
    if not any(results.paths):
        quiet_line("This dataset holds numbers only: nothing is known of how its clips sounded.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _kinds("Loud or faint", slice_by_loudness(results), inside)
    with right:
        _kinds("Length of the clip", slice_by_duration(results), inside)
    _recordings(inside, results)


def _kinds(title: str, slices: Sequence[Slice], inside: Inside) -> None:
    overall = inside.scores.accuracy if inside.scores else 0.0
    st.markdown(f"**{title}**")
    said = ", ".join(f"{part.name} {score_text(part.accuracy)}" for part in slices)
    st.altair_chart(slice_chart(slices, overall), alt=f"Right by kind of clip: {said}")


def slice_chart(slices: Sequence[Slice], overall: float) -> Any:
    """A bar a kind with its score and clips; the dashed line is the score on all clips."""
    frame = pd.DataFrame(
        [
            (
                part.name,
                100 * part.accuracy,
                f"{score_text(part.accuracy)} of {count_text(part.n, 'clip')}",
            )
            for part in slices
        ],
        columns=["name", "right", "label"],
    )
    axis = alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.label + ' %'")
    scale = alt.Scale(domain=[0, 100], nice=False)
    y = alt.Y("name:N", title=None, sort=None)
    base = alt.Chart(frame).encode(x=alt.X("right:Q", title="right", scale=scale, axis=axis), y=y)
    color = VALIDATION[mode()]
    bars = base.mark_bar(color=color, opacity=0.55, cornerRadiusEnd=3, height={"band": 0.9})
    text = base.mark_text(align="left", dx=8, fontSize=12, color=ink_on_bars()).encode(
        x=alt.datum(0), text="label:N"
    )
    rule = alt.Chart(pd.DataFrame({"right": [100 * overall]})).encode(x="right:Q")
    line = rule.mark_rule(strokeDash=[5, 4], color=INK, strokeWidth=1.2)
    return quiet((bars + line + text).properties(height=_BAR * len(slices) + 50))


def _recordings(inside: Inside, results: ClipResults) -> None:
    st.markdown("**Recording by recording, the worst first**")
    slices = slice_by_recording(results)
    if not slices:
        quiet_line("It is not known from which recordings these clips were cut.")
        return
    keys = [(part.recording, part.class_id) for part in slices]
    chosen = st.session_state.get(_CHOSEN)
    at = keys.index(chosen) if chosen in keys else 0
    st.session_state[_TABLE] = {"selection": {"rows": [at], "columns": [], "cells": []}}
    config = st.column_config
    st.dataframe(
        recording_frame(slices, inside.class_names),
        hide_index=True,
        height=table_height(min(len(slices), _ROWS)),
        key=_TABLE,
        on_select=lambda: _take_selection(keys),
        selection_mode="single-row",
        column_config={
            "recording": config.NumberColumn("Recording", format="%d"),
            "sound": "Sound",
            "right": config.ProgressColumn("Right", format="%.0f %%", min_value=0, max_value=100),
            "clips": config.NumberColumn("Clips"),
        },
        alt="Recordings with their sound, the share of clips named rightly, and their number",
    )
    hear_clips(inside, rows_of_recording(results, *keys[at]), "runs_hear_recording")


def _take_selection(keys: list[tuple[int, int]]) -> None:
    rows = st.session_state[_TABLE]["selection"]["rows"]
    if rows:
        st.session_state[_CHOSEN] = keys[rows[0]]


def recording_frame(slices: Sequence[RecordingSlice], class_names: tuple[str, ...]) -> pd.DataFrame:
    """Columns recording, sound, right (percent), clips: a row for every recording and class."""
    return pd.DataFrame(
        [
            (part.recording, class_title(class_names[part.class_id]), 100 * part.accuracy, part.n)
            for part in slices
        ],
        columns=["recording", "sound", "right", "clips"],
    )
