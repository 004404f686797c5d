"""The table of clips, ten rows a page, and which clip is chosen.

The chosen clip is the one truth: the table's selection, the page of the table and the
address follow it.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.dataset.survey import Survey
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.filters import (
    CHOSEN,
    CLIP,
    PAGE,
    PINNED,
    SORT,
    SOUNDS,
    VIEW,
    chosen_order,
    sort_anew,
)
from urbansound.ui.explore.sorting import Numbers, next_order, position_of
from urbansound.ui.routes import clip_address
from urbansound.ui.words import count_text, loudness_text

ROWS = 10
TABLE, JUMP = "explore_rows", "explore_jump"
_CELL, _PICKS = "explore_cell", "explore_picks"
_SCRIPT = Path(__file__).parent.parent / "static" / "bring_player.js"
_ROW_PX, _HEAD_PX = 44, 38
# Below this nothing is heard, however far below.
_SILENT_DB = -70.0


def chosen_clip(index: DatasetIndex, numbers: Numbers) -> int:
    """The clip chosen last, from the address at first; else the first of `numbers`.

    A clip that a link or another tab leads to is shown even where it is filtered out.
    """
    token = data.dataset_token(index)
    if CHOSEN not in st.session_state:
        linked = _linked_clip(index)
        st.session_state[CHOSEN] = (token, linked)
        st.session_state[PINNED] = linked is not None
    of, chosen = st.session_state[CHOSEN]
    if of != token or chosen is None or chosen >= len(index.clips):
        return int(numbers[0])
    is_shown = st.session_state.get(PINNED) or position_of(numbers, chosen) is not None
    return int(chosen) if is_shown else int(numbers[0])


def is_chosen_by_hand(index: DatasetIndex, number: int) -> bool:
    """Whether a person asked for this very clip; it is then played at once."""
    return bool(st.session_state.get(CHOSEN) == (data.dataset_token(index), number))


def _linked_clip(index: DatasetIndex) -> int | None:
    asked = st.query_params.get(CLIP)
    if not asked or not index.has_audio:
        return None
    columns = columns_of(index)
    return columns.by_name.get(asked, columns.by_path.get(asked))


def choose(index: DatasetIndex, number: int) -> None:
    """A callback: this clip is chosen now; the table turns to its page."""
    st.session_state[CHOSEN] = (data.dataset_token(index), number)
    st.session_state[PINNED] = False
    st.session_state[PAGE] = None
    clip = index.clips[number]
    if clip.path:
        is_first = columns_of(index).by_name[clip.name] == number
        st.query_params[CLIP] = clip.name if is_first else clip.path


def show_clip(index: DatasetIndex, number: int) -> None:
    """A callback: choose this clip and turn to the Sounds tab, whatever is filtered there."""
    choose(index, number)
    st.session_state[PINNED] = True
    st.session_state[VIEW] = SOUNDS


def clip_table(
    index: DatasetIndex, numbers: Numbers, chosen: int, survey: Survey | None = None
) -> None:
    """One page of the table with its page controls."""
    last = (len(numbers) - 1) // ROWS
    page = min(_page(numbers, chosen), last)
    shown = numbers[page * ROWS : (page + 1) * ROWS]
    st.session_state[TABLE] = {"selection": _marked(shown, chosen)}
    st.dataframe(
        _frame(index, shown, survey),
        column_config=_columns(index, survey),
        hide_index=True,
        row_height=_ROW_PX,
        height=_ROW_PX * ROWS + _HEAD_PX,
        key=TABLE,
        on_select=partial(_selected, index, shown),
        # A click anywhere in a row chooses it; on a heading it sorts the whole list, not the
        # ten rows that are here.
        selection_mode=("single-row", "single-column", "single-cell"),
        alt="Clips with their waveform, class, fold, recording and length",
    )
    _page_controls(page, last, len(numbers))
    _fetch_ahead(index, numbers[(page + 1) * ROWS : (page + 2) * ROWS])


def _page(numbers: Numbers, chosen: int) -> int:
    """The page turned to, else the one that the chosen clip is on."""
    if st.session_state.get(PAGE) is None:
        at = position_of(numbers, chosen)
        st.session_state[PAGE] = 0 if at is None else at // ROWS
    return int(st.session_state[PAGE])


def _marked(shown: Numbers, chosen: int) -> dict[str, list[Any]]:
    """The chosen clip's row, with the cell that it was chosen by: arrow keys go on from there."""
    at = position_of(shown, chosen)
    rows = [] if at is None else [at]
    number, column = st.session_state.get(_CELL, (None, ""))
    cells = [(at, column)] if at is not None and number == chosen else []
    return {"rows": rows, "columns": [], "cells": cells}


def _selected(index: DatasetIndex, shown: Numbers) -> None:
    selection = st.session_state[TABLE]["selection"]
    if selection["columns"]:
        st.session_state[SORT] = next_order(selection["columns"][0], chosen_order())
        sort_anew()
    elif selection["cells"]:
        row, column = selection["cells"][0]
        st.session_state[_CELL] = (int(shown[row]), column)
        _pick(index, int(shown[row]))
    elif selection["rows"]:
        _pick(index, int(shown[selection["rows"][0]]))


def _pick(index: DatasetIndex, number: int) -> None:
    choose(index, number)
    st.session_state[_PICKS] = st.session_state.get(_PICKS, 0) + 1


def bring_player() -> None:
    """Scroll to the player where a row was chosen while nothing of it is in the window."""
    if count := st.session_state.get(_PICKS):
        script = f"const count = {count}\n{_SCRIPT.read_text(encoding='utf-8')}"
        st.html(f"<script>{{{script}}}</script>", unsafe_allow_javascript=True)


def _frame(index: DatasetIndex, shown: Numbers, survey: Survey | None) -> pd.DataFrame:
    clips = [index.clips[number] for number in shown]
    columns = columns_of(index)
    frame = pd.DataFrame(
        {
            "wave": [_thumbnail(index, int(number)) for number in shown],
            "sound": [data.clip_title(index, clip) for clip in clips],
            "fold": columns.folds[shown],
            "loudness": [loudness_text(clip) for clip in clips],
            "recording": [clip.recording_id for clip in clips],
            "siblings": columns.n_siblings[shown],
            "seconds": columns.durations_s[shown],
            "file": [clip.path if clip.file else clip.name for clip in clips],
        }
    )
    if survey is not None:
        heard = np.maximum(survey.levels_db[shown], _SILENT_DB)
        levels = np.where(survey.sample_rates[shown] > 0, heard, np.nan)
        frame.insert(4, "level", levels)
    return frame


def _thumbnail(index: DatasetIndex, number: int) -> str:
    return clip_address(data.clip_version(index, number), number, "png")


def _columns(index: DatasetIndex, survey: Survey | None) -> dict[str, Any]:
    config = st.column_config
    sorts = "Click to sort all clips by it"
    columns: dict[str, Any] = {
        "wave": config.ImageColumn("Waveform", width=180),
        "sound": config.TextColumn("Sound", help=sorts),
        "fold": config.NumberColumn("Fold", width=60, help=sorts),
        "loudness": config.TextColumn("Loud or faint", width=110),
        "level": config.NumberColumn("Level", format="%.0f dB", width=80, help=sorts),
        "recording": config.NumberColumn("Recording", format="%d", width=100, help=sorts),
        "siblings": config.NumberColumn("Clips of it", width=90, help="Clips of its recording"),
        "seconds": config.NumberColumn("Length", format="%.1f s", width=80, help=sorts),
        "file": config.TextColumn("File", help=sorts),
    }
    if survey is None:
        columns["level"] = None
    if not index.has_audio:
        hidden = ("wave", "loudness", "recording", "siblings", "seconds", "file")
        columns |= dict.fromkeys(hidden)
    elif not bool((columns_of(index).n_siblings > 0).any()):
        columns |= dict.fromkeys(("recording", "siblings"))
    return columns


def _turn_to(page: int) -> None:
    st.session_state[PAGE] = page


def _jumped() -> None:
    _turn_to(int(st.session_state[JUMP]) - 1)


def _page_controls(page: int, last: int, n: int) -> None:
    first = page * ROWS
    with st.container(horizontal=True, vertical_alignment="center"):
        _turn("", "first_page", 0, off=page == 0, words="The first ten clips")
        _turn("Back", "chevron_left", page - 1, off=page == 0, words="The ten clips before")
        st.markdown(
            f":gray[{first + 1:,} to {min(first + ROWS, n):,} of {count_text(n, 'clip')}]",
            width="content",
        )
        _turn("More", "chevron_right", page + 1, off=page >= last, words="The next ten clips")
        _turn("", "last_page", last, off=page >= last, words="The last ten clips")
        if last > 1:
            st.session_state[JUMP] = page + 1
            st.number_input(
                "Page", 1, last + 1, key=JUMP, on_change=_jumped, width=130, help="Turn to a page"
            )


def _turn(label: str, icon: str, page: int, *, off: bool, words: str) -> None:
    st.button(
        label,
        key=f"explore_{icon}",
        help=words,
        icon=f":material/{icon}:",
        icon_position="right" if label == "More" else "left",
        disabled=off,
        on_click=_turn_to,
        args=(page,),
    )


def _fetch_ahead(index: DatasetIndex, numbers: Numbers) -> None:
    """The next page's waveforms, unseen, so that they are there when it is turned to."""
    if index.has_audio and len(numbers):
        hidden = 'alt="" width="0" height="0" style="position:absolute"'
        st.html("".join(f'<img src="{_thumbnail(index, int(n))}" {hidden}>' for n in numbers))
