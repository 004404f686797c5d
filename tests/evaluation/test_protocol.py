"""Which clips train, validate and test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import build_protocol, fold_before, split_rows
from urbansound.records import Protocol

FOLDS = np.repeat(np.arange(1, 11), 7).astype(np.int64)


def test_official_keeps_folds_whole():
    split = split_rows(FOLDS, Protocol("official", (10,), (9,)))
    assert set(FOLDS[split.test]) == {10}
    assert set(FOLDS[split.validation]) == {9}
    assert set(FOLDS[split.train]) == set(range(1, 9))


@given(seed=st.integers(0, 1000), n=st.integers(10, 300))
def test_random_is_a_seeded_80_10_10_partition(seed, n):
    folds = np.ones(n, dtype=np.int64)
    split = split_rows(folds, Protocol("random", (), (), seed))
    rows = np.concatenate([split.train, split.validation, split.test])
    assert sorted(rows) == list(range(n))
    assert len(split.train) == round(0.8 * n)
    again = split_rows(folds, Protocol("random", (), (), seed))
    assert np.array_equal(split.test, again.test)


def test_the_validation_fold_is_the_present_fold_before_the_test_fold_cyclically():
    assert fold_before([1, 2, 3], 2) == 1
    assert fold_before([1, 2, 3], 1) == 3
    assert fold_before([2, 5, 9], 5) == 2
    assert fold_before([4], 4) is None


def test_defaults_are_the_last_fold_and_the_one_before():
    assert build_protocol([1, 2, 3]) == Protocol("official", (3,), (2,))
    assert build_protocol(range(1, 11), test_fold=1) == Protocol("official", (1,), (10,))


def test_folds_can_be_left_out():
    assert build_protocol([1, 2, 3], with_validation=False) == Protocol("official", (3,), ())
    assert build_protocol([1, 2, 3], with_test=False).test_folds == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"test_fold": 11}, "no fold 11"),
        ({"test_fold": 2, "validation_fold": 2}, "cannot both validate and test"),
        ({"kind": "lucky"}, "no protocol 'lucky'"),
    ],
)
def test_impossible_folds_are_refused_in_words(arguments, words):
    with pytest.raises(BadConfig, match=words):
        build_protocol([1, 2, 3], **arguments)


def test_a_split_that_leaves_nothing_to_train_on_is_refused():
    with pytest.raises(BadConfig, match="No fold is left to train on"):
        build_protocol([1, 2])
