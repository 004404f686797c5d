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
from urbansound.ui.sharing import changes
from urbansound.ui.spare import spare_worker
from urbansound.ui.training.replay import Watch
from urbansound.ui.words import plain

_WATCH = "train_watch"
# The run in the address and, under this name, the one beside it that shows the leak.
_LEAK, _BESIDE = "leak", "train_beside"
_IS_NEW = "train_is_new"

# Whoever pressed a button where the curves are out of sight is taken to them.
_TO_CURVES = """<script>{
  const curves = document.querySelector(".st-key-train_curves")
  const { top } = curves.getBoundingClientRect()
  if (top < 0 || top > innerHeight / 2)
    curves.scrollIntoView({ behavior: "smooth", block: "start" })
}</script>"""


@changes
def begin(spec: RunSpec) -> None:
    """Start a training and watch it from its first moment."""
    try:
        run = start_run(outputs_dir(), spec, spare_worker())
    except UrbanSoundError as error:
        show_error(error)
        return
    _watch_from_start(run.id)


@changes
def begin_pair(honest: RunSpec, leaky: RunSpec) -> None:
    """Start the same training under both splits and watch them side by side."""
    try:
        first, second = (start_run(outputs_dir(), spec, spare_worker()) for spec in (honest, leaky))
    except UrbanSoundError as error:
        show_error(error)
        return
    _watch_from_start(first.id, beside=second.id)


def _watch_from_start(run_id: str, beside: str | None = None) -> None:
    st.session_state[_WATCH] = Watch.from_start(run_id)
    st.session_state[_BESIDE] = (run_id, beside)
    st.query_params["run"] = run_id
    _address_beside(beside)
    st.session_state[_IS_NEW] = True


def go_to_curves() -> None:
    """After a press of a button, bring the curves into sight; at the page's end."""
    if st.session_state.pop(_IS_NEW, False):
        st.html(_TO_CURVES, unsafe_allow_javascript=True)


def _address_beside(run_id: str | None) -> None:
    if run_id is not None:
        st.query_params[_LEAK] = run_id
    elif _LEAK in st.query_params:
        del st.query_params[_LEAK]


def run_beside(run: RunFolder) -> RunFolder | None:
    """The run that shows the leak beside this one: in the address, or watched before with it."""
    linked = st.query_params.get(_LEAK, "")
    first, second = st.session_state.get(_BESIDE, ("", None))
    known = linked or (second if first == run.id else None)
    try:
        beside = find_run(outputs_dir(), known or "")
    except BadConfig:
        beside = None
    is_pair = beside is not None and beside.id != run.id and not beside.spec.is_crossval
    st.session_state[_BESIDE] = (run.id, beside.id if is_pair and beside else None)
    _address_beside(beside.id if is_pair and beside else None)
    return beside if is_pair else None


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


def show_queue(shown: list[RunFolder]) -> None:
    """The other runs that are at work or wait, each with a button that shows it."""
    waiting = [run for run in reversed(list_runs(outputs_dir())) if run.status() in ACTIVE]
    others = [run for run in waiting if run not in shown]
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
    """A callback."""
    st.session_state[_BESIDE] = (run_id, None)
    st.query_params["run"] = run_id
    _address_beside(None)
