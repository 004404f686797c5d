"""How a sound comes in: recorded, uploaded, picked from the dataset, or heard live.

What a person recorded or uploaded is kept by the session at once, because the widgets
that took it forget it on a walk to another page.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from urbansound.audio.archive import label_of
from urbansound.errors import BadAudio, BadDataset
from urbansound.ui.classify import batch
from urbansound.ui.classify.batch import is_batch
from urbansound.ui.classify.listening import forget_long
from urbansound.ui.classify.pick import pick_clip
from urbansound.ui.classify.sound import Kept, Sound, keep, read_kept
from urbansound.ui.data import current_dataset
from urbansound.ui.frame import quiet_line
from urbansound.ui.microphone import record_take
from urbansound.ui.sound_store import StoredFile
from urbansound.ui.uploads import file_of
from urbansound.ui.words import count_text, plain

RECORD, UPLOAD, PICK, LIVE = "Record", "Upload", "Pick from the dataset", "Listen live"
_SOURCE, _KEPT, _SEEN = "classify_source", "classify_kept", "classify_seen"
_REFUSED = "classify_refused"
_MICROPHONE, _FILES = "classify_microphone", "classify_file"


def choose_source() -> str:
    """Draw the ways in; the one that is chosen."""
    if st.session_state.get(_SOURCE) is None:
        st.session_state[_SOURCE] = RECORD
    chosen = st.segmented_control(
        "Where the sound comes from",
        (RECORD, UPLOAD, PICK, LIVE),
        required=True,
        key=_SOURCE,
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or RECORD


def choose_sound(source: str) -> Sound | Sequence[Kept] | None:
    """Draw one way in; the sound at hand, several files to be heard one by one, or None."""
    if source == PICK:
        return _pick()
    if source == RECORD:
        _record()
    else:
        _upload()
    if refused := st.session_state.get(_REFUSED, {}).get(source):
        st.error(plain(refused), icon=":material/error:")
    kept = _kept().get(source, [])
    if not kept:
        return None
    if source == UPLOAD:
        _offer_to_remove(kept)
    return list(kept) if is_batch(kept) else _open(kept[0])


def take(wav: bytes) -> None:
    """A callback: a recording has come in, and is what Classify shows next."""
    _forget_answers()
    st.session_state.pop(_REFUSED, None)
    kept = _try_to_keep(RECORD, "your recording", lambda: wav)
    _kept()[RECORD] = [kept] if kept else []
    st.session_state[_SOURCE] = RECORD


def _kept() -> dict[str, list[Kept]]:
    kept: dict[str, list[Kept]] = st.session_state.setdefault(_KEPT, {})
    return kept


def _record() -> None:
    record_take(key=_MICROPHONE, on_take=take, has_take=bool(_kept().get(RECORD)))


def _upload() -> None:
    quiet_line(
        "Sounds and films of any length: one, several, or a zip. "
        f"Up to {st.get_option('server.maxUploadSize')} MB each. They stay on this computer."
    )
    st.file_uploader(
        "Upload a sound",
        accept_multiple_files=True,
        key=_FILES,
        on_change=_arrived,
        label_visibility="collapsed",
    )


def _arrived() -> None:
    """A callback: keep what came in, and let go of what was taken back."""
    given: list[Any] = st.session_state[_FILES]
    seen: dict[str, Kept] = st.session_state.get(_SEEN, {})
    st.session_state.pop(_REFUSED, None)
    now: dict[str, Kept] = {}
    for file in given:
        kept = seen.get(file.file_id) or _try_to_keep(UPLOAD, file.name, partial(file_of, file))
        if kept:
            now[file.file_id] = kept
    st.session_state[_SEEN] = now
    _forget_answers()
    _kept()[UPLOAD] = list(now.values())


def _try_to_keep(source: str, name: str, sent: Callable[[], bytes | StoredFile]) -> Kept | None:
    """None where the disk has no room for it, which the page then says."""
    try:
        return keep(name, sent())
    except BadAudio as error:
        which = "" if source == RECORD else f"{label_of(name)}: "
        st.session_state[_REFUSED] = {source: f"{which}{error}"}
        return None


def _let_go() -> None:
    _kept().pop(UPLOAD, None)
    st.session_state.pop(_SEEN, None)
    _forget_answers()


def _forget_answers() -> None:
    """What is still being heard of other sounds is heard no more."""
    forget_long()
    batch.let_go()


def _offer_to_remove(kept: Sequence[Kept]) -> None:
    """A button where the widget that took the sounds has forgotten them, and cannot let go."""
    if not st.session_state.get(_FILES):
        what = plain(kept[0].name) if len(kept) == 1 else f"these {count_text(len(kept), 'file')}"
        st.button(
            f"Remove {what}",
            icon=":material/close:",
            type="tertiary",
            key="classify_remove",
            on_click=_let_go,
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
