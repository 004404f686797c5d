"""Two clips on one scale of time and level, their spectra, and the ear switched between them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from urbansound.dataset.columns import Columns, columns_of
from urbansound.errors import BadAudio
from urbansound.features.average_spectrum import AverageSpectrum
from urbansound.features.clip_picture import (
    ClipPicture,
    clip_picture,
    clip_spectrum,
    pitch_places,
    shades,
)
from urbansound.labels import class_style, class_title
from urbansound.records import CLIP_S, DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.compare_charts import Side, legend, spectra_chart
from urbansound.ui.explore.compare_models import confused_pair
from urbansound.ui.explore.compare_words import louder_words
from urbansound.ui.explore.ear import class_face, ear_component, ear_sound
from urbansound.ui.explore.filters import CHOSEN
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import loudness_text, peak_text, plain

PLACES = ("clip_a", "clip_b")
_LETTERS = dict(zip(PLACES, "AB", strict=True))
_TICKS_HZ = (250, 1000, 4000)
_mount = ear_component("duet", "wave.js")


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is drawn of a clip."""

    picture: ClipPicture
    spectrum: AverageSpectrum


def compare_clips(index: DatasetIndex) -> None:
    """The choice of two clips and all that is known of both."""
    pair = _choose(index)
    try:
        seen = [_see(data.clip_version(index, number), number, index) for number in pair]
    except BadAudio as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _draw_both(index, pair, seen)
    _spectra(index, pair, seen)


def _choose(index: DatasetIndex) -> list[int]:
    """The numbers of two clips, by path in the address; at first of two likely classes."""
    _fill_in(index)
    numbers = [columns_of(index).by_path[st.session_state[place]] for place in PLACES]
    columns = st.columns(2, gap="medium")
    for place, number, column in zip(PLACES, numbers, columns, strict=True):
        with column:
            _choose_one(index, place, number)
            _facts(index, number)
    return numbers


def _fill_in(index: DatasetIndex) -> None:
    """Clips that are neither chosen nor in the address: the one chosen under Sounds, and others."""
    known = columns_of(index).by_path
    firsts = _first_pair(index)
    for place, first in zip(PLACES, firsts, strict=True):
        path = st.session_state.get(place) or st.query_params.get(place)
        _take(place, path if path in known else first)


def _first_pair(index: DatasetIndex) -> tuple[str, str]:
    """Paths of the clip chosen under Sounds, and of one of a class it could be taken for."""
    columns = columns_of(index)
    present = np.unique(columns.class_ids).tolist()
    pair = confused_pair(index) or (present[0], present[-1])
    one, other = (_first_of(columns, class_id) for class_id in pair)
    chosen = st.session_state.get(CHOSEN)
    if chosen is not None and chosen[0] == data.dataset_token(index):
        one = int(chosen[1])
    if one == other:
        other = min(other + 1, len(columns) - 1)
    return columns.paths[one], columns.paths[other]


def _first_of(columns: Columns, class_id: int) -> int:
    """The number of the class's first clip; of the very first where it has none."""
    return int((columns.class_ids == class_id).argmax())


def _choose_one(index: DatasetIndex, place: str, number: int) -> None:
    """A class, another clip of it, or any clip by its file's name."""
    names, clip = index.class_names, index.clips[number]
    present = np.unique(columns_of(index).class_ids).tolist()
    select, name = f"{place}_class", f"{place}_name"
    st.session_state[select], st.session_state[name] = names[clip.class_id], clip.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"Clip {_LETTERS[place]}",
            [names[class_id] for class_id in present],
            key=select,
            format_func=class_title,
            on_change=lambda: _take_class(index, place, st.session_state[select]),
        )
        st.button(
            "Another",
            key=f"{place}_another",
            icon=":material/refresh:",
            help="Another clip of this sound",
            on_click=lambda: _take_class(index, place, names[clip.class_id]),
        )
    st.text_input(
        "File",
        key=name,
        on_change=lambda: _take_name(index, place, st.session_state[name]),
        help="Type or paste the name of any clip's file",
    )


def _take_class(index: DatasetIndex, place: str, class_name: str) -> None:
    """A callback: any clip of this class, another one where there is one."""
    columns = columns_of(index)
    is_own = columns.class_ids == index.class_names.index(class_name)
    now = columns.by_path.get(st.session_state[place])
    others = is_own.copy()
    if now is not None:
        others[now] = False
    numbers = np.flatnonzero(others if others.any() else is_own)
    if len(numbers):
        _take(place, columns.paths[int(np.random.default_rng().choice(numbers))])


def _take_name(index: DatasetIndex, place: str, name: str) -> None:
    columns = columns_of(index)
    wanted = name.strip()
    number = columns.by_path.get(wanted, columns.by_name.get(wanted))
    if number is None:
        st.toast(f"There is no clip '{plain(wanted)}' in this dataset.", icon=":material/search:")
    else:
        _take(place, columns.paths[number])


def _take(place: str, path: str) -> None:
    st.session_state[place] = path
    if st.query_params.get(place) != path:
        st.query_params[place] = path


def _facts(index: DatasetIndex, number: int) -> None:
    clip = index.clips[number]
    recording = [] if clip.recording_id is None else [f"recording {clip.recording_id}"]
    try:
        audio = data.clip_audio(index, number)
    except BadAudio:
        return
    sound = [
        f"{audio.duration_s:.1f} s",
        f"{audio.sample_rate / 1000:g} kHz",
        peak_text(data.clip_peak_db(index, number)),
    ]
    parts = [f"fold {clip.fold}", *recording, loudness_text(clip), *sound]
    quiet_line(" · ".join(parts))


@st.cache_resource(show_spinner=False, max_entries=32)
def _see(version: str, number: int, _index: DatasetIndex) -> _Seen:
    del version
    audio = data.clip_audio(_index, number)
    return _Seen(clip_picture(audio), clip_spectrum(audio))


def _draw_both(index: DatasetIndex, pair: list[int], seen: list[_Seen]) -> None:
    top_db = max(float(one.picture.levels.max()) for one in seen)
    payload = {
        "window_s": max(CLIP_S, *(one.picture.duration_s for one in seen)),
        "peak": max(float(np.abs(one.picture.peaks).max()) for one in seen),
        "ticks": pitch_places(_TICKS_HZ),
        "sounds": [
            _payload(index, number, one.picture, top_db)
            for number, one in zip(pair, seen, strict=True)
        ],
    }
    _mount(data=payload, key="compare_duet")


def _payload(
    index: DatasetIndex, number: int, picture: ClipPicture, top_db: float
) -> Mapping[str, Any]:
    clip = index.clips[number]
    levels = shades(picture.levels, top_db)
    return {
        **ear_sound(index, number),
        **class_face(index.class_names[clip.class_id], clip.class_id),
        "name": clip.name,
        "duration_s": picture.duration_s,
        "peaks": np.round(picture.peaks, 4).tolist(),
        "levels": base64.b64encode(levels.tobytes()).decode(),
        "frames": levels.shape[0],
        "bands": levels.shape[1],
    }


def _spectra(index: DatasetIndex, pair: list[int], seen: list[_Seen]) -> None:
    st.header("How loud at each pitch", anchor=False)
    one, other = (
        _side(index, number, look.spectrum, letter)
        for number, look, letter in zip(pair, seen, "AB", strict=True)
    )
    legend(one, other)
    words = louder_words(one.spectrum, other.spectrum, ("A", "B"))
    alt = f"Levels of clip A and clip B over pitch. {words}"
    st.altair_chart(spectra_chart(one, other), key="compare_clip_spectra", alt=alt)
    st.markdown(plain(words))


def _side(index: DatasetIndex, number: int, spectrum: AverageSpectrum, letter: str) -> Side:
    clip = index.clips[number]
    style = class_style(index.class_names[clip.class_id], clip.class_id)
    return Side(f"{letter}: {style.title}", style, spectrum)
