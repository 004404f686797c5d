"""Some of a run's clips, to be heard one after the other beside what they were taken for."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from urbansound.labels import class_title
from urbansound.records import Clip, ClipResults, DatasetIndex
from urbansound.ui import data
from urbansound.ui.classify.verdict import percent_text
from urbansound.ui.frame import quiet_line
from urbansound.ui.measuring import offer_to_measure
from urbansound.ui.player import clip_player
from urbansound.ui.routes import clip_address
from urbansound.ui.runs.inside import Inside, said_of
from urbansound.ui.runs.nearest import nearest_learned
from urbansound.ui.words import loudness_text, plain_title

_ROWS = 5
_ROW_HEIGHT, _HEADING_HEIGHT = 44, 38
_NOT_HERE = (
    "These clips cannot be heard here: the data at hand is not what this run was scored on, "
    "or holds no sound."
)


def hear_clips(inside: Inside, rows: NDArray[np.int64], key: str) -> None:
    """The chosen clip of these rows of the results, its likeness, and the list of them all.

    Left and Right step through them; `rows` has at least one.
    """
    assert inside.results is not None
    if inside.index is None:
        quiet_line(_NOT_HERE)
        _list(inside, rows, rows[0], key)
        return
    row = _chosen(rows, key)
    _steps(rows, row, key)
    left, right = st.columns(2, gap="medium")
    with left:
        _true_clip(inside, inside.index, row, key)
    with right:
        _likeness(inside, inside.index, row, key)
    _list(inside, rows, row, key)


def _chosen(rows: NDArray[np.int64], key: str) -> int:
    chosen = st.session_state.get(f"{key}_row")
    return int(chosen) if chosen is not None and chosen in rows else int(rows[0])


def _choose(row: int, key: str) -> None:
    st.session_state[f"{key}_row"] = row


def _steps(rows: NDArray[np.int64], row: int, key: str) -> None:
    at = int(np.flatnonzero(rows == row)[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        _step_button(rows, at - 1, "Previous", "Left", key)
        _step_button(rows, at + 1, "Next", "Right", key)
        st.markdown(f":gray[{at + 1:,} of {len(rows):,}]", width="content")


def _step_button(rows: NDArray[np.int64], to: int, label: str, shortcut: str, key: str) -> None:
    is_possible = 0 <= to < len(rows)
    st.button(
        label,
        key=f"{key}_{label}",
        shortcut=shortcut,
        disabled=not is_possible,
        on_click=_choose,
        args=(int(rows[to]) if is_possible else 0, key),
    )


def _true_clip(inside: Inside, index: DatasetIndex, row: int, key: str) -> None:
    assert inside.results is not None
    number = int(inside.results.clip_numbers[row])
    st.markdown("**The clip**")
    clip_player(index, number, key=f"{key}_clip", autoplay=True)
    quiet_line(_facts(index.clips[number]))
    st.markdown(sureness(inside, row))


def _facts(clip: Clip) -> str:
    return (
        f"fold {clip.fold} · recording {clip.recording_id} · {loudness_text(clip)} · "
        f"{clip.duration_s:.1f} s · {clip.name}"
    )


def sureness(inside: Inside, row: int) -> str:
    """How sure the run was of a clip, as Markdown: what it said, and what is true."""
    assert inside.results is not None
    chances = inside.results.probabilities[row]
    said, true = int(chances.argmax()), int(inside.results.labels[row])
    words = f"Heard as **{plain_title(inside.class_names[said])}**: {percent_text(chances[said])}"
    if said != true:
        title = plain_title(inside.class_names[true])
        words += f", as {title}: {percent_text(chances[true])}"
    doubt = chances[said] < inside.card.calibration.threshold
    return f"{words}. It would say *not sure*." if doubt else f"{words}."


def _likeness(inside: Inside, index: DatasetIndex, row: int, key: str) -> None:
    assert inside.results is not None
    table = data.feature_table(index)
    if table is None:
        why = "To find the most similar clip it learned from, all are measured once."
        offer_to_measure(index, why)
        return
    said = int(said_of(inside.results)[row])
    number = nearest_learned(inside, table, row, said)
    if number is None:
        quiet_line("There is no clip of this sound that it learned from.")
        return
    st.markdown("**The most similar clip it learned from**")
    clip_player(index, number, key=f"{key}_likeness")
    quiet_line(_facts(index.clips[number]))
    st.markdown("Similar by its 40 means, each counted in standard deviations.")


def _list(inside: Inside, rows: NDArray[np.int64], row: int, key: str) -> None:
    table_key = f"{key}_list"
    at = np.flatnonzero(rows == row).tolist()
    st.session_state[table_key] = {"selection": {"rows": at, "columns": [], "cells": []}}
    n_shown = min(len(rows), _ROWS)
    st.dataframe(
        clip_frame(inside, rows),
        column_config=_columns(),
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_ROW_HEIGHT * n_shown + _HEADING_HEIGHT,
        key=table_key,
        on_select=lambda: _take_selection(rows, key),
        selection_mode="single-row",
        alt="These clips: what they are, what they were heard as, how sure the run was",
    )


def _take_selection(rows: NDArray[np.int64], key: str) -> None:
    selected = st.session_state[f"{key}_list"]["selection"]["rows"]
    if selected:
        _choose(int(rows[selected[0]]), key)


def clip_frame(inside: Inside, rows: NDArray[np.int64]) -> pd.DataFrame:
    """One line a clip: waveform where it is here, its class, what was heard and how surely."""
    assert inside.results is not None
    some = inside.results.take(rows)
    said, titles = said_of(some), [class_title(name) for name in inside.class_names]
    frame = pd.DataFrame(
        {
            "heard": [titles[label] for label in said],
            "sure": 100 * some.probabilities.max(axis=1),
            "sound": [titles[label] for label in some.labels],
            "fold": some.folds,
            "recording": [None if number < 0 else number for number in some.recordings.tolist()],
            "loudness": ["loud" if is_loud else "faint" for is_loud in some.is_loud],
            "seconds": some.durations_s,
        }
    )
    if inside.index is not None:
        frame.insert(0, "wave", _thumbnails(inside.index, some))
    return frame


def _thumbnails(index: DatasetIndex, some: ClipResults) -> list[str]:
    numbers = some.clip_numbers.tolist()
    return [clip_address(data.clip_version(index, number), number, "png") for number in numbers]


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "wave": config.ImageColumn("Waveform", width=110),
        "heard": config.TextColumn("Heard as", width=120),
        "sure": config.NumberColumn("Sure", format="%.0f %%", width=60),
        "sound": config.TextColumn("In truth"),
        "fold": config.NumberColumn("Fold", width="small"),
        "recording": config.NumberColumn("Recording", format="%d"),
        "loudness": config.TextColumn("Loud or faint", width="small"),
        "seconds": config.NumberColumn("Length", format="%.1f s", width="small"),
    }
