"""Stopping, resuming and using a run: buttons whose callbacks do it at once."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.runs.folder import RunFolder
from urbansound.runs.launch import resume_run
from urbansound.runs.saved import use_run
from urbansound.ui.classify.model_choice import use_model
from urbansound.ui.run_state import RunState
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.spare import spare_worker

_IN_A_FOLD = ("started", "epoch", "checkpoint", "fold")
RESUMABLE = ("stopped", "interrupted", "failed")


def stop_or_resume(state: RunState, key: str) -> None:
    """[Stop training] while the run is at work, [Resume] where it can go on, else nothing."""
    if not may_change():
        return
    if state.is_active:
        with st.container(horizontal=True):
            st.button(
                "Stop training",
                key=f"{key}_stop",
                icon=":material/stop_circle:",
                disabled=state.run.is_stop_requested,
                on_click=_stop,
                args=(state.run,),
                help="What it has learned so far is kept.",
            )
            if state.run.spec.is_crossval and not state.info.is_perceptron:
                _pause_button(state, key)
    elif state.status in RESUMABLE:
        st.button(
            "Try again" if state.status == "failed" else "Resume",
            key=f"{key}_resume",
            icon=":material/play_circle:",
            on_click=_resume,
            args=(state.run,),
        )


def _pause_button(state: RunState, key: str) -> None:
    """Before a fold is at work there is none to stop after: asked then, it would stop at once."""
    run = state.run
    has_begun = bool(state.events) and state.events[-1]["event"] in _IN_A_FOLD
    st.button(
        "Stop after this fold",
        key=f"{key}_pause",
        icon=":material/pause_circle:",
        disabled=not has_begun or run.is_pause_requested or run.is_stop_requested,
        on_click=_pause,
        args=(run,),
        help="The fold at work is trained and tested to its end; the others wait for Resume.",
    )


@changes
def _stop(run: RunFolder) -> None:
    run.request_stop()


@changes
def _pause(run: RunFolder) -> None:
    run.request_pause()


@changes
def _resume(run: RunFolder) -> None:
    resume_run(outputs_dir(), run, spare_worker())


def use_button(run: RunFolder, title: str, key: str) -> None:
    """[Use it]: the run's weights become the saved model."""
    if not may_change():
        return
    st.button(
        "Use it",
        key=key,
        icon=":material/check_circle:",
        on_click=_use,
        args=(run, title),
        help=f"Makes this run the saved {title} and chooses it on Classify.",
    )


@changes
def _use(run: RunFolder, title: str) -> None:
    use_run(outputs_dir(), run)
    use_model(run.spec.model)
    st.toast(f"Saved as {title}, and chosen on Classify.", icon=":material/check_circle:")


def show_log(state: RunState) -> None:
    """The end of what the worker printed, closed, where a failure was not foreseen."""
    is_foreseen = state.last("failed").get("code") != "unforeseen"
    # It names folders of this computer.
    if is_foreseen or not may_change() or not state.run.log_path.is_file():
        return
    with st.expander("What the log says", icon=":material/terminal:"):
        lines = state.run.log_path.read_text("utf-8", errors="replace").splitlines()
        st.code("\n".join(lines[-30:]), language=None, wrap_lines=True)
