"""Sounds made from the person's own, as small cards in a row that play."""

import base64

import streamlit as st

from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio, Prediction
from urbansound.ui.classify.verdict import heard_text, look
from urbansound.ui.player import SoundCard, wav_address
from urbansound.ui.wave_drawing import wave_svg, window_s


def part_card(
    audio: Audio, digest: str, prediction: Prediction, *, key: str, title: str
) -> SoundCard:
    """A card that plays a sound, with what is heard in it as its note and its colour.

    `digest` tells this sound from any other, so that it is made ready for the browser once.
    """
    color, icon = look(prediction)
    wave, wav = _made_ready(digest, color, audio)
    said = heard_text(prediction)
    return SoundCard(
        id=key,
        title=title,
        icon=icon,
        color=color,
        note=said,
        alt=f"Waveform: {title}, {audio.duration_s:.1f} s, {said}",
        wave=wave,
        audio=wav_address(wav, key),
        window_s=window_s(audio),
    )


@st.cache_resource(show_spinner=False, max_entries=16, scope="session")
def _made_ready(digest: str, color: str, _audio: Audio) -> tuple[str, bytes]:
    """The waveform's address and the WAV."""
    del digest
    drawing = base64.b64encode(wave_svg(_audio, color).encode()).decode()
    return f"data:image/svg+xml;base64,{drawing}", to_wav_bytes(_audio)
