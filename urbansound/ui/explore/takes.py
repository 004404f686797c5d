"""The article's picture: one clip of each class side by side, with another at a click."""

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.player import clip_card, sound_grid

KEY, ALL = "explore_takes", "explore_all_takes"
_AT_FIRST = 10


def one_of_each(index: DatasetIndex) -> None:
    """A card per class: its first clip, or the one stepped to; of many classes ten at first."""
    classes = np.unique(columns_of(index).class_ids).tolist()
    n_shown = len(classes) if st.session_state.get(ALL) else _AT_FIRST
    st.header("One of each", anchor=False)
    cards = [
        clip_card(index, number, another=n > 1)
        for number, n in (_take(index, class_id) for class_id in classes[:n_shown])
    ]
    sound_grid(cards, key="explore_grid", on_another=lambda: _step(index))
    if len(classes) > n_shown:
        st.button(f"Show all {len(classes)} kinds of sound", key="explore_kinds", on_click=_all)


def _take(index: DatasetIndex, class_id: int) -> tuple[int, int]:
    """The number of the clip to show of a class, and how many clips it has."""
    numbers = np.flatnonzero(columns_of(index).class_ids == class_id)
    step = _steps().get((data.dataset_token(index), class_id), 0)
    return int(numbers[step % len(numbers)]), len(numbers)


def _steps() -> dict[tuple[str, int], int]:
    steps: dict[tuple[str, int], int] = st.session_state.setdefault(KEY, {})
    return steps


def _all() -> None:
    st.session_state[ALL] = True


def _step(index: DatasetIndex) -> None:
    asked = st.session_state["explore_grid"].another
    if asked is not None:
        place = (data.dataset_token(index), index.clips[int(asked)].class_id)
        _steps()[place] = _steps().get(place, 0) + 1
