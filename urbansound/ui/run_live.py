"""A run as it goes: its curves, one line on what it does, [Stop]; looked at while at work."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.records import DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.curves import Axes, draw_curves, run_lines
from urbansound.ui.run_actions import show_log, stop_or_resume
from urbansound.ui.run_line import run_heading, viewer_zone
from urbansound.ui.run_state import RunState, phase_text, read_state, run_card, runs_ahead
from urbansound.ui.training.replay import Watch
from urbansound.ui.words import plain

_STARTING = 0.0


def live_run(run: RunFolder, watch: Watch, index: DatasetIndex | None, key: str) -> bool:
    """Show the run and keep looking at it while it is at work; True once all is drawn."""
    pause_s = watch.pause_s(read_state(run))

    def look() -> None:
        state = read_state(run)
        shown = watch.advance(state)
        with st.container(key=f"{key}_live"):
            run_heading(shown, index)
            draw_curves(run_lines(shown), curve_axes(shown, index), key)
            _say_what_it_does(shown, is_over=shown is state, key=key)
        _mark_tab(shown, watch)
        if watch.pause_s(state) != pause_s:
            st.rerun()

    st.fragment(look, run_every=pause_s)()
    return pause_s is None


def curve_axes(state: RunState, index: DatasetIndex | None) -> Axes:
    """The axes of a run's curves, known before its first epoch."""
    card = run_card(state.run)
    names = card.class_names if card else index.class_names if index else ()
    return Axes.of(state.info, state.n_epochs, len(names) or 10)


def _say_what_it_does(state: RunState, *, is_over: bool, key: str) -> None:
    text = plain(phase_text(state, runs_ahead(outputs_dir(), state.run), viewer_zone()))
    if state.is_active:
        st.progress(state.fraction or _STARTING, text)
    elif state.status in ("failed", "interrupted"):
        st.error(text, icon=":material/error:")
    else:
        st.markdown(text)
    if is_over:
        stop_or_resume(state, key)
        show_log(state)


def _mark_tab(state: RunState, watch: Watch) -> None:
    """The browser's tab tells the progress, then the end, to whoever saw it at work."""
    title = state.info.title
    if state.is_active:
        st.set_page_config(page_title=f"{_percent(state)}{title} is learning")
    elif watch.saw_work:
        ends = {"finished": "Done", "stopped": "Stopped"}
        st.set_page_config(page_title=f"{ends.get(state.status, 'Not done')} · {title}")


def _percent(state: RunState) -> str:
    return f"{100 * state.epoch // state.n_epochs} % · " if state.epoch else ""
