"""Finished runs that said something of the dataset at hand, as the map shows it."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.dataset.columns import columns_of
from urbansound.paths import outputs_dir
from urbansound.records import Card, ClipResults, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results
from urbansound.runs.store import list_runs
from urbansound.ui import data
from urbansound.ui.explore.map_canvas import NOT_TESTED, RIGHT, WRONG, Answers, Places
from urbansound.ui.run_state import run_card
from urbansound.ui.runs.answers import answers_stamp, run_answers

_MOST_RUNS = 20


def runs_at_hand(index: DatasetIndex) -> list[RunFolder]:
    """Finished runs that kept what they said of this dataset's clips, newest first."""
    found = (run for run in list_runs(outputs_dir()) if _fits(index, run))
    return [run for run, _ in zip(found, range(_MOST_RUNS), strict=False)]


def _fits(index: DatasetIndex, run: RunFolder) -> bool:
    stamp, card = answers_stamp(run), run_card(run)
    if not stamp or card is None:
        return False
    return _is_of(str(run.results_path), stamp, data.dataset_version(index), index, card)


@st.cache_resource(show_spinner=False, max_entries=256)
def _is_of(path: str, stamp: float, version: str, _index: DatasetIndex, _card: Card) -> bool:
    """Whether the clips that were answered are the dataset's, as far as names tell."""
    del stamp, version
    results = read_results(Path(path))
    if results is None or not len(results) or _index.name != _card.dataset_name:
        return False
    numbers = results.clip_numbers
    if _index.class_names != _card.class_names or numbers.max() >= len(_index.clips):
        return False
    paths = columns_of(_index).paths
    own = [paths[number] for number in numbers.tolist()]
    return bool(own == results.paths.tolist())


def answers_of(run: RunFolder, places: Places) -> Answers | None:
    """What the run said of each row of the map; None where its answers are gone."""
    results = run_answers(run)
    return None if results is None or not len(results) else match_answers(results, places.numbers)


def match_answers(results: ClipResults, numbers: NDArray[np.int64]) -> Answers:
    """A run's answers on its test clips, else validation clips, in the order of rising numbers."""
    scored = results.take(results.is_test) if results.is_test.any() else results
    rows = np.searchsorted(numbers, scored.clip_numbers).clip(max=len(numbers) - 1)
    is_shown = numbers[rows] == scored.clip_numbers
    rows, said = rows[is_shown], scored.probabilities.argmax(axis=1)[is_shown]
    heard, states = np.zeros(len(numbers), np.int64), np.full(len(numbers), NOT_TESTED, np.uint8)
    heard[rows] = said
    states[rows] = np.where(said == scored.labels[is_shown], RIGHT, WRONG)
    return Answers(heard, states)
