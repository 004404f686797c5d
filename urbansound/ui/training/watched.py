"""Which run the Train page shows: begun here, named in the address, or at work already."""

import streamlit as st

from urbansound.errors import BadConfig, UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.records import RunSpec
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.runs.launch import start_run
from urbansound.runs.store import find_run, list_runs
from urbansound.ui.frame import show_error
from urbansound.ui.run_line import viewer_zone
from urbansound.ui.run_state import phase_text, read_state, run_title, runs_ahead
from urbansound.ui.training.replay import Watch
from urbansound.ui.words import plain

_WATCH = "train_watch"


# On a phone the curves lie below the button: whoever pressed it is taken to them.
_TO_CURVES = """<script>
if (innerWidth < 640) document.querySelector(".st-key-train_curves")
  ?.scrollIntoView({ behavior: "smooth", block: "start" });
</script>"""


def begin(spec: RunSpec) -> None:
    """Start a training and watch it from its first moment."""
    try:
        run = start_run(outputs_dir(), spec)
    except UrbanSoundError as error:
        show_error(error)
        return
    st.session_state[_WATCH] = Watch.from_start(run.id)
    st.query_params["run"] = run.id
    st.html(_TO_CURVES, unsafe_allow_javascript=True)


def watched_run() -> RunFolder | None:
    """The run in the address, else the one watched before, else the newest at work."""
    linked = st.query_params.get("run", "")
    watch = st.session_state.get(_WATCH)
    for run_id in (linked, watch.run_id if watch else ""):
        try:
            return find_run(outputs_dir(), run_id)
        except BadConfig:
            continue
    if linked:
        st.markdown("The run that this address names is not here any more.")
        del st.query_params["run"]
    return next((run for run in list_runs(outputs_dir()) if run.status() in ACTIVE), None)


def watch_over(run: RunFolder) -> Watch:
    """This person's watch over the run; a new one shows the run as it is."""
    watch = st.session_state.get(_WATCH)
    if not isinstance(watch, Watch) or watch.run_id != run.id:
        watch = st.session_state[_WATCH] = Watch(run.id)
    if st.query_params.get("run") != run.id:
        st.query_params["run"] = run.id
    return watch


def show_queue(shown: RunFolder | None) -> None:
    """The other runs that are at work or wait, each with a button that shows it."""
    waiting = [run for run in reversed(list_runs(outputs_dir())) if run.status() in ACTIVE]
    others = [run for run in waiting if shown is None or run.id != shown.id]
    if not others:
        return
    st.markdown("**Also at work**" if shown else "**At work**")
    zone = viewer_zone()
    for run in others:
        words = phase_text(read_state(run), runs_ahead(outputs_dir(), run), zone)
        with st.container(horizontal=True, vertical_alignment="center", key=f"queue_{run.id}"):
            st.markdown(plain(f"{run_title(run, zone)}: {words}"), width="content")
            st.button("Show", key=f"train_show_{run.id}", on_click=_show, args=(run.id,))


def _show(run_id: str) -> None:
    st.query_params["run"] = run_id
