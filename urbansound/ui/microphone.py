"""The browser's microphone: a take that is recorded, or samples that come as they are heard.

What arrives comes from a browser and is trusted no further than its rate, length and base64.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from urbansound.audio.signal import to_wav_bytes
from urbansound.errors import BadAudio
from urbansound.records import CLIP_S, Audio
from urbansound.ui.classify.remarks import QUIET_DB

MAX_TAKE_S = 300
MAX_CHUNK_S = 2.0
CHUNK_S = 0.5
MIN_RATE, MAX_RATE = 8_000, 192_000
_MAX_NAME = 64
_COMMON_RATE = 48_000
_STATIC = Path(__file__).parent / "static" / "microphone"
_PARTS = ("capture", "meter", "desk", "recorder", "live", "microphone")


@dataclass(frozen=True, eq=False)
class Chunk:
    """What was heard since the last one: `start` counts samples since the session began."""

    session: str
    number: int
    start: int
    audio: Audio
    is_last: bool


@dataclass(frozen=True)
class Acknowledged:
    """How far the app has dealt with what a listening browser sent; `refused` stops it."""

    session: str | None = None
    number: int = -1
    is_open: bool = False
    refused: str = ""


@dataclass(frozen=True)
class _Handover:
    """The last take that arrived, by the browser's name for it, and why it was refused."""

    take: str | None = None
    refused: str = ""


def _source(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _script() -> str:
    collector = f"const COLLECTOR = {json.dumps(_source('collector.js'))}\n"
    return collector + "\n".join(_source(f"{part}.js") for part in _PARTS)


_mount = st.components.v2.component(
    "urbansound_microphone",
    html=_source("microphone.html"),
    css=_source("microphone.css"),
    js=_script(),
)


def record_take(*, key: str, on_take: Callable[[bytes], None], has_take: bool = False) -> None:
    """A button that records, with a level meter; `on_take` gets each take as a WAV file.

    It runs before the page does. A take is mono, 16 bits, at 44.1 kHz wherever the browser
    can, and up to five minutes long. With `has_take` the button says "Record again".
    """
    state_key = f"{key}_handover"

    def arrived() -> None:
        payload = st.session_state[key].take
        try:
            audio = parse_take(payload)
        except BadAudio as error:
            st.session_state[state_key] = _Handover(_name(payload, "id"), str(error))
            return
        st.session_state[state_key] = _Handover(_name(payload, "id"))
        on_take(to_wav_bytes(audio))

    handover = st.session_state.get(state_key, _Handover())
    data = {
        "mode": "record",
        "taken": handover.take,
        "refused": handover.refused,
        "has_take": has_take,
        "limit_s": min(MAX_TAKE_S, 60 * int(_max_samples() / _COMMON_RATE / 60)),
        "limit_samples": _max_samples(),
        "quiet_db": QUIET_DB,
    }
    _mount(data=data, key=key, on_take_change=arrived)


def _max_samples() -> int:
    """How many samples fit into one message: 16 bits in base64, and a little for the rest."""
    n_bytes = int(st.get_option("server.maxWidgetStateSize")) * 1_000_000
    return int(0.97 * n_bytes * 3 / 4 / 2)


def listen_live(*, key: str, heard: Acknowledged, on_chunk: Callable[[object], None]) -> None:
    """A button that listens; `on_chunk` gets what the browser sends, to be read by `parse_chunk`.

    The browser sends again once `heard` says that the last chunk has been dealt with. Until
    then it collects, and lets go of what is older than `MAX_CHUNK_S`.
    """
    data = {
        "mode": "live",
        "session": heard.session,
        "number": heard.number,
        "is_open": heard.is_open,
        "refused": heard.refused,
        "chunk_s": CHUNK_S,
        "chunk_limit_s": MAX_CHUNK_S,
        "window_s": CLIP_S,
        "quiet_db": QUIET_DB,
    }

    def arrived() -> None:
        # The last one may come when the page has gone on to something else.
        state = st.session_state.get(key)
        if state is not None:
            on_chunk(state.chunk)

    _mount(data=data, key=key, on_chunk_change=arrived)


def parse_take(payload: object) -> Audio:
    """The sound of a whole take; BadAudio where that is not what came, or too much of it."""
    audio = _parse_audio(_fields(payload), MAX_TAKE_S)
    if len(audio.samples) == 0:
        raise BadAudio("The recording holds no sound. Record it again.", code="no_sound")
    return audio


def parse_chunk(payload: object) -> Chunk:
    """A stretch of live sound, which may be empty; BadAudio where that is not what came."""
    fields, session = _fields(payload), session_of(payload)
    if session is None:
        raise _unreadable()
    return Chunk(
        session=session,
        number=_count(fields, "number"),
        start=_count(fields, "start"),
        audio=_parse_audio(fields, MAX_CHUNK_S),
        is_last=fields.get("is_last") is True,
    )


def session_of(payload: object) -> str | None:
    """Which listening session a payload says it belongs to; None where it says nothing."""
    return _name(payload, "session")


def _fields(payload: object) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise _unreadable()
    return payload


def _name(payload: object, field: str) -> str | None:
    """A short plain name in the payload; None where there is none."""
    value = payload.get(field) if isinstance(payload, dict) else None
    is_name = isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable()
    return value if is_name else None


def _count(fields: dict[str, Any], field: str) -> int:
    value = fields.get(field)
    if type(value) is not int or not 0 <= value < 2**53:
        raise _unreadable()
    return value


def _parse_audio(fields: dict[str, Any], max_s: float) -> Audio:
    """Little-endian 16-bit samples in base64, at a rate that microphones have."""
    rate, text = fields.get("rate"), fields.get("pcm")
    if type(rate) is not int or not MIN_RATE <= rate <= MAX_RATE:
        raise BadAudio(
            f"The browser recorded at a rate that no microphone has ({str(rate)[:20]} Hz). "
            "Try another microphone or browser.",
            code="bad_rate",
        )
    if not isinstance(text, str):
        raise _unreadable()
    if len(text) > 4 * (int(max_s * rate) * 2 / 3 + 1):
        raise BadAudio(
            f"The browser sent more than {max_s:g} s of sound at once. Record a shorter one.",
            code="too_long",
        )
    return Audio(_decode(text), rate)


def _decode(text: str) -> Any:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unreadable() from error
    if len(data) % 2:
        raise _unreadable()
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


def _unreadable() -> BadAudio:
    return BadAudio(
        "What the browser sent cannot be read as sound. Reload the page and try again.",
        code="not_sound",
    )
