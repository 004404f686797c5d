"""What the models say of a round's clips, worked out while the person still listens."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.errors import UrbanSoundError
from urbansound.records import ClipResults, DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.guess_models import Candidate, candidates_of
from urbansound.ui.explore.judges import Judge
from urbansound.ui.explore.rounds import Round

ASKED_KEY = "guess_asked"


@dataclass(frozen=True)
class Said:
    """A model's likeliest class for one clip, its chance, and whether it would say "not sure"."""

    class_id: int
    chance: float
    is_sure: bool


@dataclass(frozen=True)
class Opinion:
    """What one model said clip by clip, or the sentence why it said nothing."""

    title: str
    said: tuple[Said, ...]
    trouble: str = ""

    def n_right(self, truths: Sequence[int]) -> int:
        """How many of its likeliest classes are right."""
        return sum(one.class_id == true for one, true in zip(self.said, truths, strict=True))


Opinions = Future[list[Opinion]]


def begin_to_ask(index: DatasetIndex, present: Round) -> None:
    """Let the round's models answer in the background, once."""
    asked = st.session_state.get(ASKED_KEY)
    if asked is None or asked[0] != present.token:
        st.session_state[ASKED_KEY] = (present.token, _ask_aside(index, present))


def opinions_of(index: DatasetIndex, present: Round) -> list[Opinion] | None:
    """The models' answers in the order in which they were chosen; None while they are coming."""
    begin_to_ask(index, present)
    future: Opinions = st.session_state[ASKED_KEY][1]
    return future.result() if future.done() else None


def _ask_aside(index: DatasetIndex, present: Round) -> Opinions:
    by_key = {candidate.judge.key: candidate for candidate in candidates_of(index)}
    asked = [by_key[key] for key in present.judges if key in by_key]
    future: Opinions = Future()
    if not asked:
        future.set_result([])
        return future
    # The networks' library takes seconds to import: no page waits for it.
    work = threading.Thread(
        target=_ask_into, args=(future, index, present.numbers, asked), daemon=True
    )
    work.start()
    return future


def _ask_into(
    future: Opinions, index: DatasetIndex, numbers: tuple[int, ...], asked: list[Candidate]
) -> None:
    try:
        future.set_result([_opinion(index, numbers, candidate) for candidate in asked])
    finally:
        if not future.done():
            future.set_result(_unknown(asked))


def _unknown(asked: list[Candidate]) -> list[Opinion]:
    why = "gave no answer; the terminal that runs the app says why."
    titles = [candidate.judge.title for candidate in asked]
    return [Opinion(title, (), f"{title} {why}") for title in titles]


def _opinion(index: DatasetIndex, numbers: tuple[int, ...], candidate: Candidate) -> Opinion:
    judge = candidate.judge
    # Under the same name there may be another model by now, which has heard these clips.
    if not candidate.unheard.mask[list(numbers)].all():
        why = "was trained anew since the round began, and may have learned from these clips."
        return Opinion(judge.title, (), f"{judge.title} {why}")
    try:
        results = judge.results
        said = _heard(index, numbers, judge) if results is None else _kept(index, numbers, results)
    except UrbanSoundError as error:
        return Opinion(judge.title, (), f"{judge.title}: {error}")
    return Opinion(judge.title, tuple(said))


def _heard(index: DatasetIndex, numbers: tuple[int, ...], judge: Judge) -> list[Said]:
    from urbansound.experiment.scoring import open_classifier

    assert judge.saved is not None
    classifier = open_classifier(judge.saved)
    said = []
    for number in numbers:
        prediction = classifier.classify(data.clip_audio(index, number)).prediction
        best = int(prediction.probabilities.argmax())
        said.append(Said(best, prediction.confidence, not prediction.verdict))
    return said


def _kept(index: DatasetIndex, numbers: tuple[int, ...], results: ClipResults) -> list[Said]:
    """What the network that held each clip out said of it when it was tested."""
    tested = results.take(results.is_test)
    rows = {path: row for row, path in enumerate(tested.paths.tolist())}
    paths = columns_of(index).paths
    chances = tested.probabilities[[rows[paths[number]] for number in numbers]]
    return [Said(int(row.argmax()), float(row.max()), True) for row in chances]
