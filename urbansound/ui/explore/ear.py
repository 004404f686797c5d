"""Sounds that a page plays to the sample, all equally loud: what its scripts in static/ear get."""

from pathlib import Path
from typing import Any

import streamlit as st

from urbansound.audio.loudness import SILENT_DB, loudest_db
from urbansound.audio.signal import is_silence
from urbansound.errors import BadAudio
from urbansound.labels import class_style
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.routes import clip_address

_STATIC = Path(__file__).parents[1] / "static" / "ear"


def ear_component(name: str, *scripts: str) -> Any:
    """The component of `name`: its own HTML, style and script, on top of those all share."""

    def read(*files: str) -> str:
        return "\n".join((_STATIC / file).read_text(encoding="utf-8") for file in files)

    return st.components.v2.component(
        f"urbansound_{name}",
        html=read(f"{name}.html"),
        css=read("ear.css", f"{name}.css"),
        js=read("ear.js", *scripts, f"{name}.js"),
    )


def ear_sound(index: DatasetIndex, number: int) -> dict[str, Any]:
    """A clip's address and how loud it is, None where that is not known; nothing of its name."""
    address = clip_address(data.clip_version(index, number), number, "wav")
    return {"audio": address, "level": clip_level(index, number)}


def clip_level(index: DatasetIndex, number: int) -> float | None:
    """How loud a clip is to the ear in dB, as audio.loudness has it; None where nobody hears it.

    That is so for silence and for files that cannot be read.
    """
    return _level(data.clip_version(index, number), number, index)


@st.cache_data(show_spinner=False, max_entries=4096)
def _level(version: str, number: int, _index: DatasetIndex) -> float | None:
    del version
    try:
        audio = data.clip_audio(_index, number)
    except BadAudio:
        return None
    if len(audio.samples) == 0 or is_silence(audio.samples):
        return None
    level = loudest_db(audio.samples, audio.sample_rate)
    return level if level > SILENT_DB else None


def class_face(class_name: str, class_id: int) -> dict[str, Any]:
    """A class as a script shows it: its number, title, icon and colour."""
    style = class_style(class_name, class_id)
    return {"id": class_id, "title": style.title, "icon": style.icon, "color": style.color}
