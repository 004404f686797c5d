"""A page with the two folds about an answer: what drove it, and how to break it."""

import numpy as np
import streamlit as st

from urbansound.paths import PRETRAINED
from urbansound.records import Audio
from urbansound.runs.weights import read_saved
from urbansound.ui.classify.breaking import show_breaking
from urbansound.ui.classify.listening import open_model
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.why import show_why

RATE = 22050


def wail() -> Audio:
    """Four seconds of a tone that rises and falls, in a little noise."""
    seconds = np.arange(4 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(900 + 400 * np.sin(2 * np.pi * 0.7 * seconds)) / RATE
    noise = np.random.default_rng(0).standard_normal(len(seconds))
    return Audio((0.3 * np.sin(phase) + 0.01 * noise).astype(np.float32), RATE)


name = st.query_params.get("model", "cnn")
audio, saved = wail(), read_saved(PRETRAINED / f"{name}.pth", "shipped")
heard = open_model(saved).classify(audio)
sound = Sound("wail", "wail", audio)
show_why(sound, saved, heard)
show_breaking(sound, saved, heard)
