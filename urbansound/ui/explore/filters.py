"""What narrows down the clips: pills, a search, and what other tabs ask to be shown.

All but a set of clips chosen elsewhere is bound to the address, so that a view can be shared.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.errors import StreamlitAPIException

from urbansound.dataset.columns import Columns, columns_of
from urbansound.dataset.survey import Survey
from urbansound.records import CLIP_S, DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.sorting import AS_GIVEN
from urbansound.ui.explore.surveyed import survey_of
from urbansound.ui.words import count_text, plain, plain_title

T = TypeVar("T")
Mask = NDArray[np.bool_]

VIEW, SOUNDS = "view", "Sounds"
LISTS = ("sound", "fold", "loudness", "length", "rate")
SEARCH, RECORDING, CHOSEN_SET, SORT = "search", "recording", "explore_set", "sort"
CLIP, CHOSEN, PAGE, PINNED, PLAYING = (
    "clip",
    "explore_clip",
    "explore_page",
    "explore_pinned",
    "explore_playing",
)
LENGTHS = {"under 1 s": (0.0, 1.0), "1 to 3.9 s": (1.0, 3.9), "4 s": (3.9, np.inf)}
LOUDNESS = ("loud", "faint")
_MOST_PILLS = 12


@dataclass(frozen=True, eq=False)
class Filters:
    """What is asked for; an empty tuple asks for everything.

    `numbers` int64 are clips chosen elsewhere, None for all; `search` is part of a file's
    name or a recording's number.
    """

    sounds: tuple[str, ...] = ()
    folds: tuple[int, ...] = ()
    loudness: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    rates: tuple[int, ...] = ()
    recording: int | None = None
    numbers: NDArray[np.int64] | None = None
    search: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything at all is asked for."""
        lists = (self.sounds, self.folds, self.loudness, self.lengths, self.rates, self.search)
        return any(lists) or self.recording is not None or self.numbers is not None


def mask_of(index: DatasetIndex, filters: Filters, survey: Survey | None) -> Mask:
    """Which clips are asked for, bool [n]. Without a survey nothing is asked of sample rates."""
    columns = columns_of(index)
    mask = np.ones(len(columns), np.bool_)
    if filters.sounds:
        ids = [at for at, name in enumerate(index.class_names) if name in filters.sounds]
        mask &= np.isin(columns.class_ids, ids)
    if filters.folds:
        mask &= np.isin(columns.folds, filters.folds)
    if filters.loudness:
        mask &= np.isin(columns.is_loud, [name == "loud" for name in filters.loudness])
    if filters.lengths:
        mask &= np.isin(length_bands(columns), [list(LENGTHS).index(x) for x in filters.lengths])
    if filters.rates and survey is not None:
        mask &= np.isin(survey.sample_rates, filters.rates)
    if filters.recording is not None:
        mask &= columns.recordings == filters.recording
    if filters.numbers is not None:
        mask &= _with(filters.numbers, len(mask))
    return mask & _found(columns, filters.search) if filters.search else mask


def length_bands(columns: Columns) -> NDArray[np.int64]:
    """Which band of `LENGTHS` each clip's length falls into: its place there, int64 [n]."""
    starts = [low for low, _ in LENGTHS.values()][1:]
    return np.searchsorted(starts, columns.durations_s, side="right")


def _with(numbers: NDArray[np.int64], n: int) -> Mask:
    mask = np.zeros(n, np.bool_)
    mask[numbers[(numbers >= 0) & (numbers < n)]] = True
    return mask


def _found(columns: Columns, search: str) -> Mask:
    wanted = search.casefold()
    mask = np.array([wanted in path for path in columns.searched], np.bool_)
    if wanted.isdecimal() and len(wanted) < 19:
        mask |= columns.recordings == int(wanted)
    return mask


def show_only(
    *,
    sounds: Sequence[str] = (),
    folds: Sequence[int] = (),
    loudness: Sequence[str] = (),
    lengths: Sequence[str] = (),
    rates: Sequence[int] = (),
    recording: int | None = None,
    numbers: Iterable[int] | None = None,
    words: str = "",
) -> None:
    """A callback: turn to the Sounds tab and show these clips and no others.

    `sounds` are class names, `lengths` names of LENGTHS, `loudness` of LOUDNESS, `rates` in
    Hz. `numbers` is any set of clips, and `words` says what they are.
    """
    clear_filters()
    asked = dict(zip(LISTS, (sounds, folds, loudness, lengths, rates), strict=True))
    for key, values in asked.items():
        st.session_state[key] = list(values)
        _put_in_address(key, [_WORDS[key](value) for value in values])
    st.session_state[RECORDING] = recording
    chosen = None if numbers is None else np.unique(np.fromiter(numbers, np.int64))
    if chosen is not None and (len(chosen) or words):
        st.session_state[CHOSEN_SET] = (_token(), chosen, words)
    st.session_state[VIEW] = SOUNDS


def _put_in_address(key: str, words: list[str]) -> None:
    """As the pills do once they are there; where they are, the address is theirs alone."""
    with suppress(StreamlitAPIException):
        st.query_params[key] = words


def _token() -> str:
    index = data.current_dataset()
    return "" if index is None else data.dataset_token(index)


def clear_filters() -> None:
    """A callback: ask for everything again."""
    for key in LISTS:
        st.session_state[key] = []
    st.session_state[SEARCH] = ""
    drop_recording()
    drop_set()


def drop_recording() -> None:
    """A callback: ask for clips of all recordings."""
    st.session_state[RECORDING] = None
    begin_anew()


def drop_set() -> None:
    """A callback: forget the set of clips that was chosen elsewhere."""
    st.session_state.pop(CHOSEN_SET, None)
    begin_anew()


def begin_anew() -> None:
    """A callback: another list has begun, so its first clip is the chosen one."""
    for key in (CHOSEN, PAGE, PINNED, PLAYING):
        st.session_state.pop(key, None)
    if CLIP in st.query_params:
        del st.query_params[CLIP]


def sort_anew() -> None:
    """A callback: the same clips in another order; a chosen one stays chosen, in sight."""
    st.session_state[PAGE] = None


def choose_filters(index: DatasetIndex) -> Filters:
    """Draw what can be asked for and give back what is."""
    columns, survey = columns_of(index), survey_of(index)
    sounds = _choices("Sound", _present(index), key="sound", words=plain_title)
    with st.container(horizontal=True, gap="medium"):
        folds = _choices("Fold", columns.fold_numbers, key="fold", words=str)
        if not index.has_audio:
            return Filters(sounds, folds, numbers=_chosen_set(index))
        loudness = _choices("Loud or faint", LOUDNESS, key="loudness", words=str)
        lengths = _choices("Length", tuple(LENGTHS), key="length", words=_length_words(columns))
        rates = _choices("Sample rate", native_rates(survey), key="rate", words=rate_text)
    return Filters(
        *(sounds, folds, loudness, lengths, rates),
        recording=_recording(),
        numbers=_chosen_set(index),
        search=str(st.session_state.get(SEARCH, "")).strip(),
    )


def _present(index: DatasetIndex) -> tuple[str, ...]:
    """The classes that have clips, in their own order."""
    ids = np.unique(columns_of(index).class_ids)
    return tuple(index.class_names[int(class_id)] for class_id in ids)


def _length_words(columns: Columns) -> Callable[[str], str]:
    longest = list(LENGTHS)[-1]
    has_longer = bool((columns.durations_s > CLIP_S + 0.05).any())
    return lambda name: f"{name} or more" if has_longer and name == longest else name


def native_rates(survey: Survey | None) -> tuple[int, ...]:
    """The sample rates that files have, in Hz, the lowest first."""
    if survey is None:
        return ()
    return tuple(int(rate) for rate in np.unique(survey.sample_rates) if rate)


def rate_text(rate: int) -> str:
    """A sample rate as a person reads it: "44.1 kHz"."""
    return f"{rate / 1000:g} kHz"


_WORDS: dict[str, Callable[[Any], str]] = {
    "sound": plain_title,
    "fold": str,
    "loudness": str,
    "length": str,
    "rate": rate_text,
}


def _choices(
    label: str, options: tuple[T, ...], *, key: str, words: Callable[[Any], str]
) -> tuple[T, ...]:
    """Pills, or a field that lists the options where there would be a wall of pills."""
    if len(options) < 2 and not st.session_state.get(key):
        return ()
    if len(options) > _MOST_PILLS:
        chosen = st.multiselect(
            label,
            options,
            format_func=words,
            key=key,
            bind="query-params",
            on_change=begin_anew,
            placeholder=f"All {len(options)}",
            width=360,
        )
    else:
        chosen = st.pills(
            label,
            options,
            selection_mode="multi",
            format_func=words,
            key=key,
            bind="query-params",
            on_change=begin_anew,
            width="content",
        )
    return tuple(option for option in chosen if option in options)


def _recording() -> int | None:
    """The recording asked for; it goes into the address as what it is."""
    if RECORDING not in st.session_state:
        linked = st.query_params.get(RECORDING, "")
        st.session_state[RECORDING] = (
            int(linked) if linked.isdecimal() and len(linked) < 19 else None
        )
    recording: int | None = st.session_state[RECORDING]
    if recording is not None and st.query_params.get(RECORDING) != str(recording):
        st.query_params[RECORDING] = str(recording)
    if recording is None and RECORDING in st.query_params:
        del st.query_params[RECORDING]
    return recording


def _chosen_set(index: DatasetIndex) -> NDArray[np.int64] | None:
    token, numbers, _ = st.session_state.get(CHOSEN_SET, ("", None, ""))
    return numbers if token == data.dataset_token(index) else None


def search_field(index: DatasetIndex) -> None:
    """Draw the search for a file or a recording."""
    if index.has_audio:
        st.text_input(
            "File or recording",
            key=SEARCH,
            bind="query-params",
            on_change=begin_anew,
            placeholder="Name or number",
            icon=":material/search:",
            width=240,
        )


def tell_count(index: DatasetIndex, filters: Filters, n: int) -> None:
    """How many clips are left of how many, what else they are, and a way back to all."""
    total = len(index.clips)
    with st.container(horizontal=True, vertical_alignment="center"):
        of_all = f"**{n:,}** of {count_text(total, 'clip')}" if filters.is_set else ""
        st.markdown(of_all or f"**{count_text(total, 'clip')}**", width="content")
        if filters.recording is not None:
            _chip(f"recording {filters.recording}", drop_recording)
        if filters.numbers is not None:
            _chip(st.session_state[CHOSEN_SET][2] or "chosen clips", drop_set)
        if filters.is_set:
            st.button("Clear", icon=":material/filter_alt_off:", on_click=clear_filters)


def _chip(words: str, drop: Callable[[], None]) -> None:
    st.button(
        plain(words),
        key=f"{drop.__name__}_chip",
        icon=":material/close:",
        help=f"Do not ask for {plain(words)} any more",
        on_click=drop,
    )


def chosen_order() -> str:
    """The order asked for."""
    return str(st.session_state.get(SORT) or AS_GIVEN)
