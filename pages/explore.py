"""Explore: every clip of the dataset, to hear, filter and look inside."""

import streamlit as st

from urbansound.ui.explore.balance import balance
from urbansound.ui.explore.compare import show_compare
from urbansound.ui.explore.filters import VIEW
from urbansound.ui.explore.guess import show_guess
from urbansound.ui.explore.health import health
from urbansound.ui.explore.map import show_map
from urbansound.ui.explore.sounds import sounds
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header
from urbansound.ui.opening import dataset_line
from urbansound.ui.words import count_text

TABS = {
    "Sounds": sounds,
    "Balance": balance,
    "Map": show_map,
    "Compare": show_compare,
    "Guess": show_guess,
    "Health": health,
}

page_header("Explore", "Listen to any clip and look inside it.")
index = wait_for_dataset()
clips = count_text(len(index.clips), "clip")
dataset_line(index, clips if index.has_audio else f"{clips} · numbers only, nothing to hear")
tabs = st.tabs(list(TABS), key=VIEW, bind="query-params")
for tab, show in zip(tabs, TABS.values(), strict=True):
    if tab.open:
        with tab:
            show(index)
