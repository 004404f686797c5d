"""Folds that are made: by recording, alike in classes, the same whatever the order."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from urbansound.dataset.own_folds import assign_folds

Clips = list[tuple[int, int]]
clips_of_recordings = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 4)), min_size=2, max_size=200
)


def folds_of(clips: Clips) -> list[int]:
    return assign_folds([recording for recording, _ in clips], [label for _, label in clips])


def clips(**n_recordings: int) -> Clips:
    """One clip a recording, of as many recordings a class."""
    rows = [(label, n) for label, n in enumerate(n_recordings.values()) for _ in range(n)]
    return [(number, label) for number, (label, _) in enumerate(rows)]


@given(clips_of_recordings)
def test_no_recording_is_in_two_folds(clips: Clips) -> None:
    fold_of: dict[int, int] = {}
    for (recording, _), fold in zip(clips, folds_of(clips), strict=True):
        assert fold_of.setdefault(recording, fold) == fold


@given(clips_of_recordings, st.randoms(use_true_random=False))
def test_folds_do_not_depend_on_the_order_of_the_clips(clips: Clips, rng: random.Random) -> None:
    shuffled = rng.sample(clips, len(clips))
    known = dict(zip((r for r, _ in clips), folds_of(clips), strict=True))
    again = dict(zip((r for r, _ in shuffled), folds_of(shuffled), strict=True))
    assert known == again


@given(clips_of_recordings)
def test_folds_are_numbered_from_one_and_none_is_empty(clips: Clips) -> None:
    n_recordings = len({recording for recording, _ in clips})
    folds = set(folds_of(clips))
    assert folds == set(range(1, len(folds) + 1))
    assert min(2, n_recordings) <= len(folds) <= 5


def test_each_fold_has_a_like_share_of_each_class() -> None:
    rng = random.Random(0)
    many = [(100 * label + rng.randrange(60), label) for label in range(6) for _ in range(500)]
    per_fold = Counter(zip((label for _, label in many), folds_of(many), strict=True))
    for label in range(6):
        counts = [per_fold[label, fold] for fold in range(1, 6)]
        assert max(counts) - min(counts) <= 10, counts


def test_there_are_five_folds_or_as_many_as_the_rarest_class_allows() -> None:
    assert max(folds_of(clips(a=50, b=9))) == 5
    assert max(folds_of(clips(a=50, b=4))) == 4
    assert max(folds_of(clips(a=50, b=2))) == 3
    assert max(folds_of(clips(a=1, b=1))) == 2


def test_a_class_of_one_or_two_recordings_is_where_the_last_fold_is_not() -> None:
    rows = clips(a=30, b=1, c=2)
    folds = [(label, fold) for (_, label), fold in zip(rows, folds_of(rows), strict=True)]
    assert {fold for label, fold in folds if label == 1} == {1}
    assert {fold for label, fold in folds if label == 2} == {1, 2}
    assert {fold for label, fold in folds if label == 0} == {1, 2, 3}


def test_a_recording_of_two_classes_stays_whole() -> None:
    rows = [(1, 0), (1, 1), (2, 0), (3, 1), (4, 0), (5, 1)]
    folds = folds_of(rows)
    assert folds[0] == folds[1]
