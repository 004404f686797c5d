"""When a longer recording held what: the player with its stretches, and a table of events."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from urbansound.inference.events import least_confidence
from urbansound.records import Segment
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.hearing_view import sound_waves
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.timeline import (
    event_regions,
    leaning_regions,
    when_text,
)
from urbansound.ui.classify.verdict import heard_name, percent_text
from urbansound.ui.frame import quiet_line
from urbansound.ui.waves import Lane, Moment, Region, wave_player
from urbansound.ui.words import count_text, names_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

    Answers = Sequence[tuple[SavedModel, Heard]]

_TABLE, _PLAYER, _GO_TO = "classify_events", "classify_moments", "classify_go_to"
# More stretches than these would be thinner than a hair; the named ones are always shown.
_MOST_LEANINGS = 400

Named = tuple[SavedModel, Segment]


def show_moments(sound: Sound, answers: "Answers") -> None:
    """The player of a longer sound, the events in it, and the one that is played."""
    st.header("What was heard when", anchor=False)
    quiet_line(
        f"Heard 4 s at a time, every 2 s: each moment is heard twice, and gets a name where the "
        f"mean of both reaches {_least_text(answers)}; a short sound, heard once, needs more. "
        "Click a stretch or tick an event to hear it. Left and Right step from one to the next, "
        "Space plays."
    )
    events = sorted(
        ((saved, event) for saved, heard in answers for event in heard.events),
        key=lambda pair: pair[1].start_s,
    )
    wave_player(
        replace(sound_waves(sound), regions=_over_the_wave(answers)),
        key=_PLAYER,
        lanes=_lanes(answers),
        on_moment=lambda moment: _follow(moment, events),
        go_to=_go_to(sound),
        hotkeys=True,
    )
    _show_table(sound, events, with_model=len(answers) > 1)


def _least_text(answers: "Answers") -> str:
    """From which probability up a moment is named: "72 %", "72 % (CNN) and 40 % (Model 1)"."""
    leasts = [(percent_text(least_confidence(saved.card)), saved) for saved, _ in answers]
    if len({least for least, _ in leasts}) == 1:
        return leasts[0][0]
    return names_text([f"{least} ({model_title(saved)})" for least, saved in leasts])


def _over_the_wave(answers: "Answers") -> list[Region]:
    """What a single model heard."""
    return event_regions(answers[0][1].events) if len(answers) == 1 else []


def _lanes(answers: "Answers") -> list[Lane]:
    """A row of stretches for each of several models; for one, what it leaned to where unsure."""
    if len(answers) > 1:
        return [Lane(model_title(saved), event_regions(heard.events)) for saved, heard in answers]
    leanings = leaning_regions(answers[0][1])
    return [Lane("not sure", leanings)] if 0 < len(leanings) <= _MOST_LEANINGS else []


def _go_to(sound: Sound) -> tuple[float, float] | None:
    """The stretch of this sound that the table asks for."""
    digest, stretch = st.session_state.get(_GO_TO, ("", None))
    return stretch if digest == sound.digest else None


def _follow(moment: Moment, events: Sequence[Named]) -> None:
    """A callback: the table follows a stretch chosen in the player, which plays it already."""
    st.session_state.pop(_GO_TO, None)
    rows = [
        at
        for at, (saved, event) in enumerate(events)
        if event.start_s == moment.start_s and moment.lane in (None, model_title(saved))
    ]
    st.session_state[_TABLE] = {"selection": {"rows": rows[:1], "columns": [], "cells": []}}


def _show_table(sound: Sound, events: Sequence[Named], *, with_model: bool) -> None:
    if not events:
        st.info("No stretch was clear enough to be named.")
        return

    def selected() -> None:
        rows = st.session_state[_TABLE]["selection"]["rows"]
        if rows:
            event = events[rows[0]][1]
            st.session_state[_GO_TO] = (sound.digest, (event.start_s, event.end_s))

    st.markdown(f"**{count_text(len(events), 'event')}**")
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


def events_frame(events: Sequence[Named], *, with_model: bool = False) -> pd.DataFrame:
    """One row an event: when, what was heard, confidence in percent."""
    columns: dict[str, list[Any]] = {
        "when": [when_text(event.start_s, event.end_s) for _, event in events],
        "heard": [heard_name(event.prediction) for _, event in events],
        "confidence": [100 * event.prediction.confidence for _, event in events],
    }
    if with_model:
        columns["model"] = [model_title(saved) for saved, _ in events]
    return pd.DataFrame(columns)


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "when": config.TextColumn("When"),
        "heard": config.TextColumn("Heard"),
        "confidence": config.NumberColumn("Confidence", format="%.0f %%", width="small"),
        "model": config.TextColumn("Model"),
    }
