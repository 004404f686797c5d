"""Whether two runs of one spec came to the same, in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from urbansound.experiment.execute import execute
from urbansound.records import Card, RunSpec, Scores
from urbansound.runs.agreement import differences, find_repeats
from urbansound.runs.saved import run_card
from urbansound.runs.store import create_run


@pytest.fixture
def card(outputs: Path, spec: RunSpec) -> Card:
    """The card of a finished training."""
    run = create_run(outputs, spec)
    execute(run, outputs)
    card = run_card(run)
    assert card is not None
    return card


def better(scores: Scores | None) -> Scores:
    assert scores is not None
    return replace(scores, accuracy=scores.accuracy + 0.1)


def test_the_same_spec_twice_agrees_to_the_last_digit(outputs: Path, spec: RunSpec) -> None:
    runs = [create_run(outputs, spec) for _ in range(2)]
    for run in runs:
        execute(run, outputs)
    first, second = map(run_card, runs)
    assert first is not None
    assert second is not None
    assert differences(first, second) == []


def test_a_run_that_did_not_count_recordings_agrees_by_its_other_numbers(card: Card) -> None:
    assert card.test is not None
    older = replace(card, test=replace(card.test, n_recordings=None))
    newer = replace(card, test=replace(card.test, n_recordings=7))
    assert differences(older, newer) == []


def test_other_test_scores_are_told_with_both_accuracies(card: Card) -> None:
    (told,) = differences(card, replace(card, test=better(card.test)))
    assert card.test is not None
    then, now = 100 * card.test.accuracy, 100 * card.test.accuracy + 10
    assert told == f"The test scores differ: {then:.1f} % then, {now:.1f} % now"


def test_other_versions_are_a_reason_only_where_something_differs(card: Card) -> None:
    newer = replace(card, versions={**card.versions, "torch": "99"})
    assert differences(card, newer) == []
    found = differences(card, replace(newer, data_digest="other"))
    assert found == ["The dataset is not the one of then", "other versions of torch"]


def test_only_runs_of_exactly_this_spec_are_repeats(outputs: Path, spec: RunSpec) -> None:
    first, again = create_run(outputs, spec), create_run(outputs, spec)
    other = create_run(outputs, replace(spec, train=replace(spec.train, seed=1)))
    assert [run.id for run in find_repeats(outputs, first)] == [again.id]
    assert find_repeats(outputs, other) == []
