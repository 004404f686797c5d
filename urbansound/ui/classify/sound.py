"""The sound that is to be named, whichever way it came in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.audio.levels import LevelMeter, Levels, measure_levels
from urbansound.audio.mapped import in_pieces
from urbansound.audio.sandbox import open_sound
from urbansound.audio.signal import resampled
from urbansound.checksum import checksum_of, checksum_of_file
from urbansound.errors import BadAudio
from urbansound.features.spec import MFCC40
from urbansound.inference.answer import Source
from urbansound.records import Audio, Clip, DatasetIndex, SoundFacts
from urbansound.ui.data import clip_audio, clip_version
from urbansound.ui.routes import clip_address, sound_address
from urbansound.ui.sound_store import StoredFile, StoredSound, sound_store

# Longer sounds are kept at the networks' rate.
_OWN_RATE_S = 600.0


@dataclass(frozen=True)
class Kept:
    """What a person recorded or chose: its label, never a path of theirs, and where it now lies."""

    name: str
    checksum: str
    file: StoredFile


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


def keep(name: str, sent: bytes | StoredFile) -> Kept:
    """What was sent, with its label; BadAudio where the disk has no room for it."""
    file = sound_store().keep_bytes(sent) if isinstance(sent, bytes) else sent
    return Kept(name, checksum_of_file(file.path), file)


def clip_sound(index: DatasetIndex, number: int) -> Sound:
    """A clip of the dataset; BadAudio where it cannot be read."""
    audio, clip = clip_audio(index, number), index.clips[number]
    version = clip_version(index, number)
    address = clip_address(version, number, "wav")
    return Sound(clip.name, version, audio, clip, index, address=address)


def read_kept(kept: Kept) -> Sound:
    """The sound that is kept, decoded once; BadAudio says why it cannot be heard."""
    return _read(kept.checksum, kept.name, kept.file.path)


def read_source(source: Source) -> Sound:
    """The same of one of many."""
    with source.open() as opened:
        of = checksum_of(opened) if isinstance(opened, bytes) else checksum_of_file(opened)
        return _read(of, source.name, opened)


def _read(checksum: str, name: str, source: bytes | Path) -> Sound:
    sound = _decoded(checksum, name, source)
    if isinstance(sound, BadAudio):
        raise sound
    return sound


@st.cache_resource(show_spinner="Opening the sound …", max_entries=2, scope="session")
def _decoded(checksum: str, name: str, _source: bytes | Path) -> Sound | BadAudio:
    # A refusal is kept too: a crafted file may take a while to be refused.
    try:
        return _decode(checksum, name, _source)
    except BadAudio as error:
        return error


def _decode(checksum: str, name: str, source: bytes | Path) -> Sound:
    """The sound in a file of its own: while it is decoded, no more than a second is in memory."""
    try:
        return _store(checksum, name, source, at_own_rate=True)
    except _LongSoundError:
        return _store(checksum, name, source, at_own_rate=False)


class _LongSoundError(Exception):
    """The sound is too long to be kept at its own rate, whatever its file claims."""


def _store(checksum: str, name: str, source: bytes | Path, *, at_own_rate: bool) -> Sound:
    meter = LevelMeter()
    with open_sound(source, name) as stream:
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
