"""A page with nothing but the recorder, for its tests: the last take lies in the outputs."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.ui.frame import page_frame
from urbansound.ui.microphone import record_take


def keep(wav: bytes) -> None:
    (outputs_dir() / "take.wav").write_bytes(wav)
    st.session_state["n_bytes"] = len(wav)


with page_frame():
    record_take(key="take", on_take=keep, has_take="n_bytes" in st.session_state)
    if "n_bytes" in st.session_state:
        st.text(f"A take of {st.session_state['n_bytes']} bytes")
