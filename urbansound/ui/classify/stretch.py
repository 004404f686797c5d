"""The few seconds of a sound that are looked into: all of a short one, a window of a longer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.audio.signal import cut
from urbansound.labels import SILENCE
from urbansound.records import Audio, Prediction, Segment
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.timeline import when_text
from urbansound.ui.classify.verdict import heard_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

_MOST_OFFERED = 30


@dataclass(frozen=True, eq=False)
class Stretch:
    """Up to 4.25 s of a sound, with what was heard in them. `digest` tells it from any other."""

    audio: Audio
    digest: str
    prediction: Prediction


def choose_stretch(sound: Sound, heard: "Heard", *, key: str) -> Stretch | None:
    """The person's choice among a longer sound's clearest windows; None where all is silence."""
    offered = clearest(heard.segments)
    if not offered:
        return None
    segment = offered[0]
    if len(heard.segments) > 1:
        in_time = sorted(offered, key=lambda segment: segment.start_s)
        at = st.selectbox(
            "Which 4 seconds",
            range(len(in_time)),
            index=in_time.index(segment),
            format_func=lambda at: _words(in_time[at]),
            key=f"{key}_{sound.digest}",
        )
        segment = in_time[at]
    return Stretch(
        cut(sound.audio, segment.start_s, segment.end_s),
        f"{sound.digest} {segment.start_s} {segment.end_s}",
        segment.prediction,
    )


def clearest(segments: tuple[Segment, ...]) -> list[Segment]:
    """The windows that hold anything, named before unsure, then the most confident first."""
    sounding = [segment for segment in segments if segment.prediction.label != SILENCE]

    def rank(segment: Segment) -> tuple[bool, float]:
        return bool(segment.prediction.verdict), -segment.prediction.confidence

    return sorted(sounding, key=rank)[:_MOST_OFFERED]


def _words(segment: Segment) -> str:
    return f"{when_text(segment.start_s, segment.end_s)}: {heard_text(segment.prediction)}"
