"""Sounds made from the person's own, as small cards in a row that play."""

import base64

import streamlit as st

from urbansound.audio.signal import to_wav_bytes
from urbansound.labels import NOT_SURE, SILENCE, class_style, class_title
from urbansound.records import Audio, Prediction
from urbansound.ui import plots
from urbansound.ui.classify.verdict import percent_text
from urbansound.ui.player import SoundCard, wav_address
from urbansound.ui.theme import INK


def part_card(
    audio: Audio, digest: str, prediction: Prediction, *, key: str, title: str
) -> SoundCard:
    """A card that plays a sound, with what is heard in it as its note and its colour.

    `digest` tells this sound from any other, so that it is made ready for the browser once.
    """
    color, icon = look(prediction)
    wave, wav = _made_ready(digest, color, audio)
    said = said_text(prediction)
    return SoundCard(
        id=key,
        title=title,
        icon=icon,
        color=color,
        note=said,
        alt=f"Waveform: {title}, {audio.duration_s:.1f} s, {said}",
        wave=wave,
        audio=wav_address(wav, key),
        window_s=plots.window_s(audio),
    )


def look(prediction: Prediction) -> tuple[str, str]:
    """Colour and icon of what a prediction leans to; ink where there is nothing to hear."""
    if prediction.label == SILENCE:
        return INK, "volume_off"
    style = class_style(prediction.best, prediction.labels.index(prediction.best))
    return style.color, style.icon


def said_text(prediction: Prediction) -> str:
    """What is said to a sound, short: "dog bark, 71 %", "dog bark? 31 %", "silence"."""
    if prediction.label == SILENCE:
        return "silence"
    chance = percent_text(prediction.confidence)
    mark = "?" if prediction.label == NOT_SURE else ","
    return f"{class_title(prediction.best)}{mark} {chance}"


@st.cache_resource(show_spinner=False, max_entries=16, scope="session")
def _made_ready(digest: str, color: str, _audio: Audio) -> tuple[str, bytes]:
    """The waveform's address and the WAV."""
    del digest
    drawing = base64.b64encode(plots.wave_svg(_audio, color).encode()).decode()
    return f"data:image/svg+xml;base64,{drawing}", to_wav_bytes(_audio)
