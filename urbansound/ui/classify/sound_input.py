"""How a sound comes in: recorded, uploaded, or picked from the dataset.

What a person recorded or uploaded is copied into the session at once, because the
widgets that took it forget it on a walk to another page.
"""

from typing import Any

import streamlit as st

from urbansound.errors import BadAudio, BadDataset
from urbansound.ui.classify.pick import pick_clip
from urbansound.ui.classify.sound import Kept, Sound, keep, read_kept
from urbansound.ui.data import MAX_SECONDS, current_dataset
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import plain

RECORD, UPLOAD, PICK = "Record", "Upload", "Pick from the dataset"
SAMPLE_RATE = 44_100
_SOURCE, _KEPT = "classify_source", "classify_kept"
_KEYS = {RECORD: "classify_microphone", UPLOAD: "classify_file"}


def choose_sound() -> Sound | None:
    """Draw the three ways in; the sound at hand, None while there is none."""
    if st.session_state.get(_SOURCE) is None:
        st.session_state[_SOURCE] = RECORD
    chosen = st.segmented_control(
        "Where the sound comes from",
        (RECORD, UPLOAD, PICK),
        required=True,
        key=_SOURCE,
        persist_state="session",
        label_visibility="collapsed",
    )
    source = chosen or RECORD
    if source == PICK:
        return _pick()
    if source == RECORD:
        _record()
    else:
        _upload()
    kept = _kept().get(source)
    if kept is None:
        return None
    _offer_to_remove(source)
    return _open(kept)


def _kept() -> dict[str, Kept]:
    kept: dict[str, Kept] = st.session_state.setdefault(_KEPT, {})
    return kept


def _let_go(source: str) -> None:
    _kept().pop(source, None)


def _arrived(source: str) -> None:
    """A callback: copy what came in, or let go of what was taken back."""
    given: Any = st.session_state[_KEYS[source]]
    if given is None:
        _let_go(source)
    else:
        name = "your recording" if source == RECORD else given.name
        _kept()[source] = keep(name, given.getvalue())


def _offer_to_remove(source: str) -> None:
    """A button where the widget that took the sound has forgotten it, and cannot let go of it."""
    if st.session_state.get(_KEYS[source]) is None:
        st.button(
            "Remove this sound",
            icon=":material/close:",
            type="tertiary",
            key="classify_remove",
            on_click=_let_go,
            args=(source,),
        )


def _record() -> None:
    quiet_line("Your browser will ask. The sound stays on this computer.")
    st.audio_input(
        "Record a sound",
        sample_rate=SAMPLE_RATE,
        key=_KEYS[RECORD],
        on_change=_arrived,
        args=(RECORD,),
        label_visibility="collapsed",
    )


def _upload() -> None:
    quiet_line(
        f"Any sound or video file, up to {MAX_SECONDS / 60:.0f} minutes and "
        f"{st.get_option('server.maxUploadSize')} MB; longer ones: the command line. "
        "It stays on this computer."
    )
    st.file_uploader(
        "Upload a sound",
        key=_KEYS[UPLOAD],
        on_change=_arrived,
        args=(UPLOAD,),
        label_visibility="collapsed",
    )


def _open(kept: Kept) -> Sound | None:
    try:
        return read_kept(kept)
    except BadAudio as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _pick() -> Sound | None:
    try:
        index = current_dataset()
    except BadDataset as error:
        st.warning(f"{plain(str(error))} Recording and uploading work all the same.")
        return None
    if index is None:
        st.info("There is no dataset yet to pick from. Record or upload a sound instead.")
        return None
    if not index.has_audio:
        st.info(
            "This dataset holds numbers only, so there is no sound to pick. "
            "Record or upload one instead."
        )
        return None
    return pick_clip(index)
