"""A finished run as one looks into it: its card, its answers, and its clips where they are here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.records import Card, ClipResults, DatasetIndex, Scores
from urbansound.runs.folder import RunFolder
from urbansound.ui.run_line import run_chips
from urbansound.ui.run_state import RunState
from urbansound.ui.runs.answers import run_answers


@dataclass(frozen=True, eq=False)
class Inside:
    """One finished run.

    `scores` are those of the test clips, or where none were kept of the validation clips.
    `results` are of the same clips, None where the run kept none. `index` is the dataset at
    hand where that is the run's and can be heard.
    """

    state: RunState
    card: Card
    scores: Scores | None
    results: ClipResults | None
    index: DatasetIndex | None

    @property
    def run(self) -> RunFolder:
        """Where the run lies."""
        return self.state.run

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes by label number."""
        return self.card.class_names

    @property
    def chips(self) -> str:
        """What every score of the run stands beside, as Markdown."""
        return run_chips(self.run)


def look_inside(state: RunState, card: Card, index: DatasetIndex | None) -> Inside:
    """All that is known about a finished run."""
    results = _scored_results(state.run, card)
    is_here = index is not None and results is not None and _is_of(index, card, results)
    scores = card.test or card.validation
    return Inside(state, card, scores, results, index if is_here else None)


def _scored_results(run: RunFolder, card: Card) -> ClipResults | None:
    results = run_answers(run)
    if results is None or results.probabilities.shape[1:] != (len(card.class_names),):
        return None
    scored = results.take(results.is_test if card.test is not None else ~results.is_test)
    return scored if len(scored) else None


def _is_of(index: DatasetIndex, card: Card, results: ClipResults) -> bool:
    """Whether these clips are the dataset's, and can be heard."""
    numbers = results.clip_numbers
    is_same = index.has_audio and index.name == card.dataset_name
    if not is_same or index.class_names != card.class_names or numbers.max() >= len(index.clips):
        return False
    paths = zip(numbers.tolist(), results.paths.tolist(), strict=True)
    return all(index.clips[number].path == path for number, path in paths)


def said_of(results: ClipResults) -> NDArray[np.int64]:
    """The most probable class of each clip, int64 [n]."""
    said: NDArray[np.int64] = results.probabilities.argmax(axis=1)
    return said


def rows_of_cell(results: ClipResults, true: int, heard: int) -> NDArray[np.int64]:
    """The rows of one square of the confusion matrix, the surest answer first."""
    rows = np.flatnonzero((results.labels == true) & (said_of(results) == heard))
    return _surest_first(results, rows)


def rows_of_recording(results: ClipResults, recording: int, class_id: int) -> NDArray[np.int64]:
    """The rows of one recording's clips of one class, the surest mistakes first."""
    rows = np.flatnonzero((results.recordings == recording) & (results.labels == class_id))
    rows = _surest_first(results, rows)
    is_right = said_of(results)[rows] == class_id
    return np.concatenate([rows[~is_right], rows[is_right]])


def _surest_first(results: ClipResults, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(-results.probabilities[rows].max(axis=1), kind="stable")
    return rows[order]
