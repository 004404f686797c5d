"""A list of excluded clips as it stands, to be mended, and what it is for."""

from pathlib import Path

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.records import DatasetIndex
from urbansound.runs.exclusions import excluded_clips, keep
from urbansound.ui.chips import class_mark
from urbansound.ui.rooms import ROOMS
from urbansound.ui.runs.answers import clip_numbers
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.words import count_text, plain

WHAT_IT_DOES = (
    "Clips on this list neither train nor validate; they still test, so scores stay comparable."
)
_SHOWN = 10
_ALL = "excluded_all"


def show_list(outputs: Path, name: str, index: DatasetIndex) -> None:
    """The clips on a list, each with [Remove], and the way to a training without them."""
    clips = excluded_clips(outputs, name)
    st.markdown(f"**{plain(name)}** · {count_text(len(clips), 'clip')}. {WHAT_IT_DOES}")
    if not clips:
        return
    if may_change():
        st.page_link(
            ROOMS["train"].path, label="Train without them", icon=":material/model_training:"
        )
    numbers = clip_numbers(index)
    shown = clips if st.session_state.get(_ALL) else clips[:_SHOWN]
    for clip in shown:
        _row(outputs, name, clip, index, numbers.get(clip))
    if len(clips) > _SHOWN:
        st.toggle(f"Show all {len(clips):,}", key=_ALL)


def _row(outputs: Path, name: str, path: str, index: DatasetIndex, number: int | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if number is not None:
            label = index.clips[number].class_id
            st.html(class_mark(index.class_names[label], label), width="content")
        st.markdown(f":small[:gray[{plain(path.rsplit('/', 1)[-1])}]]", width="content")
        if not may_change():
            return
        st.button(
            "Remove",
            key=f"excluded_remove_{path}",
            icon=":material/close:",
            type="tertiary",
            help="Take this clip off the list",
            on_click=_remove,
            args=(outputs, name, path),
        )


@changes
def _remove(outputs: Path, name: str, path: str) -> None:
    try:
        keep(outputs, name, path)
    except UrbanSoundError as error:
        st.toast(plain(str(error)), icon=":material/error:")
