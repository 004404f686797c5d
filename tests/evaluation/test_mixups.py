"""What cards say of two classes, and of which are mixed up most."""

import numpy as np
import pytest

from urbansound.evaluation.mixups import (
    confused_with,
    mixup,
    mixup_shares,
    most_confused_pair,
)
from urbansound.records import ClassScore, Scores


def scores_of(confusion):
    rows = tuple(map(tuple, confusion))
    per_class = tuple(ClassScore(str(k), 0.0, 0.0, 0.0, sum(row)) for k, row in enumerate(rows))
    return Scores(0.5, 1.0, 0.5, per_class, rows, n=int(np.sum(confusion)))


THREE = scores_of([[8, 2, 0], [5, 5, 0], [1, 0, 99]])


def test_a_mixup_counts_both_ways():
    found = mixup(THREE, 0, 1)
    assert (found.as_other, found.n_one, found.as_one, found.n_other) == (2, 10, 5, 10)
    assert found.share == pytest.approx(0.35)


def test_shares_are_symmetric_and_equal_the_mixups():
    shares = mixup_shares([THREE])
    np.testing.assert_allclose(shares, shares.T)
    assert shares[0, 1] == pytest.approx(mixup(THREE, 0, 1).share)
    assert shares.diagonal().tolist() == [0, 0, 0]


def test_several_models_count_equally_however_many_clips_they_were_tested_on():
    never = scores_of([[1000, 0, 0], [0, 1000, 0], [0, 0, 1000]])
    assert mixup_shares([THREE, never])[0, 1] == pytest.approx(0.35 / 2)


def test_a_class_without_clips_is_judged_by_the_other_way_alone():
    lacking = scores_of([[0, 0], [3, 7]])
    assert mixup_shares([lacking])[0, 1] == pytest.approx(0.3)
    assert mixup(lacking, 0, 1).share == pytest.approx(0.3)


def test_the_most_confused_are_named_in_order_and_those_never_confused_are_not():
    shares = mixup_shares([THREE])
    assert [other for other, _ in confused_with(shares, 0)] == [1, 2]
    assert [other for other, _ in confused_with(shares, 1)] == [0]
    assert most_confused_pair(shares) == (0, 1)


def test_models_that_make_no_mistake_have_no_pair():
    assert most_confused_pair(mixup_shares([scores_of([[4, 0], [0, 4]])])) is None
