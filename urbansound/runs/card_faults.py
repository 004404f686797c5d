"""Where a card's figures contradict each other: it may have been written by hand."""

import math
from collections.abc import Iterator
from itertools import chain

from urbansound.records import Card, Scores

_MOST_CLIPS = 2**53


def find_fault(card: Card) -> str | None:
    """What cannot be so, as half a sentence; None where all holds together."""
    return next(_faults(card), None)


def _faults(card: Card) -> Iterator[str]:
    if not card.class_names or len(set(card.class_names)) < len(card.class_names):
        yield "its classes are none, or one of them stands there twice"
    if card.spec.is_crossval:
        yield from _faults_of_folds(card)
    for scores in (card.validation, card.test, *(fold.scores for fold in card.folds)):
        if scores is not None:
            yield from _faults_of(scores, card.class_names)


def _faults_of_folds(card: Card) -> Iterator[str]:
    folds, chosen_by = card.spec.folds, card.spec.protocol.validation_folds
    if card.test is None or tuple(fold.fold for fold in card.folds) != folds:
        yield "it has not the scores of the folds that were to be tested"
    if chosen_by and len(chosen_by) != len(folds):
        yield f"{len(folds)} folds were to be tested with {len(chosen_by)} to choose by"


def _faults_of(scores: Scores, class_names: tuple[str, ...]) -> Iterator[str]:
    if tuple(row.name for row in scores.per_class) != class_names:
        yield "its scores are of other classes"
    if [len(row) for row in scores.confusion] != [len(class_names)] * len(class_names):
        yield "its table of mistakes is of other classes"
    counts = (*chain.from_iterable(scores.confusion), *(row.n for row in scores.per_class))
    if not all(0 <= count <= scores.n <= _MOST_CLIPS for count in counts):
        yield f"it counts clips that {scores.n} clips cannot hold"
    shares = [scores.accuracy, scores.macro_f1]
    shares += [share for row in scores.per_class for share in (row.precision, row.recall, row.f1)]
    if not all(0.0 <= share <= 1.0 for share in shares):
        yield "a score is not between 0 and 1"
    if not 0.0 <= scores.loss < math.inf:
        yield "a loss is below 0 or without end"
