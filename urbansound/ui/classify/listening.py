"""Networks that listen: opened once, and each sound heard once by each.

A short sound is heard at once. A long one is heard in a thread, and what was heard so far can
be looked at while it goes on.
"""

import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.errors import UrbanSoundError
from urbansound.features.extract import n_cores
from urbansound.records import Audio, Segment
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Sound

if TYPE_CHECKING:
    from urbansound.inference.classify import Classifier
    from urbansound.inference.heard import Heard

AT_ONCE_S = 60.0
_log = logging.getLogger("urbansound")


class Hearing:
    """One model that hears one long sound in a thread of its own."""

    def __init__(self, saved: SavedModel, audio: Audio) -> None:
        self.duration_s = audio.duration_s
        self.segments: list[Segment] = []
        self.heard: Heard | None = None
        self.error: UrbanSoundError | None = None
        self._begun_at = time.monotonic()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._hear, args=(saved, audio), daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    @property
    def done_s(self) -> float:
        """How far into the sound it is."""
        return self.segments[-1].end_s if self.segments else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds it will still take at the pace so far; None while that is a guess."""
        elapsed_s = time.monotonic() - self._begun_at
        if not self.done_s or elapsed_s < 1:
            return None
        return elapsed_s * (self.duration_s / self.done_s - 1)

    def stop(self) -> None:
        """Hear no more; what was heard so far is the answer."""
        self._is_stopping.set()

    def _hear(self, saved: SavedModel, audio: Audio) -> None:
        from urbansound.inference.listen import listen

        try:
            (self.heard,) = listen(
                _pieces(audio),
                audio.sample_rate,
                [open_model(saved)],
                workers=max(1, n_cores() - 1),
                on_heard=lambda new: self.segments.extend(new[0]),
                should_stop=self._is_stopping.is_set,
            )
        except UrbanSoundError as error:
            _log.warning("A long sound could not be heard", exc_info=error)
            self.error = error


def hear(saved: SavedModel, sound: Sound) -> "Heard | Hearing":
    """What a model hears in a sound, or its hearing of a long one that is still going on.

    Remembered by the checksums of both. BadAudio where the sound is too short, BadWeights
    where the model's files are damaged.
    """
    if sound.audio.duration_s <= AT_ONCE_S:
        return _heard(sound.digest, model_digest(saved), sound.audio, saved)
    hearing = _hearing(sound.digest, model_digest(saved), sound.audio, saved)
    if hearing.is_running:
        return hearing
    if hearing.error is not None:
        raise hearing.error
    return hearing if hearing.heard is None else hearing.heard


def open_model(saved: SavedModel) -> "Classifier":
    """The model, ready to listen, opened once; BadWeights where its files are damaged."""
    return _classifier(model_digest(saved), saved)


def _pieces(audio: Audio) -> Iterator[NDArray[np.float32]]:
    """A second of the sound after the other: of an hour in a file no more is in memory."""
    for start in range(0, len(audio.samples), audio.sample_rate):
        yield np.array(audio.samples[start : start + audio.sample_rate])


def model_digest(saved: SavedModel) -> str:
    """What tells a model and how its outputs are read from any other, to remember answers by."""
    return f"{saved.card.sha256}-{saved.card.calibration}"


@st.cache_resource(show_spinner="Listening …", max_entries=64)
def _heard(sound: str, model: str, _audio: Audio, _saved: SavedModel) -> "Heard":
    del sound
    return _classifier(model, _saved).classify(_audio)


@st.cache_resource(show_spinner=False, max_entries=8, scope="session", on_release=Hearing.stop)
def _hearing(sound: str, model: str, _audio: Audio, _saved: SavedModel) -> Hearing:
    del sound, model
    return Hearing(_saved, _audio)


@st.cache_resource(show_spinner=False, max_entries=8)
def _classifier(model: str, _saved: SavedModel) -> "Classifier":
    # Imported here: torch takes a second or two, and the page stands before that.
    from urbansound.experiment.scoring import open_classifier

    del model
    return open_classifier(_saved)
