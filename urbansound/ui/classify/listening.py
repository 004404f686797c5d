"""Networks that listen: opened once, and each sound heard once by each.

A short sound is heard at once. A long one is heard in a thread, by all models that are asked in
one pass, and what was heard so far can be looked at while it goes on.
"""

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.audio.mapped import in_pieces
from urbansound.records import Audio, Segment
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Sound
from urbansound.worker_pool import n_cores

if TYPE_CHECKING:
    from urbansound.inference.classify import Classifier
    from urbansound.inference.heard import Heard

AT_ONCE_S = 60.0
_HEARING = "classify_hearing_of_long"


class Hearing:
    """Some models that hear one long sound, in a thread of its own."""

    def __init__(self, sound: Sound, classifiers: "dict[str, Classifier]") -> None:
        self.sound_digest = sound.digest
        self.duration_s = sound.audio.duration_s
        self.segments: dict[str, list[Segment]] = {digest: [] for digest in classifiers}
        self.heard: dict[str, Heard] = {}
        self._begun_at = time.monotonic()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._hear, args=(sound.audio, classifiers), name="hear-long", daemon=True
        )
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    @property
    def is_stopped(self) -> bool:
        """Whether it was asked to end before the sound did."""
        return self._is_stopping.is_set()

    @property
    def done_s(self) -> float:
        """How far into the sound it is."""
        return max((known[-1].end_s for known in self.segments.values() if known), default=0.0)

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

    def _hear(self, audio: Audio, classifiers: "dict[str, Classifier]") -> None:
        from urbansound.inference.listen import listen

        def take(new: list[list[Segment]]) -> None:
            for known, more in zip(self.segments.values(), new, strict=True):
                known.extend(more)

        heard = listen(
            in_pieces(audio.samples, audio.sample_rate),
            audio.sample_rate,
            list(classifiers.values()),
            workers=max(1, n_cores() - 1),
            on_heard=take,
            should_stop=self._is_stopping.is_set,
        )
        self.heard = dict(zip(classifiers, heard, strict=False))


def hear(saved: SavedModel, sound: Sound) -> "Heard":
    """What a model hears in a sound of up to AT_ONCE_S, remembered by the checksums of both.

    BadAudio where the sound is too short, BadWeights where the model's files are damaged.
    """
    return _heard(sound.digest, model_digest(saved), sound.audio, saved)


def hear_long(models: Sequence[SavedModel], sound: Sound) -> Hearing:
    """The hearing of a long sound by these models: the one that is begun, else a new one.

    BadWeights where a model's files are damaged. Only one hearing goes on in a session.
    """
    hearing: Hearing | None = st.session_state.get(_HEARING)
    digests = {model_digest(saved): saved for saved in models}
    if (
        hearing is not None
        and hearing.sound_digest == sound.digest
        and digests.keys() <= hearing.segments.keys()
    ):
        return hearing
    forget_long()
    hearing = Hearing(sound, {digest: open_model(saved) for digest, saved in digests.items()})
    st.session_state[_HEARING] = hearing
    return hearing


def forget_long() -> None:
    """End the hearing of a long sound, and let go of what was heard."""
    hearing: Hearing | None = st.session_state.pop(_HEARING, None)
    if hearing is not None:
        hearing.stop()


def open_model(saved: SavedModel) -> "Classifier":
    """The model, ready to listen, opened once; BadWeights where its files are damaged."""
    return _classifier(model_digest(saved), saved)


def model_digest(saved: SavedModel) -> str:
    """What tells this model's answers from any other's."""
    return f"{saved.card.sha256}-{saved.card.calibration}"


@st.cache_resource(show_spinner="Listening …", max_entries=64)
def _heard(sound: str, model: str, _audio: Audio, _saved: SavedModel) -> "Heard":
    del sound
    return _classifier(model, _saved).classify(_audio)


@st.cache_resource(show_spinner=False, max_entries=8)
def _classifier(model: str, _saved: SavedModel) -> "Classifier":
    # Imported here: torch takes a second or two, and the page stands before that.
    from urbansound.experiment.scoring import open_classifier

    del model
    return open_classifier(_saved)
