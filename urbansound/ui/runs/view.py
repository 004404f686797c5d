"""One run: what it does or did, what can be done with it, and a look inside, part by part."""

from collections.abc import Callable

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.records import Card, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.run_actions import use_button
from urbansound.ui.run_live import live_run
from urbansound.ui.run_state import RunState, read_state, run_card
from urbansound.ui.runs.classes import show_classes
from urbansound.ui.runs.exporting import export_button
from urbansound.ui.runs.folds import show_folds
from urbansound.ui.runs.inside import Inside, look_inside
from urbansound.ui.runs.mistakes import show_mistakes
from urbansound.ui.runs.passport import show_passport, show_settings
from urbansound.ui.runs.reliability import show_reliability
from urbansound.ui.runs.removal import delete_button
from urbansound.ui.runs.reproduction import reproduce_button, tell_repeats
from urbansound.ui.runs.saved import used_run_ids
from urbansound.ui.runs.slices import show_slices
from urbansound.ui.runs.suspects import show_suspects
from urbansound.ui.training.replay import Watch
from urbansound.ui.training.result import say_damaged

_WATCH = "runs_watch"


def _doubtful_labels(inside: Inside) -> None:
    show_suspects(inside.run, inside.card, inside.results, inside.index)


PARTS: dict[str, Callable[[Inside], None]] = {
    "Mistakes": show_mistakes,
    "Sounds": show_classes,
    "How sure": show_reliability,
    "Where it fails": show_slices,
    "Passport": show_passport,
}
OF_FOLDS: dict[str, Callable[[Inside], None]] = {
    "Folds": show_folds,
    "Doubtful labels": _doubtful_labels,
}


def show_run(run: RunFolder, index: DatasetIndex | None) -> None:
    """All that is known about one run."""
    card = run_card(run)
    live_run(run, _watch(run), index, "runs")
    state = read_state(run)
    if card is None and state.status == "finished":
        say_damaged()
    _actions(state, card)
    if card is None:
        show_settings(state)
        return
    tell_repeats(run, card)
    _parts(look_inside(state, card, index))


def _watch(run: RunFolder) -> Watch:
    watch = st.session_state.get(_WATCH)
    if not isinstance(watch, Watch) or watch.run_id != run.id:
        watch = st.session_state[_WATCH] = Watch(run.id)
    return watch


def _parts(inside: Inside) -> None:
    """One part at a time, each drawn when it is opened; the address names it."""
    parts = PARTS | OF_FOLDS if inside.card.folds else PARTS
    tabs = st.tabs(list(parts), key="part", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                show(inside)


def _actions(state: RunState, card: Card | None) -> None:
    run = state.run
    with st.container(horizontal=True, key="runs_actions"):
        if card is not None:
            if card.sha256:
                _use_or_say_so(state)
            export_button(run, card)
            reproduce_button(run)
        if not state.is_active:
            delete_button(run)


def _use_or_say_so(state: RunState) -> None:
    if state.run.id in used_run_ids(outputs_dir()):
        st.button("Saved model", key="runs_in_use", icon=":material/check_circle:", disabled=True)
    else:
        use_button(state.run, state.info.title, key="runs_use")
