"""The table of clips, ten rows a page, and which clip is chosen.

The chosen clip is the one truth: the table's selection, the page of the table and the
address follow it.
"""

from typing import Any

import pandas as pd
import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.routes import clip_address
from urbansound.ui.words import count_text, loudness_text

ROWS = 10
CHOSEN, PAGE, TABLE = "explore_clip", "explore_page", "explore_rows"


def chosen_clip(index: DatasetIndex, numbers: list[int]) -> int:
    """The clip chosen last, from the address at first; else the first of `numbers`."""
    if CHOSEN not in st.session_state:
        linked = _linked_clip(index)
        st.session_state[CHOSEN] = linked
        st.session_state[PAGE] = numbers.index(linked) // ROWS if linked in numbers else 0
    chosen = st.session_state[CHOSEN]
    return chosen if chosen in numbers else numbers[0]


def _linked_clip(index: DatasetIndex) -> int | None:
    name = st.query_params.get("clip")
    found = (number for number, clip in enumerate(index.clips) if name and clip.name == name)
    return next(found, None)


def choose(index: DatasetIndex, numbers: list[int], number: int) -> None:
    """A callback: this clip is chosen now; the table turns to its page."""
    st.session_state[CHOSEN] = number
    st.session_state[PAGE] = numbers.index(number) // ROWS
    if index.clips[number].path:
        st.query_params["clip"] = index.clips[number].name


def clip_table(index: DatasetIndex, numbers: list[int], chosen: int) -> None:
    """One page of the table with its page controls."""
    last = (len(numbers) - 1) // ROWS
    page = min(st.session_state.get(PAGE, 0), last)
    shown = numbers[page * ROWS : (page + 1) * ROWS]
    rows = [shown.index(chosen)] if chosen in shown else []
    st.session_state[TABLE] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    st.dataframe(
        _frame(index, shown),
        column_config=_columns(index),
        hide_index=True,
        row_height=44,
        height=44 * ROWS + 38,
        key=TABLE,
        on_select=lambda: _selected(index, numbers, shown),
        selection_mode="single-row",
        alt="Clips with their waveform, class, fold, recording and length",
    )
    _page_controls(page, last, len(numbers))


def _selected(index: DatasetIndex, numbers: list[int], shown: list[int]) -> None:
    rows = st.session_state[TABLE]["selection"]["rows"]
    if rows:
        choose(index, numbers, shown[rows[0]])


def _frame(index: DatasetIndex, shown: list[int]) -> pd.DataFrame:
    clips = [index.clips[number] for number in shown]
    return pd.DataFrame(
        {
            "wave": [
                clip_address(data.clip_version(index, number), number, "png") for number in shown
            ],
            "sound": [data.clip_title(index, clip) for clip in clips],
            "fold": [clip.fold for clip in clips],
            "loudness": [loudness_text(clip) for clip in clips],
            "recording": [clip.recording_id for clip in clips],
            "seconds": [clip.duration_s for clip in clips],
            "file": [clip.name for clip in clips],
        }
    )


def _columns(index: DatasetIndex) -> dict[str, Any]:
    config = st.column_config
    columns: dict[str, Any] = {
        "wave": config.ImageColumn("Waveform", width=180),
        "sound": config.TextColumn("Sound"),
        "fold": config.NumberColumn("Fold", width="small"),
        "loudness": config.TextColumn("Loud or faint", width="small"),
        "recording": config.NumberColumn("Recording", format="%d"),
        "seconds": config.NumberColumn("Length", format="%.1f s", width="small"),
        "file": config.TextColumn("File"),
    }
    if not index.has_audio:
        columns |= dict.fromkeys(("wave", "loudness", "recording", "seconds", "file"))
    return columns


def _turn_to(page: int) -> None:
    st.session_state[PAGE] = page


def _page_controls(page: int, last: int, n: int) -> None:
    first = page * ROWS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back",
            help="The ten clips before",
            icon=":material/chevron_left:",
            disabled=page == 0,
            on_click=_turn_to,
            args=(page - 1,),
        )
        st.markdown(f":gray[{first + 1:,} to {min(first + ROWS, n):,} of {count_text(n, 'clip')}]")
        st.button(
            "More",
            help="The next ten clips",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=page >= last,
            on_click=_turn_to,
            args=(page + 1,),
        )
