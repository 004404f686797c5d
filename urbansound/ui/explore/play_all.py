"""Stepping through the list of clips: by hand, or one after the other by themselves."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.explore.clip_table import choose
from urbansound.ui.explore.filters import PLAYING
from urbansound.ui.explore.sorting import Numbers, position_of

_SCRIPT = Path(__file__).parent.parent / "static" / "play_all.js"
_ORDER = "explore_order_to_player"


def is_playing_all() -> bool:
    """Whether the list plays by itself."""
    return bool(st.session_state.get(PLAYING))


def step_buttons(index: DatasetIndex, numbers: Numbers, number: int) -> None:
    """Previous, Next and Play all, or Stop; a clip out of the list has the list's start next."""
    at = position_of(numbers, number)
    before, after = (-1, 0) if at is None else (at - 1, at + 1)
    _step_button(index, numbers, before, "Previous", "Left")
    _step_button(index, numbers, after, "Next", "Right")
    if not index.has_audio or at is None:
        return
    if is_playing_all():
        st.markdown(f"Playing {at + 1:,} of {len(numbers):,}", width="content")
        st.button("Stop", icon=":material/stop:", type="primary", on_click=_stop)
    elif len(numbers) > 1:
        st.button(
            "Play all",
            icon=":material/playlist_play:",
            help="From this clip to the end of the list",
            on_click=_begin,
        )


def _step_button(index: DatasetIndex, numbers: Numbers, to: int, label: str, shortcut: str) -> None:
    is_possible = 0 <= to < len(numbers)
    st.button(
        label,
        key=f"explore_{label}",
        shortcut=shortcut,
        disabled=not is_possible,
        on_click=choose,
        args=(index, int(numbers[to if is_possible else 0])),
    )


def when_it_ends(index: DatasetIndex, numbers: Numbers, number: int) -> Callable[[], None] | None:
    """What follows when this clip has been played: the next one while all are; else nothing."""
    return partial(_go_on, index, numbers, number) if is_playing_all() else None


def skip_unreadable(index: DatasetIndex, numbers: Numbers, number: int) -> None:
    """While all are played, a clip that cannot be is passed over; the page runs again."""
    if is_playing_all():
        _go_on(index, numbers, number)
        st.rerun()


def _go_on(index: DatasetIndex, numbers: Numbers, number: int) -> None:
    at = position_of(numbers, number)
    if at is None or at + 1 >= len(numbers):
        st.session_state[PLAYING] = False
    else:
        choose(index, int(numbers[at + 1]))


def _begin() -> None:
    st.session_state[PLAYING] = True
    _order("play")


def _stop() -> None:
    st.session_state[PLAYING] = False
    _order("pause")


def _order(what: str) -> None:
    _, count = st.session_state.get(_ORDER, ("", 0))
    st.session_state[_ORDER] = (what, count + 1)


def tell_player() -> None:
    """Hand the last order on to the player in the browser, which obeys each once."""
    what, count = st.session_state.get(_ORDER, ("", 0))
    if what:
        script = _SCRIPT.read_text(encoding="utf-8")
        order = f'const order = "{what}", count = {count}'
        st.html(f"<script>{{{order}\n{script}}}</script>", unsafe_allow_javascript=True)
