"""Which stretches are heard, and how answers merge."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.inference.windows import WINDOW_S, merge_events, window_bounds
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.records import Prediction, Segment


def segment(start, label, confidence=0.9):
    verdict = label if label in (NOT_SURE, SILENCE) else ""
    chances = np.array([confidence, 1 - confidence], dtype=np.float32)
    names = (label, "other") if not verdict else ("siren", "other")
    return Segment(start, start + 4.0, Prediction(chances, names, verdict))


@given(st.floats(0.05, 600))
def test_windows_cover_the_whole_sound_and_stay_inside_it(duration_s):
    bounds = window_bounds(duration_s)
    assert bounds[0][0] == 0.0
    assert bounds[-1][1] >= duration_s - 0.25
    assert all(0 <= start < end <= duration_s + 1e-9 for start, end in bounds)
    assert all(b[0] <= a[1] for a, b in itertools.pairwise(bounds))


@pytest.mark.parametrize("duration_s", [0.05, 1.0, 3.99, 4.0])
def test_a_short_sound_is_one_window_as_long_as_it_is(duration_s):
    assert window_bounds(duration_s) == [(0.0, duration_s)]


def test_a_longer_sound_is_heard_every_two_seconds():
    assert window_bounds(9.0) == [(0, 4), (2, 6), (4, 8), (5, 9)]
    assert all(end - start == WINDOW_S for start, end in window_bounds(9.0))


def test_neighbouring_windows_of_one_class_merge_into_one_event():
    segments = [segment(0, "siren"), segment(2, "siren", 0.95), segment(4, "drilling")]
    events = merge_events(segments)
    assert [(e.start_s, e.end_s, e.prediction.label) for e in events] == [
        (0, 6, "siren"),
        (4, 8, "drilling"),
    ]
    assert events[0].prediction.confidence == pytest.approx(0.95)


def test_not_sure_and_silence_are_no_events_and_part_what_lies_around_them():
    labels = ["siren", NOT_SURE, "siren", SILENCE]
    events = merge_events([segment(2 * k, label) for k, label in enumerate(labels)])
    assert [(e.start_s, e.end_s) for e in events] == [(0, 4), (4, 8)]
