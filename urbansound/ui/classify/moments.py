"""The events of a longer recording: a table, and a player for the one chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from urbansound.audio.signal import cut
from urbansound.records import Segment
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.timeline import heard_look, heard_words, show_timeline
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import sound_player
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.classify import Heard

    Answers = Sequence[tuple[SavedModel, Heard]]

_MOMENT, _TABLE = "classify_moment", "classify_events"


@dataclass(frozen=True)
class Moment:
    """A stretch of one sound, from s to s, with what was heard in it."""

    digest: str
    start_s: float
    end_s: float
    heard: str
    color: str
    icon: str


def show_moments(sound: Sound, answers: "Answers") -> None:
    """When a longer sound held what: a strip a model, the events, a player for one of them."""
    st.subheader("What was heard when", anchor=False)
    quiet_line("Listened to 4 s at a time, every 2 s. Click a stretch or an event to hear it.")
    for saved, heard in answers:
        if len(answers) > 1:
            st.markdown(f"**{plain(model_title(saved))}**")
        show_timeline(
            heard.segments,
            key=f"classify_timeline_{saved.name}_{saved.source}",
            on_moment=lambda row: _choose(sound, row),
        )
    events = [(saved, event) for saved, heard in answers for event in heard.events]
    events.sort(key=lambda pair: pair[1].start_s)
    left, right = st.columns(2, gap="large")
    with left:
        _show_table(sound, events, with_model=len(answers) > 1)
    with right:
        _show_moment(sound, [event for _, event in events])


def _choose(sound: Sound, row: dict[str, Any]) -> None:
    times = float(row["start_s"]), float(row["end_s"])
    st.session_state[_MOMENT] = Moment(
        sound.digest, *times, row["heard"], row["color"], row["icon"]
    )


def _moment(sound: Sound, event: Segment) -> Moment:
    times = event.start_s, event.end_s
    return Moment(sound.digest, *times, heard_words(event), *heard_look(event))


def _show_table(
    sound: Sound, events: Sequence[tuple[SavedModel, Segment]], *, with_model: bool
) -> None:
    if not events:
        st.info("No stretch was clear enough to be named.")
        return

    def selected() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows:
            st.session_state[_MOMENT] = _moment(sound, events[rows[0]][1])

    st.dataframe(
        events_frame(events, with_model=with_model),
        column_config=_columns(),
        hide_index=True,
        height=min(38 + 35 * len(events), 318),
        key=_TABLE,
        on_select=selected,
        selection_mode="single-row",
        alt="Events: when, what was heard, confidence",
    )


def events_frame(
    events: Sequence[tuple[SavedModel, Segment]], *, with_model: bool = False
) -> pd.DataFrame:
    """One row an event: when, what was heard, confidence in percent."""
    columns: dict[str, list[Any]] = {
        "when": [when_text(event.start_s, event.end_s) for _, event in events],
        "heard": [heard_words(event) for _, event in events],
        "confidence": [100 * event.prediction.confidence for _, event in events],
    }
    if with_model:
        columns["model"] = [model_title(saved) for saved, _ in events]
    return pd.DataFrame(columns)


def when_text(start_s: float, end_s: float) -> str:
    """A stretch of time: "4 to 8.5 s", from a minute on "1:04 to 1:08"."""
    if end_s < 60:
        return f"{start_s:.3g} to {end_s:.3g} s"
    return " to ".join(f"{int(s) // 60}:{int(s) % 60:02}" for s in (start_s, end_s))


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "when": config.TextColumn("When"),
        "heard": config.TextColumn("Heard"),
        "confidence": config.NumberColumn("Confidence", format="%.0f %%", width="small"),
        "model": config.TextColumn("Model"),
    }


def _show_moment(sound: Sound, events: Sequence[Segment]) -> None:
    moment: Moment | None = st.session_state.get(_MOMENT)
    if moment is None or moment.digest != sound.digest:
        if not events:
            return
        best = max(events, key=lambda event: event.prediction.confidence)
        moment = _moment(sound, best)
    sound_player(
        cut(sound.audio, moment.start_s, moment.end_s),
        f"{sound.digest} {moment.start_s} {moment.end_s}",
        key="classify_moment_player",
        title=f"{moment.heard}, {when_text(moment.start_s, moment.end_s)}",
        color=moment.color,
        icon=moment.icon,
    )
