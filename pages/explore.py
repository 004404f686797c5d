"""Explore: every clip of the dataset, to hear, filter and look inside."""

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.chips import dataset_chip
from urbansound.ui.explore.balance import balance
from urbansound.ui.explore.clip_table import chosen_clip, clip_table
from urbansound.ui.explore.clip_view import clip_view
from urbansound.ui.explore.filters import choose_filters, clear_filters, filtered_numbers
from urbansound.ui.explore.health import health
from urbansound.ui.explore.takes import one_of_each
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header, quiet_line
from urbansound.ui.words import count_text


def sounds(index: DatasetIndex) -> None:
    """Filters, one clip of each class, the table, and the chosen clip from inside."""
    numbers = filtered_numbers(index, choose_filters(index))
    if not numbers:
        st.markdown("No clip is all of that.")
        st.button("Clear the filters", icon=":material/filter_alt_off:", on_click=clear_filters)
        return
    if index.has_audio:
        st.subheader("One of each", anchor=False)
        one_of_each(index, numbers)
    st.subheader("All clips", anchor=False)
    chosen = chosen_clip(index, numbers)
    clip_table(index, numbers, chosen)
    st.space("small")
    clip_view(index, numbers, chosen)


page_header("Explore", "Listen to any clip and look inside it.")
index = wait_for_dataset()
clips = count_text(len(index.clips), "clip")
quiet_line(
    clips if index.has_audio else f"{clips} · numbers only, nothing to hear", dataset_chip(index)
)
tabs = st.tabs(["Sounds", "Balance", "Health"], key="view", bind="query-params")
for tab, show in zip(tabs, (sounds, balance, health), strict=True):
    if tab.open:
        with tab:
            show(index)
