"""A page with one waveform player: stretches, rows of them, another sound in its place."""

from dataclasses import replace

import numpy as np
import streamlit as st

from urbansound.audio.signal import to_wav_bytes
from urbansound.features.overview import mfcc_course, overview
from urbansound.records import Audio
from urbansound.ui.player import wav_address
from urbansound.ui.waves import Lane, Moment, Region, wave_player, waves_of

RATE = 8000
EVENTS = (
    Region(2.0, 4.0, "siren", "#e12f5d", "siren", "Fairly sure: 71 %"),
    Region(8.0, 11.0, "<img src=x onerror=alert(1)>", "#9f5104", "sound_detection_dog_barking"),
    Region(15.0, 16.0, "car horn", "#b48507", "campaign"),
)


def tone(hz: float) -> Audio:
    """Twenty seconds of a tone that swells and fades."""
    seconds = np.arange(20 * RATE) / RATE
    swell = 0.3 * np.sin(2 * np.pi * hz * seconds) * np.sin(np.pi * seconds / 5)
    return Audio(swell.astype(np.float32), RATE)


def tell(moment: Moment) -> None:
    """Keeps what was chosen."""
    st.session_state.moment = moment


def tell_end() -> None:
    """Counts how often the sound has been played to its end."""
    st.session_state.ends = st.session_state.get("ends", 0) + 1


is_bare = "bare" in st.query_params
audio = tone(1500 if st.session_state.get("other") else 500)
heard = () if is_bare else EVENTS[: st.session_state.get("n", 2)]
waves = waves_of(
    overview(audio),
    title="street <b>x</b> and a name that is longer than a telephone is wide.wav",
    audio=wav_address(to_wav_bytes(audio), "waves"),
    color="#2b4fc7",
    icon="graphic_eq",
    mfcc=mfcc_course(audio),
)
st.title("Player")
if not st.session_state.get("gone"):
    wave_player(
        replace(waves, regions=heard),
        key="waves",
        lanes=() if is_bare else [Lane("Model 1", heard), Lane("CNN", EVENTS[2:])],
        on_moment=tell,
        on_end=tell_end,
        go_to=st.session_state.get("go_to"),
        hotkeys=True,
    )
moment = st.session_state.get("moment")
st.text(f"chosen: {moment.label} in {moment.lane}" if moment else "nothing chosen")
st.text(f"ended: {st.session_state.get('ends', 0)}")
st.button("One more", on_click=lambda: st.session_state.update(n=3))
st.button("Hear the second", on_click=lambda: st.session_state.update(go_to=(8.0, 11.0)))
st.button("Another sound", on_click=lambda: st.session_state.update(other=True))
st.button("No player", on_click=lambda: st.session_state.update(gone=True))
st.audio(to_wav_bytes(tone(300)))
