"""A player of sounds of any length: waveform and spectrogram, zoom, and stretches to click.

The browser is given the picture at a bounded size and an address that it plays from, never
the samples: an hour costs it no more than a clip. Drawn with wavesurfer.js, see static/waves.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite
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
    from urbansound.features.overview import MfccCourse, Overview

_STATIC = Path(__file__).parent / "static" / "waves"
_SCRIPTS = (
    "wavesurfer.js",
    "course.js",
    "pictures.js",
    "stretches.js",
    "zoom.js",
    "pointer.js",
    "gutter.js",
    "loudness.js",
    "tools.js",
    "waves.js",
)
_FRAME_PX = 100
_WAVE_PX = 116
_LANE_PX = 22
_SPECTROGRAM_PX = 220
_MFCC_PX = 168
_SILENT_DB = -90.0
_MFCC_TICKS = (1, 10, 20, 30, 40)
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
    (Hz, share of the height) and the `pitches` of its bands in Hz. `mfcc` is drawn below it.
    The time axis spans `window_s` where that is longer than the sound. `level_db` is how loud
    it is to the ear, which "Same loudness" evens out: None for silence or where not known.
    `regions` are stretches over the waveform itself.
    """

    title: str
    audio: str
    duration_s: float
    color: str
    peaks: Sequence[float]
    spectrogram: NDArray[np.uint8] | None = None
    ticks: Sequence[tuple[int, float]] = ()
    pitches: Sequence[int] = ()
    mfcc: "MfccCourse | None" = None
    peak_db: float = -inf
    level_db: float | None = None
    icon: str = ""
    note: str = ""
    window_s: float = 0.0
    regions: Sequence[Region] = ()


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
    seen: "Overview",
    *,
    title: str,
    audio: str,
    color: str,
    icon: str = "",
    window_s: float = 0.0,
    mfcc: "MfccCourse | None" = None,
) -> Waves:
    """The player's sound from its overview and the address at which it is served."""
    from urbansound.features.overview import band_pitches, tick_places

    return Waves(
        title=title,
        audio=audio,
        duration_s=seen.duration_s,
        color=color,
        peaks=[round(float(peak), 3) for peak in seen.peaks.ravel()],
        spectrogram=seen.levels,
        ticks=tick_places(),
        pitches=band_pitches(),
        mfcc=mfcc,
        peak_db=seen.peak_db,
        level_db=seen.level_db if seen.level_db > _SILENT_DB else None,
        icon=icon,
        note=peak_text(seen.peak_db),
        window_s=window_s,
    )


def clip_waves(index: DatasetIndex, number: int) -> Waves:
    """A clip of the dataset over at least 4 s, its MFCCs too; BadAudio where it is unreadable."""
    clip = index.clips[number]
    style = class_style(index.class_names[clip.class_id], clip.class_id)
    version = data.clip_version(index, number)
    seen, course = _clip_overview(version, number, index)
    return waves_of(
        seen,
        title=style.title,
        audio=clip_address(version, number, "wav"),
        color=style.color,
        icon=style.icon,
        window_s=CLIP_S,
        mfcc=course,
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def _clip_overview(
    version: str, number: int, _index: DatasetIndex
) -> tuple["Overview", "MfccCourse"]:
    from urbansound.features.overview import mfcc_course, overview

    del version
    audio = data.clip_audio(_index, number)
    return overview(audio), mfcc_course(audio)


def wave_player(
    waves: Waves,
    *,
    key: str,
    lanes: Sequence[Lane] = (),
    on_moment: Callable[[Moment], None] | None = None,
    on_end: Callable[[], None] | None = None,
    go_to: tuple[float, float] | None = None,
    hotkeys: bool = False,
    autoplay: bool | None = None,
) -> None:
    """Waveform, rows of stretches and pictures of a sound on one time axis, to play and zoom.

    A click plays from there, a click on a stretch plays it alone and hands it to `on_moment`
    before the page runs again. Space plays; Left and Right go from stretch to stretch, or by a
    second where there are none; L, S and V switch the loop, half speed and the same loudness, A
    and B mark from here and to here, +, - and 0 zoom; with `hotkeys` from anywhere on the page.

    With `go_to` set to another stretch (start_s, end_s) that one is played; without `on_moment`,
    also by a player that has just appeared. Stretches may be added while the sound plays. A page
    that steps from sound to sound says with `autoplay` whether one that takes another's place is
    played; without stretches the arrow keys are then left to the page. `on_end` runs before the
    page does when the sound has been played to its end: not when it loops, was stopped or was
    moved to its end.
    """

    def chosen() -> None:
        moment = parse_moment(st.session_state[key].moment)
        if on_moment is not None and moment is not None:
            on_moment(moment)

    def ended() -> None:
        # A page that has moved on to another sound is not told of the one before.
        if on_end is not None and st.session_state[key].end == waves.audio:
            on_end()

    board_px = _board_px(waves, len(lanes))
    payload = _sound(waves) | {
        "board_height": board_px,
        "regions": [asdict(region) for region in waves.regions],
        "lanes": [asdict(lane) for lane in lanes],
        "go_to": go_to,
        "tells": on_moment is not None,
        "tells_end": on_end is not None,
        "hotkeys": hotkeys,
        "autoplay": bool(autoplay),
        "is_stepped": autoplay is not None,
    }
    height = _FRAME_PX + board_px
    _mount(data=payload, key=key, height=height, on_moment_change=chosen, on_end_change=ended)


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
    pictures = 0 if waves.spectrogram is None else _SPECTROGRAM_PX
    pictures += 0 if waves.mfcc is None else _MFCC_PX
    return _WAVE_PX + _LANE_PX * n_lanes + pictures + _AXIS_PX


def _sound(waves: Waves) -> dict[str, Any]:
    """What the browser draws: an hour and a clip alike stay under 200 kB."""
    facts = ("title", "audio", "duration_s", "color", "icon", "note", "level_db")
    return {
        "sound": {name: getattr(waves, name) for name in facts}
        | {"window_s": max(waves.window_s, waves.duration_s)},
        "peaks": list(waves.peaks),
        "spectrogram": _spectrogram(waves),
        "mfcc": _mfcc(waves),
    }


def _spectrogram(waves: Waves) -> dict[str, Any] | None:
    if waves.spectrogram is None:
        return None
    picture = _picture(waves.spectrogram, 0.0, waves.duration_s)
    return picture | {"ticks": list(waves.ticks), "pitches": list(waves.pitches)}


def _mfcc(waves: Waves) -> dict[str, Any] | None:
    if waves.mfcc is None:
        return None
    picture = _picture(waves.mfcc.values, waves.mfcc.start_s, waves.mfcc.end_s)
    n_rows = waves.mfcc.values.shape[1]
    return picture | {"ticks": [(row, (row - 0.5) / n_rows) for row in _MFCC_TICKS]}


def _picture(levels: NDArray[np.uint8], start_s: float, end_s: float) -> dict[str, Any]:
    frames, bands = levels.shape
    packed = base64.b64encode(np.ascontiguousarray(levels).tobytes()).decode()
    times = {"start_s": start_s, "end_s": end_s}
    return {"levels": packed, "frames": frames, "bands": bands, **times}
