"""Compare: two classes or two clips side by side, to see, to hear and as models hear them."""

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.explore.compare_classes import compare_classes
from urbansound.ui.explore.compare_clips import compare_clips

BETWEEN = "between"
CLASSES, CLIPS = "Two classes", "Two clips"


def show_compare(index: DatasetIndex) -> None:
    """The choice between two classes and two clips, and what belongs to it.

    Without audio only classes can be compared, by their numbers.
    """
    if not index.has_audio:
        compare_classes(index)
        return
    chosen = st.segmented_control(
        "Compare",
        (CLASSES, CLIPS),
        default=CLASSES,
        required=True,
        key=BETWEEN,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    if chosen == CLIPS:
        compare_clips(index)
    else:
        compare_classes(index)
