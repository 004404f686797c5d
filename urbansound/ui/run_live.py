"""A run as it goes: one line on what it does, its curves, [Stop]; looked at while at work."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from urbansound.paths import outputs_dir
from urbansound.records import DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.curves import Axes, draw_curves, run_lines
from urbansound.ui.run_actions import show_log, stop_or_resume
from urbansound.ui.run_folds import so_far_text
from urbansound.ui.run_line import run_heading, viewer_zone
from urbansound.ui.run_state import RunState, phase_text, read_state, run_card, run_name, runs_ahead
from urbansound.ui.training.fold_grid import draw_folds
from urbansound.ui.training.replay import Watch
from urbansound.ui.training.result import folds_sentence, score_sentence
from urbansound.ui.words import plain

_STARTING = 0.0
_STYLE = """<style>
[class*="_news"] { min-height: 7.4rem; }
[class*="_folds_news"] { min-height: 10.5rem; }
@media (max-width: 640px) {
  [class*="_news"] { min-height: 8rem; }
  [class*="_folds_news"] { min-height: 15rem; }
}
</style>"""


def news(key: str) -> DeltaGenerator:
    """The place above the curves, as high before a training as at work and at its end."""
    st.html(_STYLE)
    return st.container(key=f"{key}_news", gap="small")


def live_run(run: RunFolder, watch: Watch, index: DatasetIndex | None, key: str) -> bool:
    """Show the run and keep looking at it while it is at work; True once all is drawn."""
    pause_s = watch.pause_s(read_state(run))

    def look() -> None:
        state = read_state(run)
        shown = watch.advance(state)
        with st.container(key=f"{key}_live"):
            _draw(shown, index, key)
            if shown is state:
                stop_or_resume(state, key)
                show_log(state)
        _mark_tab(shown, watch)
        if watch.pause_s(state) != pause_s:
            st.rerun()

    st.fragment(look, run_every=pause_s)()
    return pause_s is None


def _draw(state: RunState, index: DatasetIndex | None, key: str) -> None:
    """What the run is, does and came to, above its curves."""
    is_crossval = state.run.spec.is_crossval
    with news(f"{key}_folds" if is_crossval else key):
        run_heading(state, index)
        _say_what_it_does(state)
        if is_crossval and state.status != "finished":
            st.markdown(so_far_text(state.folds))
    axes = curve_axes(state, index)
    if is_crossval:
        draw_folds(state, axes.n_classes, key)
    else:
        draw_curves(run_lines(state), axes, key)


def curve_axes(state: RunState, index: DatasetIndex | None) -> Axes:
    """The axes of a run's curves, known before its first epoch."""
    card = run_card(state.run)
    names = card.class_names if card else index.class_names if index else ()
    return Axes.of(state.info, state.n_epochs, len(names) or 10)


def _say_what_it_does(state: RunState) -> None:
    """What a run at work does; then, in the same place, what it came to."""
    text = plain(phase_text(state, runs_ahead(outputs_dir(), state.run), viewer_zone()))
    card = run_card(state.run) if state.status == "finished" else None
    if state.is_active:
        st.progress(state.fraction or _STARTING, text)
    elif state.status in ("failed", "interrupted"):
        st.error(text, icon=":material/error:")
    else:
        if card is not None:
            st.markdown(f"## {score_sentence(card)}")
            if card.folds:
                st.markdown(folds_sentence(card))
        st.markdown(f":gray[{text}]")


def _mark_tab(state: RunState, watch: Watch) -> None:
    """The browser's tab tells the progress, then the end, to whoever saw it at work."""
    title = run_name(state.run)
    if state.is_active:
        st.set_page_config(page_title=f"{_percent(state)}{title} is learning")
    elif watch.saw_work:
        ends = {"finished": "Done", "stopped": "Stopped"}
        st.set_page_config(page_title=f"{ends.get(state.status, 'Not done')} · {title}")


def _percent(state: RunState) -> str:
    return f"{int(100 * (state.fraction or 0))} % · " if state.epoch else ""
