"""What a split gives away: by hand, and on the official table of all 8,732 clips."""

import csv

import numpy as np
import pytest

from urbansound.evaluation.leakage import crossing_pairs, leaked_share, lookup_accuracy
from urbansound.evaluation.protocol import build_protocol, split_rows
from urbansound.records import Protocol, Split

TEN = range(1, 11)
NOBODY = np.array([], dtype=np.int64)


def split_of(train, validation, test):
    return Split(*(np.array(rows, dtype=np.int64) for rows in (train, validation, test)))


@pytest.fixture(scope="module")
def official(real_data):
    """Folds, recordings and labels of the official table."""
    with open(real_data / "UrbanSound8K.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ([int(row[name]) for row in rows] for name in ("fold", "fsID", "classID"))
    return tuple(np.array(column, dtype=np.int64) for column in columns)


def test_leaked_clips_by_hand():
    recordings = np.array([1, 1, 2, 3, 1, 2, 4, -1, -1])
    labels = np.array([0, 0, 1, 2, 0, 2, 2, 0, 0])
    split = split_of([0, 1, 2, 7], [3], [4, 5, 6, 8])
    assert leaked_share(split, recordings) == 0.5
    assert leaked_share(split, recordings, labels) == 0.25
    assert crossing_pairs(split, recordings, labels) == ((1, 0),)


def test_a_pair_crosses_between_any_two_sides():
    recordings, labels = np.array([5, 5, 6, 6]), np.zeros(4, dtype=np.int64)
    assert crossing_pairs(split_of([0], [1, 2], [3]), recordings, labels) == ((5, 0), (6, 0))


def test_the_lookup_answers_by_recording_and_guesses_where_it_is_new():
    recordings = np.array([1, 1, 1, 2, 2, 2, 1, 2, 9, 9, -1])
    labels = np.array([0, 0, 1, 2, 2, 2, 0, 0, 2, 1, 2])
    split = split_of(range(6), [], range(6, 11))
    # Right for 1 and wrong for 2; 9 and the unknown one are guessed as class 2.
    assert lookup_accuracy(split, recordings, labels) == pytest.approx(3 / 5)


def test_unknown_recordings_are_not_one_recording():
    recordings, labels = np.full(6, -1), np.array([0, 0, 0, 1, 1, 0])
    split = split_of(range(4), [], [4, 5])
    assert leaked_share(split, recordings) == 0.0
    assert lookup_accuracy(split, recordings, labels) == 0.5
    assert crossing_pairs(split, recordings, labels) == ()


def test_without_test_clips_nothing_leaks():
    split = split_of([0], [], NOBODY)
    assert leaked_share(split, np.array([1]), np.array([0])) == 0.0
    assert lookup_accuracy(split, np.array([1]), np.array([0])) == 0.0


@pytest.mark.real_data
@pytest.mark.parametrize("test_fold", TEN)
def test_no_recording_and_class_crosses_an_official_split(official, test_fold):
    folds, recordings, labels = official
    split = split_rows(folds, build_protocol(TEN, test_fold=test_fold))
    assert len(split.train) + len(split.validation) + len(split.test) == 8732
    assert crossing_pairs(split, recordings, labels) == ()
    assert leaked_share(split, recordings, labels) == 0.0
    assert lookup_accuracy(split, recordings, labels) < 0.13


@pytest.mark.real_data
def test_five_recordings_stand_in_two_folds_but_with_other_classes(official):
    folds, recordings, labels = official
    split = split_rows(folds, build_protocol(TEN, test_fold=1))
    assert leaked_share(split, recordings) == pytest.approx(91 / 873)
    assert leaked_share(split, recordings, labels) == 0.0


@pytest.mark.real_data
@pytest.mark.parametrize("seed", range(3))
def test_a_random_split_leaks_96_of_100_clips_and_needs_no_audio(official, seed):
    folds, recordings, labels = official
    split = split_rows(folds, Protocol("random", (), (), seed))
    assert leaked_share(split, recordings, labels) == pytest.approx(0.96, abs=0.01)
    assert lookup_accuracy(split, recordings, labels) > 0.94
    assert len(crossing_pairs(split, recordings, labels)) > 500
