"""Measuring all clips of the dataset at hand, once, where a page needs their 40 means."""

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui import background
from urbansound.ui.frame import quiet_line
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.words import plain, seconds_text


def offer_to_measure(index: DatasetIndex, why: str) -> None:
    """The reason and a button; while the clips are being measured, how far that is."""
    name = background.job_on("features", index)
    job = background.state(name)
    if job.status == "running":
        _measuring(name)
        return
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    quiet_line(why)
    if not may_change():
        say_only_looking("That has not been done yet.")
    elif st.button("Measure all clips", icon=":material/straighten:"):
        background.start(name)
        st.rerun()


@st.fragment(run_every=0.7)
def _measuring(name: str) -> None:
    job = background.state(name)
    if job.status != "running":
        st.rerun()
    left = f" · {seconds_text(job.left_s)} left" if job.left_s else ""
    st.progress(job.fraction, f"Measuring … {job.done:,} of {job.total:,} clips{left}")
