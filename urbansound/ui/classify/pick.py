"""A clip of the dataset, by chance or by kind and number."""

import random

import streamlit as st

from urbansound.errors import BadAudio
from urbansound.labels import class_title
from urbansound.records import DatasetIndex
from urbansound.ui.classify.sound import Sound, clip_sound
from urbansound.ui.words import plain

ANY = "any"
_KIND, _NUMBER = "classify_kind", "classify_number"


def pick_clip(index: DatasetIndex) -> Sound | None:
    """Draw the choice of a clip; its sound, None where the clip cannot be read."""
    number = _choose_number(index)
    try:
        return clip_sound(index, number)
    except BadAudio as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _choose_number(index: DatasetIndex) -> int:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = _choose_kind(index)
        numbers = _numbers_of(index, kind)
        at = _position(numbers)
        st.session_state[_NUMBER] = at + 1
        st.number_input(
            f"Clip, 1 to {len(numbers):,}",
            min_value=1,
            max_value=len(numbers),
            key=_NUMBER,
            width=130,
            persist_state="session",
        )
        st.button(
            "Another",
            icon=":material/casino:",
            key="classify_another",
            on_click=_draw,
            args=(len(numbers),),
        )
    return numbers[at]


def _choose_kind(index: DatasetIndex) -> str:
    options = (ANY, *index.class_names)
    if st.session_state.get(_KIND) not in options:
        st.session_state[_KIND] = ANY
    return st.selectbox(
        "Kind of sound",
        options,
        format_func=lambda name: "any sound" if name == ANY else class_title(name),
        key=_KIND,
        width=190,
        persist_state="session",
    )


def _numbers_of(index: DatasetIndex, kind: str) -> list[int]:
    names = index.class_names
    return [n for n, clip in enumerate(index.clips) if kind in (ANY, names[clip.class_id])]


def _position(numbers: list[int]) -> int:
    """Where in `numbers` the chosen clip stands; by chance before anything was chosen."""
    if _NUMBER not in st.session_state:
        _draw(len(numbers))
    return min(int(st.session_state[_NUMBER]), len(numbers)) - 1


def _draw(n: int) -> None:
    before = st.session_state.get(_NUMBER)
    others = [number for number in range(1, n + 1) if number != before]
    st.session_state[_NUMBER] = random.choice(others or [1])
