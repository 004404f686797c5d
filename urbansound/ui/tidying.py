"""What killed processes left behind is cleared away when the app starts."""

import streamlit as st

from urbansound.files import drop_parts
from urbansound.paths import data_dir, outputs_dir
from urbansound.runs.store import runs_dir


@st.cache_resource(show_spinner=False)
def tidy_up() -> None:
    """Delete half-written files in the app's own folders; once, when the first page is asked for.

    A person's own folders are not looked into.
    """
    data, outputs = data_dir(), outputs_dir()
    runs = runs_dir(outputs)
    for folder in (outputs, *outputs.glob("*/"), *runs.glob("*/"), data, *data.glob("*/")):
        drop_parts(folder)
    for folder in (data / "kept").glob("*/"):
        drop_parts(folder)
