"""A page that listens live, for its tests, and a page to walk away to."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.runs.saved import find_model
from urbansound.ui.classify.live import show_live
from urbansound.ui.frame import page_frame


def keep(wav: bytes) -> None:
    (outputs_dir() / "take.wav").write_bytes(wav)
    st.session_state["n_bytes"] = len(wav)


with page_frame():
    if st.toggle("Elsewhere"):
        st.text("Another page")
    else:
        show_live([find_model(outputs_dir(), "model1")], on_keep=keep)
    if "n_bytes" in st.session_state:
        st.text(f"Kept {st.session_state['n_bytes']} bytes")
