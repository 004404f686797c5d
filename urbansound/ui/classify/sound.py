"""The sound that is to be named, whichever way it came in."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from urbansound.audio.sandbox import decode_upload
from urbansound.errors import BadAudio
from urbansound.records import Audio, Clip, DatasetIndex
from urbansound.ui.data import MAX_SECONDS


@dataclass(frozen=True)
class Kept:
    """Bytes that a person recorded or chose, with their label; never a path."""

    name: str
    data: bytes
    sha256: str


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound at hand. `clip` and `dataset` are set where it is one of a dataset's clips."""

    name: str
    digest: str
    audio: Audio
    clip: Clip | None = None
    dataset: DatasetIndex | None = None

    @property
    def title(self) -> str:
        """What it is called on the page; a clip's file name would give its class away."""
        return self.name if self.dataset is None else f"A clip of {self.dataset.name}"

    @property
    def true_class(self) -> str | None:
        """What it is for certain, as the dataset names it; None for a person's own sound."""
        if self.clip is None or self.dataset is None:
            return None
        return self.dataset.class_names[self.clip.class_id]


def keep(name: str, data: bytes) -> Kept:
    """The bytes with their label and checksum."""
    return Kept(name, data, hashlib.sha256(data).hexdigest())


def read_kept(kept: Kept) -> Sound:
    """The sound in kept bytes, decoded once; BadAudio says why it cannot be heard."""
    audio = _decoded(kept.sha256, kept.name, kept.data)
    if isinstance(audio, BadAudio):
        raise audio
    return Sound(kept.name, kept.sha256, audio)


@st.cache_resource(show_spinner="Opening the sound …", max_entries=1, scope="session")
def _decoded(sha256: str, name: str, _data: bytes) -> Audio | BadAudio:
    # A refusal is kept too: a crafted file may take a minute to be refused.
    del sha256
    try:
        return decode_upload(_data, name, max_seconds=MAX_SECONDS)
    except BadAudio as error:
        return error
