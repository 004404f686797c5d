"""What is known of one clip, as a calm block, and its sound to be kept."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from urbansound.audio.clips import describe_file
from urbansound.dataset.columns import UNKNOWN, columns_of
from urbansound.dataset.survey import Survey
from urbansound.errors import BadAudio
from urbansound.records import Clip, DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.siblings import has_position, siblings_of
from urbansound.ui.explore.surveyed import survey_of
from urbansound.ui.waves import Waves

_LOUD = "loud", "in front of the other sounds"
_FAINT = "faint", "in the background, behind other sounds"
_CHANNELS = {1: "mono", 2: "stereo"}
_SILENT_DB = -120.0
# Two columns where there is room for them, one on a phone; a line never breaks in a row's name.
_LIST = (
    "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));"
    "gap:0 2.5rem;margin:0;padding:0"
)
_ROW = "display:flex;gap:1rem;padding:0.375rem 0;border-bottom:1px solid rgba(128,140,152,0.25)"
_NAME = "flex:0 0 7.5rem;opacity:0.72;font-weight:400;margin:0"
_VALUE = "flex:1;min-width:0;overflow-wrap:anywhere;margin:0"
_QUIET = "opacity:0.72;font-size:0.875rem"


@dataclass(frozen=True)
class Fact:
    """One line: its name, what is so, and what that means."""

    name: str
    value: str
    meaning: str = ""


def clip_facts(index: DatasetIndex, number: int, waves: Waves | None) -> None:
    """What is known of the clip; `waves` is None where it could not be read."""
    facts = [*of_the_table(index, number), *of_the_file(index, number, waves)]
    st.html(f'<dl style="{_LIST}">{"".join(map(_row, facts))}</dl>')
    _downloads(index, number, can_be_read=waves is not None)


def _row(fact: Fact) -> str:
    meaning = f' <span style="{_QUIET}">{html.escape(fact.meaning)}</span>' if fact.meaning else ""
    return (
        f'<div style="{_ROW}"><dt style="{_NAME}">{html.escape(fact.name)}</dt>'
        f'<dd style="{_VALUE}">{html.escape(fact.value)}{meaning}</dd></div>'
    )


def of_the_table(index: DatasetIndex, number: int) -> list[Fact]:
    """What the dataset says of the clip: only what it does say."""
    clip = index.clips[number]
    facts = [Fact("Sound", data.clip_title(index, clip)), Fact("Fold", str(clip.fold))]
    facts += _recording(index, number)
    # Other layouts do not tell, whatever the record says.
    if index.layout == "official":
        facts.append(Fact("Loud or faint", *(_LOUD if clip.foreground else _FAINT)))
    return facts


def _recording(index: DatasetIndex, number: int) -> list[Fact]:
    clip, columns = index.clips[number], columns_of(index)
    if columns.recordings[number] == UNKNOWN:
        return []
    siblings = siblings_of(index, number)
    place = int((siblings == number).argmax()) + 1
    order = f"slice {place} of {len(siblings)}" if len(siblings) > 1 else "its only slice"
    # Elsewhere the number is this app's own.
    facts = [Fact("Recording", str(clip.recording_id))] if index.layout == "official" else []
    if has_position(index, clip):
        stretch = f"{clip.start_s:.1f} to {clip.end_s:.1f} s of its recording"
        return [*facts, Fact("Slice", f"{stretch}, {order}")]
    return [*facts, Fact("Slice", f"{order} of its recording" if len(siblings) > 1 else order)]


def of_the_file(index: DatasetIndex, number: int, waves: Waves | None) -> list[Fact]:
    """What was read of the clip's file; only its name where that cannot be."""
    clip = index.clips[number]
    facts = list(_as_recorded(index, number))
    if waves is not None:
        facts += [Fact("Length", f"{waves.duration_s:.2f} s"), *_levels(waves)]
    return [*facts, Fact("File", clip.file or clip.path)]


def _levels(waves: Waves) -> list[Fact]:
    if waves.peak_db <= _SILENT_DB or waves.level_db is None:
        return [Fact("Level", "silent")]
    return [
        Fact("Peak", f"{waves.peak_db:.1f} dB", "0 dB is full scale"),
        Fact("Loudness", f"{waves.level_db:.0f} dB", "the loudest 0.4 s, as the ear weighs it"),
    ]


def _as_recorded(index: DatasetIndex, number: int) -> tuple[Fact, ...]:
    survey = survey_of(index)
    if survey is not None and number < len(survey) and survey.sample_rates[number] > 0:
        return _of_survey(survey, number)
    return _of_header(data.clip_version(index, number), number, index)


def _of_survey(survey: Survey, number: int) -> tuple[Fact, ...]:
    return _form(
        int(survey.sample_rates[number]),
        int(survey.channels[number]),
        str(survey.bit_depths[number]),
    )


@st.cache_data(show_spinner=False, max_entries=256)
def _of_header(version: str, number: int, _index: DatasetIndex) -> tuple[Fact, ...]:
    del version
    try:
        info = describe_file(_index.audio_path(_index.clips[number]))
    except BadAudio:
        return ()
    return _form(info.sample_rate, info.channels, info.bit_depth)


def _form(sample_rate: int, channels: int, bit_depth: str) -> tuple[Fact, ...]:
    return (
        Fact("Sample rate", f"{sample_rate / 1000:g} kHz"),
        Fact("Channels", _CHANNELS.get(channels, str(channels))),
        Fact("Bit depth", bit_depth),
    )


def _downloads(index: DatasetIndex, number: int, *, can_be_read: bool) -> None:
    """Nothing is read before it is asked for."""
    clip = index.clips[number]
    path = index.audio_path(clip)
    name = PurePosixPath(clip.file or clip.path).name
    with st.container(horizontal=True):
        _download(
            "Download the recording" if clip.file else "Download",
            name,
            path.read_bytes,
            help=f"The file as it is: {name}",
            disabled=not path.is_file(),
        )
        _download(
            "As WAV",
            wav_name(clip),
            lambda: data.clip_wav(index, number),
            help="What is played here: 16 bit, mono",
            disabled=not can_be_read,
        )


def wav_name(clip: Clip) -> str:
    """What the clip is called as a WAV; one cut out of a longer file says from where to where."""
    if clip.file:
        return f"{PurePosixPath(clip.file).stem}-{clip.start_s:g}-{clip.end_s:g}s.wav"
    return f"{PurePosixPath(clip.path).stem}.wav"


def _download(
    label: str, name: str, read: Callable[[], bytes], *, help: str, disabled: bool
) -> None:
    st.download_button(
        label,
        data=read,
        file_name=name,
        mime="audio/wav" if name.lower().endswith(".wav") else "application/octet-stream",
        help=None if disabled else help,
        on_click="ignore",
        icon=":material/download:",
        disabled=disabled,
        key=f"explore_download_{label}",
    )
