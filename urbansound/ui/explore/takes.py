"""The article's picture: one clip of each class side by side, with another at a click."""

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.player import clip_card, sound_grid

KEY = "explore_takes"


def one_of_each(index: DatasetIndex, numbers: list[int]) -> None:
    """A card per class: its first clip among `numbers`, or the one stepped to."""
    by_class: dict[int, list[int]] = {}
    for number in numbers:
        by_class.setdefault(index.clips[number].class_id, []).append(number)
    steps = st.session_state.setdefault(KEY, {})
    cards = [
        clip_card(index, group[steps.get(class_id, 0) % len(group)], another=len(group) > 1)
        for class_id, group in sorted(by_class.items())
    ]
    sound_grid(cards, key="explore_grid", on_another=lambda: _step(index))


def _step(index: DatasetIndex) -> None:
    asked = st.session_state["explore_grid"].another
    if asked is not None:
        class_id = index.clips[int(asked)].class_id
        steps = st.session_state[KEY]
        steps[class_id] = steps.get(class_id, 0) + 1
