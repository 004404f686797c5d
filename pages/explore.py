"""Explore: every clip of the dataset, to hear, filter and look inside."""

from importlib import import_module

import streamlit as st

from urbansound.ui.explore.filters import VIEW
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header
from urbansound.ui.opening import dataset_line
from urbansound.ui.words import count_text

# Where the function that draws each tab is. Only an open one is imported: the charts of the
# others took longer than the ten waveforms that a person came for.
TABS = {
    "Sounds": ("sounds", "sounds"),
    "Balance": ("balance", "balance"),
    "Map": ("map", "show_map"),
    "Compare": ("compare", "show_compare"),
    "Guess": ("guess", "show_guess"),
    "Health": ("health", "health"),
}

page_header("Explore", "Listen to any clip and look inside it.")
index = wait_for_dataset()
clips = count_text(len(index.clips), "clip")
dataset_line(index, clips if index.has_audio else f"{clips} · numbers only, nothing to hear")
tabs = st.tabs(list(TABS), key=VIEW, bind="query-params")
for tab, (module, function) in zip(tabs, TABS.values(), strict=True):
    if tab.open:
        with tab:
            getattr(import_module(f"urbansound.ui.explore.{module}"), function)(index)
