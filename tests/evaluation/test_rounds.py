"""Rounds: fair to every class, no two clips of one recording, none twice before all were used."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.rounds import draw_choices, draw_round
from urbansound.records import Clip, DatasetIndex


def columns_for(n_classes, recordings, clips_each, *, known=True):
    clips = [
        Clip(f"{k}/{recording}-{take}.wav", 1, k, 100 * k + recording if known else None)
        for k in range(n_classes)
        for recording in range(recordings)
        for take in range(clips_each)
    ]
    names = tuple(f"class {k}" for k in range(n_classes))
    return columns_of(DatasetIndex("made", Path(), tuple(clips), names))


def draw(columns, rng, used=None, allowed=None, **more):
    nothing = np.zeros(len(columns), bool)
    return draw_round(
        columns,
        ~nothing if allowed is None else allowed,
        nothing if used is None else used,
        rng,
        **{"is_fit": lambda number: True} | more,
    )


@pytest.mark.parametrize("n_classes", [2, 3, 10, 50])
def test_a_round_has_ten_clips_of_ten_recordings(n_classes):
    columns = columns_for(n_classes, 10, 3)
    for seed in range(20):
        numbers, _ = draw(columns, np.random.default_rng(seed))
        assert len(numbers) == len(set(columns.recordings[numbers].tolist())) == 10


def test_no_class_comes_more_than_twice_in_a_round_of_ten_classes():
    columns = columns_for(10, 10, 1)
    counts = [
        Counter(columns.class_ids[draw(columns, np.random.default_rng(seed))[0]].tolist())
        for seed in range(50)
    ]
    assert max(max(count.values()) for count in counts) == 2
    assert any(len(count) < 10 for count in counts), "the last answer would follow from the rest"


def test_every_class_comes_as_often_as_the_others_in_the_long_run():
    columns = columns_for(10, 30, 1)
    rng, total = np.random.default_rng(0), Counter()
    for _ in range(300):
        total.update(columns.class_ids[draw(columns, rng)[0]].tolist())
    assert min(total.values()) > 240
    assert max(total.values()) < 360


def test_no_clip_comes_again_before_all_of_its_class_were_used():
    columns = columns_for(5, 8, 1)
    rng, used, seen = np.random.default_rng(3), None, []
    for _ in range(4):
        numbers, used = draw(columns, rng, used)
        seen += numbers
    for class_id in range(5):
        own = [number for number in seen if columns.class_ids[number] == class_id]
        assert len(set(own[:8])) == len(own[:8])


def test_only_allowed_clips_are_drawn_and_fewer_where_there_are_no_more():
    columns = columns_for(3, 4, 1)
    allowed = np.zeros(len(columns), bool)
    allowed[[0, 5, 11]] = True
    numbers, _ = draw(columns, np.random.default_rng(0), allowed=allowed)
    assert sorted(numbers) == [0, 5, 11]


def test_a_clip_that_nobody_can_hear_is_passed_over():
    columns = columns_for(3, 10, 1)
    numbers, _ = draw(columns, np.random.default_rng(0), is_fit=lambda number: number % 2 == 0)
    assert len(numbers) == 10
    assert all(number % 2 == 0 for number in numbers)


def test_clips_without_a_known_recording_stand_for_themselves():
    columns = columns_for(1, 1, 12, known=False)
    numbers, _ = draw(columns, np.random.default_rng(0))
    assert len(set(numbers)) == 10


def test_nothing_allowed_gives_an_empty_round():
    columns = columns_for(2, 2, 1)
    assert draw(columns, np.random.default_rng(0), allowed=np.zeros(4, bool))[0] == []


@pytest.mark.parametrize("n_classes", [2, 10, 12])
def test_up_to_twelve_classes_are_all_to_choose_from(n_classes):
    assert draw_choices(n_classes, 1, np.random.default_rng(0)) == list(range(n_classes))


def test_of_more_classes_ten_are_offered_with_the_right_one_at_no_fixed_place():
    places = set()
    for seed in range(40):
        choices = draw_choices(50, 25, np.random.default_rng(seed))
        assert choices == sorted(set(choices))
        assert len(choices) == 10
        places.add(choices.index(25))
    assert len(places) > 4
