"""Cards that play: a grid of sounds, or one wide player, with a playhead over the waveform.

Only one sound plays at a time, whichever card or `st.audio` on the page it comes from.
"""

import base64
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime

from urbansound.errors import BadAudio
from urbansound.labels import class_style
from urbansound.records import CLIP_S, DatasetIndex
from urbansound.ui import data
from urbansound.ui.routes import clip_address
from urbansound.ui.words import peak_text

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class SoundCard:
    """One card: `wave` and `audio` are addresses, `window_s` is the time the wave spans."""

    id: str
    title: str
    icon: str
    color: str
    note: str
    alt: str
    wave: str
    audio: str
    window_s: float = CLIP_S
    another: bool = False


def _source(kind: str) -> str:
    return (_STATIC / f"sound.{kind}").read_text(encoding="utf-8")


_mount = st.components.v2.component(
    "urbansound_sound_cards", html=_source("html"), css=_source("css"), js=_source("js")
)


def _nothing() -> None:
    """A callback for a trigger that nobody listens to."""


def clip_card(index: DatasetIndex, number: int, *, another: bool = False) -> SoundCard:
    """The card of a clip in the dataset, its sound and waveform fetched when needed."""
    clip = index.clips[number]
    style = class_style(index.class_names[clip.class_id], clip.class_id)
    version = data.clip_version(index, number)
    try:
        peak = peak_text(data.clip_peak_db(index, number))
    except BadAudio:
        peak = "cannot be read"
    return SoundCard(
        id=str(number),
        title=style.title,
        icon=style.icon,
        color=style.color,
        note=peak,
        alt=f"Waveform of {clip.name}, {peak}",
        wave=clip_address(version, number, "svg"),
        audio=clip_address(version, number, "wav"),
        another=another,
    )


def sound_grid(
    cards: list[SoundCard],
    *,
    key: str,
    hotkeys: bool = False,
    on_another: Callable[[], None] = _nothing,
) -> str | None:
    """A grid of playable cards, five or two abreast; the id whose "another" was pressed.

    With `hotkeys`, Space and the arrow keys work anywhere on the page; without, while a
    card has the focus. `on_another` runs before the page: read `st.session_state[key].another`.
    """
    payload = {"cards": [asdict(card) for card in cards], "layout": "grid", "hotkeys": hotkeys}
    result: Any = _mount(data=payload, key=key, on_another_change=on_another)
    return None if result.another is None else str(result.another)


def skeleton_grid(n: int, *, key: str) -> None:
    """As many empty cards as sounds are expected, while they are being made."""
    _mount(data={"cards": [], "layout": "grid", "skeletons": n}, key=key)


def clip_player(
    index: DatasetIndex, number: int, *, key: str, autoplay: bool = False, hotkeys: bool = False
) -> None:
    """One wide player of a clip of the dataset.

    With `autoplay` a clip that takes another's place in it is played at once. With `hotkeys`
    Space plays it from anywhere on the page.
    """
    wave = clip_address(data.clip_version(index, number), number, "wide.svg")
    _wide(replace(clip_card(index, number), wave=wave), key=key, autoplay=autoplay, hotkeys=hotkeys)


def _wide(card: SoundCard, *, key: str, autoplay: bool = False, hotkeys: bool = False) -> None:
    payload = {
        "cards": [asdict(card)],
        "layout": "wide",
        "autoplay": autoplay,
        "hotkeys": hotkeys,
    }
    _mount(data=payload, key=key, on_another_change=_nothing)


def wav_address(wav: bytes, place: str) -> str:
    """An address under which this session's browser can fetch a WAV.

    `place` names the element, so that the bytes it showed before are let go.
    """
    if not runtime.exists():
        return "data:audio/wav;base64," + base64.b64encode(wav).decode()
    return runtime.get_instance().media_file_mgr.add(wav, "audio/wav", f"sound-{place}")
