"""What was heard in many sounds as a list: a row a file or an event, and the one that is ticked."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from urbansound.ui.classify.batch_table import (
    ALL,
    BAD,
    NAMED,
    SILENT,
    UNSURE,
    Row,
    batch_frame,
    event_frame,
    event_rows,
    kind_of,
)
from urbansound.ui.frame import quiet_line

FILES, EVENTS = "files", "events"
_EACH, _FILTER = "classify_batch_each", "classify_batch_filter"
_TABLE = "classify_batch_table"
_ROW_PX, _MOST_ROWS = 35, 12


def choose_row(rows: Sequence[Row], *, with_model: bool) -> Row | None:
    """Draw the list and what there is to choose above it; the row that is ticked.

    `rows` are those of the files; in the list of events each may be several.
    """
    with st.container(horizontal=True, gap="medium"):
        each = _choose("A row for each", _EACH, (FILES, EVENTS))
        shown = event_rows(rows) if each == EVENTS else _chosen_kind(rows)
    if not shown:
        quiet_line("None so far.")
        return None
    make = event_frame if each == EVENTS else batch_frame
    at = _ticked(make(shown, with_model=with_model), each)
    if at is None or at >= len(shown):
        quiet_line(f"Tick a row to {'hear that stretch' if each == EVENTS else 'open that sound'}.")
        return None
    return shown[at]


def _chosen_kind(rows: Sequence[Row]) -> list[Row]:
    kinds = {kind_of(row) for row in rows}
    silent = [SILENT] if SILENT in kinds else []
    chosen = _choose("Which to show", _FILTER, (ALL, NAMED, UNSURE, *silent, BAD))
    return [row for row in rows if chosen in (ALL, kind_of(row))]


def _choose(what: str, key: str, options: Sequence[str]) -> str:
    """One of the options; the first until another is chosen."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    chosen = st.segmented_control(
        what,
        options,
        required=True,
        key=key,
        wrap=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen or options[0]


def _ticked(frame: pd.DataFrame, each: str) -> int | None:
    """The table; the number of the row that is ticked in it."""
    which = EVENTS if each == EVENTS else st.session_state.get(_FILTER)
    event = st.dataframe(
        frame,
        column_config=_columns(),
        hide_index=True,
        height=_ROW_PX * (1 + min(len(frame), _MOST_ROWS)) + 3,
        key=f"{_TABLE}_{which}",
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        alt=f"What was heard in each of the {each}, and how sure that is",
    )
    ticked = event.selection.rows
    return ticked[0] if ticked else None


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "file": config.TextColumn("File"),
        "when": config.TextColumn("When", width="small"),
        "heard": config.TextColumn("Heard as"),
        "confidence": config.NumberColumn("Confidence", format="%.0f %%", width="small"),
        "seconds": config.NumberColumn("Length", format="%.1f s", width="small"),
        "model": config.TextColumn("Model", width="small"),
        "remark": config.TextColumn("Remark", width="large"),
    }
