"""Train: choose a network, press one button, watch it learn."""

import streamlit as st

from urbansound.models.catalog import MODELS
from urbansound.records import DatasetIndex, RunSpec
from urbansound.runs.folder import RunFolder
from urbansound.ui.curves import Axes, draw_curves, run_lines
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header
from urbansound.ui.opening import dataset_line, extent_text
from urbansound.ui.run_live import live_run, news
from urbansound.ui.run_state import read_state
from urbansound.ui.runs.answers import home_of
from urbansound.ui.sharing import may_change
from urbansound.ui.spare import spare_worker
from urbansound.ui.training.actions import show_actions
from urbansound.ui.training.form import choose_spec
from urbansound.ui.training.leak_view import live_leak
from urbansound.ui.training.result import show_result
from urbansound.ui.training.watched import (
    go_to_curves,
    run_beside,
    show_queue,
    watch_over,
    watched_run,
)

# Curves that move say that the page is at work: Streamlit's own sign would flicker beside them.
# What is scrolled to stays clear of the navigation.
STYLE = """<style>
[data-testid="stStatusWidget"] { visibility: hidden; }
.st-key-train_curves { scroll-margin-top: 4.5rem; }
</style>"""


def empty_axes(index: DatasetIndex, spec: RunSpec | None) -> None:
    """Where the curves will be drawn, laid out as they will be, so that nothing moves."""
    info = MODELS[spec.model if spec else "model1"]
    n_epochs = spec.train.epochs if spec else 50

    def draw() -> None:
        with st.container(key="train_live"):
            with news("train"):
                wait = "Press Train and its" if may_change() else "Nothing learns now. The next"
                st.markdown(f"{wait} curves are drawn here.")
            draw_curves(run_lines(None), Axes.of(info, n_epochs, len(index.class_names)), "train")

    # A fragment, as the curves of a run are, so that theirs take the place of these.
    st.fragment(draw)()


def show_watched(index: DatasetIndex, spec: RunSpec | None) -> list[RunFolder]:
    """The runs that are looked at, drawn as far as they are; empty axes where there is none."""
    run = watched_run()
    if run is None:
        empty_axes(index, spec)
        return []
    # A run may be of another dataset than the one at hand now.
    index = home_of(run.spec) or index
    watch, beside = watch_over(run), run_beside(run)
    if beside is not None:
        live_leak(run, beside, index)
        return [run, beside]
    if live_run(run, watch, index, "train"):
        state = read_state(run)
        if state.status == "finished":
            show_result(state, index)
    return [run]


line = "Choose a network, press Train, and watch it learn." if may_change() else ""
page_header("Teach a network", line or "Whatever learns at the moment is drawn here.")
index = wait_for_dataset()
st.html(STYLE)
dataset_line(index, extent_text(index))
left, right = st.columns([3, 7], gap="large")
with left:
    spec = choose_spec(index) if may_change() else None
    show_actions(spec, index)
with right, st.container(key="train_curves"):
    show_queue(show_watched(index, spec))
    go_to_curves()
if may_change():
    spare_worker().warm_up()
