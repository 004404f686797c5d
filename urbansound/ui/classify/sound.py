"""The sound that is to be named, whichever way it came in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.audio.levels import LevelMeter, Levels, measure_levels
from urbansound.audio.mapped import in_pieces
from urbansound.audio.sandbox import open_sound
from urbansound.audio.signal import resampled
from urbansound.checksum import checksum_of
from urbansound.errors import BadAudio
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, Clip, DatasetIndex, SoundFacts
from urbansound.ui.classify.store import StoredSound, sound_store
from urbansound.ui.data import clip_audio, clip_version
from urbansound.ui.routes import clip_address, sound_address

# Longer sounds are kept at the networks' rate.
_OWN_RATE_S = 600.0


@dataclass(frozen=True)
class Kept:
    """Bytes that a person recorded or chose, with their label; never a path."""

    name: str
    data: bytes
    checksum: str


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound at hand. `audio` may look into a file: of an hour take what is needed only.

    `address` is where the browser fetches it. `clip` and `dataset` are set where it is one of a
    dataset's clips; `facts`, `measured` and `stored` where it came from outside.
    """

    name: str
    digest: str
    audio: Audio
    clip: Clip | None = None
    dataset: DatasetIndex | None = None
    facts: SoundFacts | None = None
    measured: Levels | None = None
    stored: StoredSound | None = None
    address: str = ""

    @property
    def levels(self) -> Levels:
        """How loud it is."""
        return self.measured or measure_levels(in_pieces(self.audio.samples))

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
    return Kept(name, data, checksum_of(data))


def clip_sound(index: DatasetIndex, number: int) -> Sound:
    """A clip of the dataset; BadAudio where it cannot be read."""
    audio, clip = clip_audio(index, number), index.clips[number]
    version = clip_version(index, number)
    address = clip_address(version, number, "wav")
    return Sound(clip.name, version, audio, clip, index, address=address)


def read_kept(kept: Kept) -> Sound:
    """The sound in kept bytes, decoded once; BadAudio says why it cannot be heard."""
    sound = _decoded(kept.checksum, kept.name, kept.data)
    if isinstance(sound, BadAudio):
        raise sound
    return sound


@st.cache_resource(show_spinner="Opening the sound …", max_entries=2, scope="session")
def _decoded(checksum: str, name: str, _data: bytes) -> Sound | BadAudio:
    # A refusal is kept too: a crafted file may take a while to be refused.
    try:
        return _decode(checksum, name, _data)
    except BadAudio as error:
        return error


def _decode(checksum: str, name: str, data: bytes) -> Sound:
    """The sound in a file of its own: while it is decoded, no more than a second is in memory."""
    try:
        return _store(checksum, name, data, at_own_rate=True)
    except _LongSoundError:
        return _store(checksum, name, data, at_own_rate=False)


class _LongSoundError(Exception):
    """The sound is too long to be kept at its own rate, whatever its file claims."""


def _store(checksum: str, name: str, data: bytes, *, at_own_rate: bool) -> Sound:
    meter = LevelMeter()
    with open_sound(data, name) as stream:
        if at_own_rate and (stream.claimed_s or 0) > _OWN_RATE_S:
            raise _LongSoundError
        rate = stream.sample_rate if at_own_rate else MFCC40.sample_rate
        most = int(_OWN_RATE_S * rate) if at_own_rate else None
        pieces = resampled(_measured(stream, meter, most), stream.sample_rate, rate)
        stored = sound_store().keep(pieces, rate)
        return Sound(
            name,
            checksum,
            stored.audio,
            facts=stream.facts,
            measured=meter.levels,
            stored=stored,
            address=sound_address(stored.token),
        )


def _measured(
    chunks: Iterable[NDArray[np.float32]], meter: LevelMeter, most: int | None
) -> Iterator[NDArray[np.float32]]:
    """The chunks on their way past the meter; _LongSoundError after `most` samples."""
    for chunk in chunks:
        meter.add(chunk)
        if most is not None and meter.levels.n > most:
            raise _LongSoundError
        yield chunk
