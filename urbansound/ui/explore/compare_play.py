"""Two classes by ear: random clips in turn, equally loud, and five of each to click."""

from typing import Any

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.chips import class_mark
from urbansound.ui.explore.ear import class_face, ear_component, ear_sound
from urbansound.ui.player import clip_card, sound_grid

CARDS, TURNS = 5, 12
_SEED = "compare_seed"
_mount = ear_component("turns")


def play_in_turn(index: DatasetIndex, one: int, other: int) -> None:
    """The player that alternates, and the cards below it; others come at a click."""
    st.header("By ear", anchor=False)
    seed = int(st.session_state.get(_SEED, 0))
    drawn = [_drawn(index, class_id, seed) for class_id in (one, other)]
    sounds = [[_sound(index, number) for number in numbers] for numbers in drawn]
    sounds = [[sound for sound in side if sound["level"] is not None] for side in sounds]
    faces = [class_face(index.class_names[class_id], class_id) for class_id in (one, other)]
    if all(sounds):
        _mount(data={"faces": faces, "sounds": sounds}, key="compare_turns")
    for class_id, numbers in zip((one, other), drawn, strict=True):
        st.html(f"<strong>{class_mark(index.class_names[class_id], class_id)}</strong>")
        cards = [clip_card(index, number) for number in numbers[:CARDS]]
        sound_grid(cards, key=f"compare_cards_{class_id}")
    st.button("Other clips", icon=":material/refresh:", on_click=_draw_others)


def _draw_others() -> None:
    st.session_state[_SEED] = int(st.session_state.get(_SEED, 0)) + 1


def _drawn(index: DatasetIndex, class_id: int, seed: int) -> list[int]:
    """Some clips of the class, the same for the same seed."""
    return _draw(data.dataset_version(index), class_id, seed, index)


@st.cache_data(show_spinner=False, max_entries=64)
def _draw(version: str, class_id: int, seed: int, _index: DatasetIndex) -> list[int]:
    del version
    numbers = np.flatnonzero(columns_of(_index).class_ids == class_id)
    rng = np.random.default_rng((seed, class_id))
    drawn: list[int] = rng.permutation(numbers)[:TURNS].tolist()
    return drawn


def _sound(index: DatasetIndex, number: int) -> dict[str, Any]:
    return ear_sound(index, number) | {"name": index.clips[number].name}
