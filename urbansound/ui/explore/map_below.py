"""Under the map: the chosen clip with what lies nearest, and what was drawn around."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.chips import class_mark
from urbansound.ui.explore import clip_table, filters
from urbansound.ui.explore.map_canvas import Places, rows_inside
from urbansound.ui.explore.map_state import (
    LASSO,
    WAS_DRAWN,
    chosen_row,
    forget_lasso,
    lasso_of,
)
from urbansound.ui.explore.map_words import chosen_text
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, clip_card, clip_player, sound_grid
from urbansound.ui.words import count_text, loudness_text

_N_NEAREST = 5
_N_HEARD = 10
_HEAR, _WAS_ASKED, _LEAVE = "map_hear", "map_was_asked", "map_leave"
_TIMES = "map_times_taken"
# It lies below the map: whoever drew, or asked for sounds, is taken there. A browser runs the
# same script only once, so each has a number.
_TO_BAR = """<script>
// {number}
setTimeout(() => document.querySelector(".st-key-map_lasso_bar")?.scrollIntoView({{
  behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  block: "nearest",
}}), 300);
</script>"""


def has_left() -> bool:
    """Whether a button here has just turned to another tab, which only a whole run shows."""
    return bool(st.session_state.pop(_LEAVE, False))


def _leave(turn: Callable[[], None]) -> None:
    turn()
    st.session_state[_LEAVE] = True


def show_lasso(index: DatasetIndex, places: Places, address: str) -> None:
    """How many clips were drawn around, and what to do with them; nothing without a lasso."""
    polygon = lasso_of(address)
    if polygon is None:
        return
    rows = rows_inside(places.xy, polygon)
    if not len(rows):
        return
    with st.container(border=True, key="map_lasso_bar"):
        st.markdown(chosen_text(index, places, rows))
        with st.container(horizontal=True):
            _lasso_buttons(index, places.numbers[rows])
        if index.has_audio and st.session_state.get(_HEAR) == st.session_state[LASSO]:
            heard = places.numbers[rows[spread(len(rows), _N_HEARD)]]
            sound_grid([clip_card(index, int(number)) for number in heard], key="map_heard")
    was_drawn, was_asked = (st.session_state.pop(key, False) for key in (WAS_DRAWN, _WAS_ASKED))
    if was_drawn or was_asked:
        number = st.session_state[_TIMES] = st.session_state.get(_TIMES, 0) + 1
        st.html(_TO_BAR.format(number=number), unsafe_allow_javascript=True)


def _lasso_buttons(index: DatasetIndex, numbers: NDArray[np.int64]) -> None:
    words = f"{count_text(len(numbers), 'clip')} chosen on the map"

    def to_table() -> None:
        filters.show_only(numbers=numbers.tolist(), words=words)

    st.button(
        "Show in the table",
        type="primary",
        icon=":material/table_rows:",
        on_click=_leave,
        args=(to_table,),
    )
    if index.has_audio:
        label = f"Show {'ten' if len(numbers) > _N_HEARD else 'them'} to hear"
        st.button(label, icon=":material/hearing:", on_click=_hear)
    st.button("Clear", icon=":material/close:", on_click=forget_lasso)


def _hear() -> None:
    st.session_state[_HEAR] = st.session_state[LASSO]
    st.session_state[_WAS_ASKED] = True


def spread(n: int, most: int) -> NDArray[np.int64]:
    """At most `most` of n places, evenly from the first to the last."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def show_chosen(index: DatasetIndex, places: Places) -> None:
    """The chosen clip's card and the clips nearest to it; before that, what to do."""
    row = chosen_row(places)
    if row is None:
        quiet_line("Click a point to hear it; drag to move, draw around clips to choose several.")
        return
    number = int(places.numbers[row])
    _heading(index, number, places.recordings, row)
    if index.has_audio:
        clip_player(index, number, key="map_player")
    nearest = nearest_rows(places.xy, row, _N_NEAREST)
    if not len(nearest):
        return
    st.markdown("**Nearest on the map**")
    if index.has_audio:
        cards = [_card(index, places, row, int(other)) for other in nearest]
        sound_grid(cards, key="map_nearest")
        return
    names = [data.clip_title(index, index.clips[int(places.numbers[at])]) for at in nearest]
    quiet_line(", ".join(names))


def _heading(index: DatasetIndex, number: int, recordings: NDArray[np.int64], row: int) -> None:
    clip = index.clips[number]
    with st.container(horizontal=True, vertical_alignment="center"):
        mark = class_mark(index.class_names[clip.class_id], clip.class_id)
        st.html(f'<span style="font-size:1.25rem;font-weight:600">{mark}</span>')
        st.button(
            "Look inside",
            icon=":material/frame_inspect:",
            key="map_look",
            on_click=_leave,
            args=(lambda: clip_table.show_clip(index, number),),
        )
    facts = [clip.name or f"row {number + 1}", f"fold {clip.fold}"]
    if index.has_audio:
        facts += [loudness_text(clip), f"{clip.duration_s:.1f} s"]
    if clip.recording_id is not None:
        n_others = int((recordings == recordings[row]).sum()) - 1
        joined = f", joined by lines to {count_text(n_others, 'other clip')}" if n_others else ""
        facts.append(f"recording {clip.recording_id}{joined}")
    quiet_line(" · ".join(facts))


def _card(index: DatasetIndex, places: Places, row: int, other: int) -> SoundCard:
    own, its = places.recordings[row], places.recordings[other]
    is_same = own >= 0 and own == its
    card = clip_card(index, int(places.numbers[other]))
    return replace(card, note="same recording" if is_same else f"fold {places.folds[other]}")


def nearest_rows(xy: NDArray[np.uint16], row: int, n: int) -> NDArray[np.int64]:
    """The n rows of xy [rows, 2] nearest to one of them, the nearest first, itself left out."""
    far = np.square(xy.astype(np.float64) - xy[row]).sum(axis=1)
    far[row] = np.inf
    n = min(n, len(xy) - 1)
    best = np.argpartition(far, n)[:n] if n < len(xy) - 1 else np.argsort(far)[:n]
    return best[np.argsort(far[best], kind="stable")]
