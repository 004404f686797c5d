"""One run: its curves, what it mistook, each class, its settings, and what can be done."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from urbansound.labels import class_title
from urbansound.paths import outputs_dir
from urbansound.records import Card, DatasetIndex, Scores
from urbansound.runs.command import command_for
from urbansound.runs.folder import RunFolder
from urbansound.runs.weights import card_path
from urbansound.ui.chips import calm_chip
from urbansound.ui.rooms import ROOMS
from urbansound.ui.run_actions import use_button
from urbansound.ui.run_line import run_chips
from urbansound.ui.run_live import live_run
from urbansound.ui.run_state import RunState, read_state, run_card
from urbansound.ui.runs.confusion import Mistake, draw_confusion, worst_mistakes
from urbansound.ui.runs.removal import delete_button
from urbansound.ui.runs.saved import used_run_ids
from urbansound.ui.runs.settings import figure_rows, setting_rows, show_rows
from urbansound.ui.runs.table import table_height
from urbansound.ui.training.replay import Watch
from urbansound.ui.training.result import say_damaged
from urbansound.ui.words import plain_title

_WATCH = "runs_watch"


def show_run(run: RunFolder, index: DatasetIndex | None) -> None:
    """All that is known about one run."""
    card = run_card(run)
    live_run(run, _watch(run), index, "runs")
    state = read_state(run)
    if card is None and state.status == "finished":
        say_damaged()
    _actions(state, card)
    if card is not None:
        _mistakes(state, card, index)
        _per_class(card)
    _settings(state)


def _watch(run: RunFolder) -> Watch:
    watch = st.session_state.get(_WATCH)
    if not isinstance(watch, Watch) or watch.run_id != run.id:
        watch = st.session_state[_WATCH] = Watch(run.id)
    return watch


def _actions(state: RunState, card: Card | None) -> None:
    run = state.run
    with st.container(horizontal=True, key="runs_actions"):
        if card is not None:
            _use_or_say_so(state)
            weights, card_file = run.weights_path, card_path(run.weights_path)
            st.download_button(
                "Download weights",
                data=weights.read_bytes,
                file_name=f"{run.spec.model}.pth",
                key="runs_weights",
                icon=":material/download:",
                on_click="ignore",
            )
            st.download_button(
                "Download card",
                data=card_file.read_bytes,
                file_name=f"{run.spec.model}.json",
                key="runs_card",
                icon=":material/description:",
                on_click="ignore",
            )
        if not state.is_active:
            delete_button(run)


def _use_or_say_so(state: RunState) -> None:
    if state.run.id in used_run_ids(outputs_dir()):
        st.button("Saved model", key="runs_in_use", icon=":material/check_circle:", disabled=True)
    else:
        use_button(state.run, state.info.title, key="runs_use")


def _mistakes(state: RunState, card: Card, index: DatasetIndex | None) -> None:
    scores = card.test or card.validation
    if scores is None:
        return
    st.subheader("What it mistook", anchor=False)
    where = "test clips" if card.test else "validation clips"
    st.markdown(f":small[{calm_chip(where)} {run_chips(state.run)}]")
    left, right = st.columns([11, 9], gap="medium")
    with left:
        draw_confusion(scores, key="runs_confusion")
    with right:
        mistakes = worst_mistakes(scores)
        if not mistakes:
            st.markdown("Every clip was given its right name.")
        for mistake in mistakes:
            _say(mistake, clips_to_hear(mistake, card, index))


def _say(mistake: Mistake, query: Mapping[str, Any] | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(mistake.markdown, width="content")
        if query is not None:
            st.page_link(
                ROOMS["explore"].path,
                label=f"Hear the {plain_title(mistake.true)} clips it was tested on",
                icon=":material/hearing:",
                query_params=query,
            )


def clips_to_hear(
    mistake: Mistake, card: Card, index: DatasetIndex | None
) -> Mapping[str, Any] | None:
    """The filters under which Explore shows such clips; None where they cannot be heard."""
    folds = card.spec.protocol.test_folds
    is_here = index is not None and index.has_audio and index.name == card.dataset_name
    if not is_here or not folds:
        return None
    return {"sound": plain_title(mistake.true), "fold": [str(fold) for fold in folds]}


def _per_class(card: Card) -> None:
    scores = card.test or card.validation
    if scores is None:
        return
    st.subheader("Sound by sound", anchor=False)
    config = st.column_config
    percent = "%.1f %%"
    st.dataframe(
        class_frame(scores),
        hide_index=True,
        height=table_height(len(scores.per_class)),
        key="runs_classes",
        column_config={
            "sound": "Sound",
            "precision": config.NumberColumn(
                "Precision", format=percent, help="Of all clips given this name, how many were."
            ),
            "recall": config.NumberColumn(
                "Recall", format=percent, help="Of all clips of this sound, how many were found."
            ),
            "f1": config.ProgressColumn("F1", format=percent, min_value=0, max_value=100),
            "clips": config.NumberColumn("Clips"),
        },
        alt="Precision, recall and F1 of every class",
    )


def class_frame(scores: Scores) -> pd.DataFrame:
    """Columns sound, precision, recall, f1 (percent) and clips: a row for every class."""
    return pd.DataFrame(
        [
            (
                class_title(score.name),
                100 * score.precision,
                100 * score.recall,
                100 * score.f1,
                score.n,
            )
            for score in scores.per_class
        ],
        columns=["sound", "precision", "recall", "f1", "clips"],
    )


def _settings(state: RunState) -> None:
    st.subheader("How it was made", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        show_rows(setting_rows(state.run), "Settings", key="runs_settings")
    with right:
        show_rows(figure_rows(state), "Figures", key="runs_figures")
    st.markdown("This command does the same training again:")
    st.code(command_for(state.run.spec), language="bash", wrap_lines=True)
