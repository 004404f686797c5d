"""A player of sounds of any length: waveform and spectrogram, zoom, and stretches to click.

The browser is given the picture at a bounded size and an address that it plays from, never
the samples: an hour costs it no more than a clip. Drawn with wavesurfer.js, see static/waves.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.labels import class_style
from urbansound.records import CLIP_S, DatasetIndex
from urbansound.ui import data
from urbansound.ui.routes import clip_address
from urbansound.ui.words import peak_text

if TYPE_CHECKING:
    from urbansound.features.overview import Overview

_STATIC = Path(__file__).parent / "static" / "waves"
_SCRIPTS = ("wavesurfer.js", "course.js", "spectrogram.js", "stretches.js", "zoom.js", "waves.js")
_FRAME_PX = 64
_WAVE_PX = 116
_LANE_PX = 22
_SPECTROGRAM_PX = 220
_AXIS_PX = 36


@dataclass(frozen=True)
class Region:
    """A coloured stretch of a sound: what was heard from start_s to end_s.

    `icon` names a Material symbol; `note` is said where the stretch is pointed at.
    """

    start_s: float
    end_s: float
    label: str
    color: str
    icon: str = ""
    note: str = ""


@dataclass(frozen=True)
class Lane:
    """A named row of stretches under the waveform: what one model heard."""

    name: str
    regions: Sequence[Region]


@dataclass(frozen=True, eq=False)
class Waves:
    """What is drawn and played.

    `audio` is an address; for sounds over two minutes it must answer requests for a range.
    `peaks` are the lowest and highest sample of each stretch in turn, at most 2,000 pairs;
    `spectrogram` is uint8 [frames, bands], 255 the loudest and 0 80 dB below, with `ticks` of
    (Hz, share of the height). The time axis spans `window_s` where that is longer than the sound.
    """

    title: str
    audio: str
    duration_s: float
    color: str
    peaks: Sequence[float]
    spectrogram: NDArray[np.uint8] | None = None
    ticks: Sequence[tuple[int, float]] = ()
    icon: str = ""
    note: str = ""
    window_s: float = 0.0


@dataclass(frozen=True)
class Moment:
    """The stretch a person chose in the player; `lane` is None over the waveform itself."""

    start_s: float
    end_s: float
    label: str
    lane: str | None = None


def _read(*names: str) -> str:
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


_mount = st.components.v2.component(
    "urbansound_waves", html=_read("waves.html"), css=_read("waves.css"), js=_read(*_SCRIPTS)
)


def waves_of(
    seen: "Overview", *, title: str, audio: str, color: str, icon: str = "", window_s: float = 0.0
) -> Waves:
    """The player's sound from its overview and the address at which it is served."""
    from urbansound.features.overview import tick_places

    return Waves(
        title=title,
        audio=audio,
        duration_s=seen.duration_s,
        color=color,
        peaks=[round(float(peak), 3) for peak in seen.peaks.ravel()],
        spectrogram=seen.levels,
        ticks=tick_places(),
        icon=icon,
        note=peak_text(seen.peak_db),
        window_s=window_s,
    )


def clip_waves(index: DatasetIndex, number: int) -> Waves:
    """A clip of the dataset over at least 4 s; BadAudio where it cannot be read."""
    clip = index.clips[number]
    style = class_style(index.class_names[clip.class_id], clip.class_id)
    version = data.clip_version(index, number)
    return waves_of(
        _clip_overview(version, number, index),
        title=style.title,
        audio=clip_address(version, number, "wav"),
        color=style.color,
        icon=style.icon,
        window_s=CLIP_S,
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def _clip_overview(version: str, number: int, _index: DatasetIndex) -> "Overview":
    from urbansound.features.overview import overview

    del version
    return overview(data.clip_audio(_index, number))


def wave_player(
    waves: Waves,
    *,
    key: str,
    regions: Sequence[Region] = (),
    lanes: Sequence[Lane] = (),
    on_moment: Callable[[Moment], None] | None = None,
    go_to: tuple[float, float] | None = None,
    hotkeys: bool = False,
    autoplay: bool = False,
) -> None:
    """Waveform, rows of stretches and spectrogram of a sound, to be played and zoomed.

    A click plays from there, a click on a stretch plays it alone and hands it to `on_moment`
    before the page runs again. Space plays; Left and Right go from stretch to stretch, or by a
    second where there are none; with `hotkeys` from anywhere on the page. With `go_to` set to
    another stretch (start_s, end_s) that one is played; without `on_moment`, also by a player
    that has just appeared. Stretches may be added while the sound plays. With `autoplay`, for a
    page that steps from sound to sound, one that takes another's place is played, and without
    stretches the arrow keys are left to the page.
    """

    def chosen() -> None:
        moment = parse_moment(st.session_state[key].moment)
        if on_moment is not None and moment is not None:
            on_moment(moment)

    board_px = _board_px(waves, len(lanes))
    payload = _sound(waves) | {
        "board_height": board_px,
        "regions": [asdict(region) for region in regions],
        "lanes": [asdict(lane) for lane in lanes],
        "go_to": go_to,
        "tells": on_moment is not None,
        "hotkeys": hotkeys,
        "autoplay": autoplay,
    }
    _mount(data=payload, key=key, height=_FRAME_PX + board_px, on_moment_change=chosen)


def parse_moment(payload: object) -> Moment | None:
    """The stretch that a browser says was chosen; None where it says anything else."""
    if not isinstance(payload, dict):
        return None
    start_s, end_s = _seconds(payload.get("start_s")), _seconds(payload.get("end_s"))
    label, lane = payload.get("label"), payload.get("lane")
    if start_s is None or end_s is None or not isinstance(label, str):
        return None
    if lane is not None and not isinstance(lane, str):
        return None
    return Moment(start_s, end_s, label, lane)


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _board_px(waves: Waves, n_lanes: int) -> int:
    picture = 0 if waves.spectrogram is None else _SPECTROGRAM_PX
    return _WAVE_PX + _LANE_PX * n_lanes + picture + _AXIS_PX


def _sound(waves: Waves) -> dict[str, Any]:
    """What the browser draws: an hour and a clip alike stay under 200 kB."""
    facts = ("title", "audio", "duration_s", "color", "icon", "note")
    return {
        "sound": {name: getattr(waves, name) for name in facts}
        | {"window_s": max(waves.window_s, waves.duration_s)},
        "peaks": list(waves.peaks),
        "spectrogram": _picture(waves),
    }


def _picture(waves: Waves) -> dict[str, Any] | None:
    if waves.spectrogram is None:
        return None
    frames, bands = waves.spectrogram.shape
    levels = base64.b64encode(np.ascontiguousarray(waves.spectrogram).tobytes()).decode()
    return {"levels": levels, "frames": frames, "bands": bands, "ticks": list(waves.ticks)}
