"""The first start: without any data the app makes its demo sounds by itself."""

import streamlit as st

from urbansound.errors import BadDataset
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.frame import quiet_line
from urbansound.ui.opening import say_unusable
from urbansound.ui.player import skeleton_grid
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.words import plain, seconds_text


def wait_for_dataset() -> DatasetIndex:
    """The dataset at hand; without one, cards to come and a bar, and the page ends there.

    The page begins again by itself as soon as the demo sounds are whole. It ends too where the
    dataset cannot be used: with what is wrong, and the way to another.
    """
    try:
        index = data.current_dataset()
    except BadDataset as error:
        say_unusable(error)
        st.stop()
    if index is None and not may_change():
        say_only_looking("There are no sounds here yet.")
        st.stop()
    if index is None:
        _demo_being_made()
        st.stop()
    return index


@st.fragment(run_every=0.7)
def _demo_being_made() -> None:
    job = background.state("demo")
    if job.status != "running" and data.current_dataset() is not None:
        st.rerun()
    quiet_line("Nothing to download: the app is making its first sounds by itself.")
    skeleton_grid(10, key="sounds_to_come")
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            background.start("demo")
        return
    if job.status != "running":
        background.start("demo")
    _bar(job)


def _bar(job: background.JobState) -> None:
    left = f" · {seconds_text(job.left_s)} left" if job.left_s else ""
    sounds = f"{job.total} demo sounds … {job.done} of {job.total}" if job.total else "demo sounds"
    st.progress(job.fraction, f"Making {sounds}{left}")
