"""What finished runs said clip by clip, and which clip of the dataset at hand each is."""

from functools import lru_cache
from pathlib import Path

from urbansound.errors import UrbanSoundError
from urbansound.records import Card, ClipResults, DatasetIndex, RunSpec
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results
from urbansound.runs.store import list_runs
from urbansound.ui import data
from urbansound.ui.opened import root_of, token_of
from urbansound.ui.run_state import run_card

MOST_OPINIONS = 5


def run_answers(run: RunFolder) -> ClipResults | None:
    """A finished run's answers; None where it kept none or they are damaged."""
    stamp = answers_stamp(run)
    return _answers(run.results_path, stamp) if stamp else None


def answers_stamp(run: RunFolder) -> float:
    """When the run's answers were written; 0 where it kept none."""
    path = run.results_path
    return path.stat().st_mtime if path.exists() else 0.0


@lru_cache(maxsize=8)
def _answers(path: Path, stamp: float) -> ClipResults | None:
    del stamp
    return read_results(path)


def dataset_of(card: Card) -> DatasetIndex | None:
    """The dataset that a card is of, to hear its clips; None where it is not here or mute."""
    index = home_of(card.spec)
    is_same = index is not None and index.has_audio and index.name == card.dataset_name
    return index if is_same else None


def home_of(spec: RunSpec) -> DatasetIndex | None:
    """The dataset that a run learns from, where its folder is known here, else the one at hand.

    None where neither can be used: runs can be read without one, and beside a broken one.
    """
    root = root_of(token_of(Path(spec.dataset)))
    try:
        return data.current_dataset() if root is None else data.dataset_at(root)
    except UrbanSoundError:
        return None


def clip_numbers(index: DatasetIndex) -> dict[str, int]:
    """Each clip's number in the dataset by its path."""
    return {clip.path: number for number, clip in enumerate(index.clips) if clip.path}


def other_crossvals(
    outputs: Path, run: RunFolder, card: Card
) -> list[tuple[RunFolder, ClipResults]]:
    """Other finished honest cross-validations of the same data, newest first, with answers."""
    found = []
    for other in list_runs(outputs):
        if other.id == run.id or not other.spec.is_crossval:
            continue
        its_card, answers = run_card(other), run_answers(other)
        if its_card is None or answers is None or _data(its_card) != _data(card):
            continue
        found.append((other, answers))
    return found[:MOST_OPINIONS]


def _data(card: Card) -> tuple[str, tuple[str, ...]]:
    """What a run was tested on: other data may bear the same name."""
    return card.dataset_name, card.class_names
