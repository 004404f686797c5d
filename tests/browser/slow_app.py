"""A page that takes three seconds over each stretch of live sound, and notes what it got."""

import time

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.ui.classify.ear import Ear
from urbansound.ui.frame import page_frame
from urbansound.ui.microphone import listen_live, parse_chunk

ear: Ear = st.session_state.setdefault("ear", Ear())


def take(payload: object) -> None:
    chunk = parse_chunk(payload)
    with open(outputs_dir() / "chunks.txt", "a") as file:
        print(chunk.number, chunk.start, len(chunk.audio.samples), file=file)
    ear.take(payload)
    time.sleep(3)


@st.fragment
def listen() -> None:
    listen_live(key="live", heard=ear.acknowledged, on_chunk=take)


with page_frame():
    listen()
