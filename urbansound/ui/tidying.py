"""What killed processes left behind is cleared away when the app starts."""

import streamlit as st

from urbansound.paths import data_dir, outputs_dir
from urbansound.runs.leftovers import drop_leftovers


@st.cache_resource(show_spinner=False)
def tidy_up() -> None:
    """Once, when the first page is asked for."""
    drop_leftovers(data_dir(), outputs_dir())
