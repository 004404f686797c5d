"""Networks that listen: opened once, and each sound heard once by each."""

from typing import TYPE_CHECKING

import streamlit as st

from urbansound.records import Audio
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Sound

if TYPE_CHECKING:
    from urbansound.inference.classify import Classifier, Heard


def hear(saved: SavedModel, sound: Sound) -> "Heard":
    """What a model hears in a sound, remembered by the checksums of both.

    BadAudio where the sound is too short, BadWeights where the model's files are damaged.
    """
    return _heard(sound.digest, _model_digest(saved), sound.audio, saved)


def _model_digest(saved: SavedModel) -> str:
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
