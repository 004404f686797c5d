"""The server's spare worker: one for all who train on it."""

import streamlit as st

from urbansound.runs.spare import SpareWorker


@st.cache_resource(show_spinner=False)
def spare_worker() -> SpareWorker:
    """What has the next run's worker wait; the Train page starts that, `warm_up`."""
    return SpareWorker()
