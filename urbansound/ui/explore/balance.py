"""The Balance tab: what there is how often, and each number a way to hear just that."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.explore.balance_charts import (
    class_bars,
    picked,
    plain_bars,
    shade,
    stacked_bars,
)
from urbansound.ui.explore.balance_counts import Balance, balance_of, rates_of
from urbansound.ui.explore.balance_words import (
    clips_words,
    length_words,
    loudness_words,
    rate_words,
    recording_words,
)
from urbansound.ui.explore.filters import LENGTHS, LOUDNESS, rate_text, show_only
from urbansound.ui.explore.surveyed import offer_survey, survey_of
from urbansound.ui.frame import quiet_line
from urbansound.ui.theme import SEQUENTIAL, mode

_SQUARES, _PARTS = "balance_squares", "balance_table"
_CLIPS, _RECORDINGS = "balance_clips", "balance_recordings"
_LOUD, _LENGTH, _RATE = "balance_loud", "balance_length", "balance_rate"
_ROW_PX, _HEAD_PX, _MOST_PX = 36, 40, 640


def balance(index: DatasetIndex) -> None:
    """Class by fold, then clips, recordings, loudness, lengths and sample rates by class."""
    counts = balance_of(index)
    quiet_line("Click a bar or a number to hear just these clips.")
    _clips_and_recordings(counts)
    _class_by_fold(counts)
    if not index.has_audio:
        return
    left, right = st.columns(2, gap="large")
    with left:
        _lengths(counts)
    if counts.faint.any():
        with right:
            _loud_or_faint(counts)
    _sample_rates(index)
    _as_a_table(counts)


def _clips_and_recordings(counts: Balance) -> None:
    st.header("How many of each", anchor=False)
    st.markdown(clips_words(counts))
    if not counts.knows_recordings:
        _bars(counts, "clips", _CLIPS)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _bars(counts, "clips", _CLIPS)
    with right:
        _bars(counts, "recordings", _RECORDINGS)
    st.markdown(recording_words(counts))


def _bars(counts: Balance, what: str, key: str) -> None:
    st.altair_chart(
        class_bars(counts, getattr(counts, what), what),
        key=key,
        on_select=partial(_show_class, key),
        alt=f"How many {what} each class has",
    )


def _show_class(key: str) -> None:
    name = picked(key).get("name")
    if name:
        show_only(sounds=(name,))


def _class_by_fold(counts: Balance) -> None:
    st.header("In which fold", anchor=False)
    names = [f"fold {fold}" for fold in counts.folds]
    frame = pd.DataFrame(counts.by_fold, columns=names)
    frame.insert(0, "Sound", counts.titles)
    most, colors = int(counts.by_fold.max()), SEQUENTIAL[mode()]
    dark_ink, light_ink = ("#18202b", "#ffffff") if mode() == "light" else ("#e8edf2", "#0f1419")

    def styled(count: Any) -> str:
        ink = light_ink if count > most / 2 else dark_ink
        return f"background-color: {shade(count, most, colors)}; color: {ink}"

    st.dataframe(
        frame.style.map(styled, subset=pd.Index(names)),
        hide_index=True,
        row_height=_ROW_PX,
        height=min(_ROW_PX * len(frame) + _HEAD_PX, _MOST_PX),
        key=_SQUARES,
        on_select=partial(_show_square, counts),
        selection_mode="single-cell",
        alt="Clips by class and fold; choose a number to hear these clips",
    )


def _show_square(counts: Balance) -> None:
    cells = st.session_state[_SQUARES].selection.cells
    if cells:
        row, column = cells[0]
        fold = column.removeprefix("fold ")
        folds = (int(fold),) if fold.isdecimal() else ()
        show_only(sounds=(counts.names[row],), folds=folds)


def _lengths(counts: Balance) -> None:
    st.header("How long", anchor=False)
    st.markdown(length_words(counts))
    st.altair_chart(
        stacked_bars(counts, counts.by_length, tuple(LENGTHS), "clips"),
        key=_LENGTH,
        on_select=_show_length,
        alt="Clips of each class by their length",
    )


def _loud_or_faint(counts: Balance) -> None:
    st.header("Loud or faint", anchor=False)
    st.markdown(loudness_words(counts))
    parts = pd.DataFrame({"loud": counts.loud, "faint": counts.faint}).to_numpy()
    st.altair_chart(
        stacked_bars(counts, parts, LOUDNESS, "clips"),
        key=_LOUD,
        on_select=_show_loudness,
        alt="Clips of each class by whether the sound stands in front or behind",
    )


def _show_length() -> None:
    chosen = picked(_LENGTH)
    if chosen.get("name"):
        show_only(sounds=(chosen["name"],), lengths=(chosen["part"],))


def _show_loudness() -> None:
    chosen = picked(_LOUD)
    if chosen.get("name"):
        show_only(sounds=(chosen["name"],), loudness=(chosen["part"],))


def _sample_rates(index: DatasetIndex) -> None:
    st.header("Sample rates of the files", anchor=False)
    survey = survey_of(index)
    if survey is None:
        offer_survey("To count them, every file is opened once.")
        return
    rates = rates_of(survey)
    st.markdown(rate_words(rates))
    if len(rates) > 1:
        st.altair_chart(
            plain_bars([rate_text(rate) for rate in rates], list(rates), list(rates.values())),
            key=_RATE,
            on_select=_show_rate,
            alt="Files by their sample rate",
        )


def _show_rate() -> None:
    rate = picked(_RATE).get("value")
    if rate:
        show_only(rates=(int(rate),))


def _as_a_table(counts: Balance) -> None:
    """The same numbers for whoever goes by keyboard or hears the page read."""
    with st.expander("All of it as a table"):
        frame = pd.DataFrame(counts.by_length, columns=list(LENGTHS))
        frame.insert(0, "Sound", counts.titles)
        frame.insert(1, "clips", counts.clips)
        if counts.knows_recordings:
            frame.insert(2, "recordings", counts.recordings)
        if counts.faint.any():
            frame["loud"], frame["faint"] = counts.loud, counts.faint
        st.dataframe(
            frame,
            hide_index=True,
            key=_PARTS,
            on_select=partial(_show_cell, counts),
            selection_mode="single-cell",
            alt="Clips of each class by recording, length and loudness",
        )


def _show_cell(counts: Balance) -> None:
    cells = st.session_state[_PARTS].selection.cells
    if cells:
        row, column = cells[0]
        show_only(
            sounds=(counts.names[row],),
            lengths=(column,) if column in LENGTHS else (),
            loudness=(column,) if column in LOUDNESS else (),
        )
