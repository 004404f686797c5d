"""The table of all runs, newest first, and which of them are chosen.

The chosen runs are the one truth: the table's selection and the address follow them.
"""

from typing import Any

import pandas as pd
import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.runs.folder import RunFolder
from urbansound.ui.frame import quiet_line
from urbansound.ui.run_line import data_name, viewer_zone
from urbansound.ui.run_state import RunState, moment_text, read_state, run_card, status_text
from urbansound.ui.runs.saved import used_run_ids
from urbansound.ui.words import extent_text, protocol_text

CHOSEN, TABLE = "runs_chosen", "runs_table"
_ROWS = 6
_REFRESH_S = 2.0


def chosen_runs(runs: list[RunFolder]) -> list[RunFolder]:
    """The runs in the address at first, else the newest; later those chosen in the table."""
    linked = st.query_params.get_all("run")
    if linked or CHOSEN not in st.session_state:
        known = {run.id for run in runs}
        ids = [run_id for run_id in linked if run_id in known]
        if linked and not ids:
            quiet_line("The run that this address names is not here any more; this is the newest.")
        st.session_state[CHOSEN] = ids or st.session_state.get(CHOSEN) or [runs[0].id]
    return [run for run in runs if run.id in st.session_state[CHOSEN]]


def run_table(runs: list[RunFolder], chosen: list[RunFolder]) -> None:
    """One row a run; one or several can be chosen."""
    states = [read_state(run) for run in runs]
    rows = [at for at, run in enumerate(runs) if run in chosen]
    st.session_state[TABLE] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    st.dataframe(
        _frame(states),
        column_config=_columns(states),
        hide_index=True,
        placeholder="–",
        height=table_height(min(len(runs), _ROWS)),
        key=TABLE,
        on_select=lambda: _take_selection(runs),
        selection_mode="multi-row",
        alt="All runs with their model, moment, data, split, status, scores and what these are of",
    )
    if any(state.is_active for state in states):
        _watch_statuses(tuple(state.status for state in states), runs)


def table_height(n_rows: int) -> int:
    """Pixels that a table of so many rows and its heading takes."""
    return 35 * n_rows + 38


def _take_selection(runs: list[RunFolder]) -> None:
    ids = [runs[row].id for row in st.session_state[TABLE]["selection"]["rows"]]
    st.session_state[CHOSEN] = ids
    if ids:
        st.query_params["run"] = ids
    elif "run" in st.query_params:
        del st.query_params["run"]


def _watch_statuses(known: tuple[str, ...], runs: list[RunFolder]) -> None:
    """Draws the page anew when a run begins or ends."""

    def look() -> None:
        if tuple(run.status() for run in runs) != known:
            st.rerun()

    st.fragment(look, run_every=_REFRESH_S)()


def _frame(states: list[RunState]) -> pd.DataFrame:
    zone, used = viewer_zone(), used_run_ids(outputs_dir())
    cards = [run_card(state.run) for state in states]
    return pd.DataFrame(
        {
            "model": [model_text(state) for state in states],
            "begun": [moment_text(state.run, zone) for state in states],
            "data": [data_name(state.run) for state in states],
            "tested": [[protocol_text(state.run.spec.protocol)] for state in states],
            "status": [_status(state, used) for state in states],
            "validation": [_best_validation(state) for state in states],
            "test": [100 * card.test.accuracy if card and card.test else None for card in cards],
            "extent": [extent_text(card.test) if card and card.test else None for card in cards],
            "seed": [state.run.spec.train.seed for state in states],
        }
    )


def _status(state: RunState, used: set[str]) -> str:
    return "finished, saved" if state.run.id in used else status_text(state)


def _best_validation(state: RunState) -> float | None:
    """Of a cross-validation none: its folds were validated on different clips."""
    card = run_card(state.run)
    if card is not None:
        return 100 * card.validation.accuracy if card.validation else None
    if state.run.spec.is_crossval or state.best is None:
        return None
    return 100 * float(state.best["validation_accuracy"])


def model_text(state: RunState) -> str:
    """The model, and whether the run is a cross-validation: "Model 1, 10 folds"."""
    folds = state.run.spec.folds
    return f"{state.info.title}, {len(folds)} folds" if folds else state.info.title


def _columns(states: list[RunState]) -> dict[str, Any]:
    config = st.column_config
    protocols = sorted({protocol_text(state.run.spec.protocol) for state in states})
    colors = ["orange" if "leaks" in words else "gray" for words in protocols]
    percent = "%.1f %%"
    return {
        "model": config.TextColumn("Model", width=125),
        "begun": config.TextColumn("Begun", width=105),
        "data": config.TextColumn("Data", width=115),
        "tested": config.MultiselectColumn(
            "How it was tested", options=protocols, color=colors, width=165
        ),
        "status": config.TextColumn("Status", width=115),
        "validation": config.NumberColumn("Validation", format=percent, width="small"),
        "test": config.NumberColumn("Test", format=percent, width="small"),
        "extent": config.TextColumn("Tested on"),
        "seed": config.NumberColumn("Seed", format="%d", width="small"),
    }
