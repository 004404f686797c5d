"""How the answers of windows become events."""

from dataclasses import replace

import numpy as np
import pytest

from tests.inference.by_hand import card
from urbansound.inference.events import find_events, moments
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.records import Prediction, Segment

NAMES = ("siren", "drilling", "jackhammer", "dog_bark", "gun_shot")
CARD = replace(card(threshold=0.5), class_names=NAMES)


def window(start_s, name, chance=0.9, *, end_s=None, is_strange=False):
    """A window of 4 s in which `name` has this chance and the others share the rest."""
    chances = np.full(len(NAMES), (1 - chance) / 4, np.float32)
    verdict = SILENCE if name == SILENCE else NOT_SURE if is_strange or chance < 0.5 else ""
    if name != SILENCE:
        chances[NAMES.index(name)] = chance
    prediction = Prediction(chances, NAMES, verdict, is_strange)
    return Segment(start_s, start_s + 4.0 if end_s is None else end_s, prediction)


def stretches(segments):
    events = find_events(segments, CARD)
    return [(event.start_s, event.end_s, event.prediction.label) for event in events]


def test_windows_of_one_class_are_one_event():
    assert stretches([window(0, "siren"), window(2, "siren"), window(4, "siren")]) == [
        (0, 8, "siren")
    ]


def test_events_of_two_classes_do_not_overlap():
    drilling = [window(start, "drilling", 0.95) for start in (4, 6)]
    heard = [window(0, "siren"), window(2, "siren"), *drilling]
    assert stretches(heard) == [(0, 4, "siren"), (4, 10, "drilling")]


def test_a_moment_is_the_mean_of_the_windows_over_it():
    edges, chances = moments([window(0, "siren", 0.9), window(2, "siren", 0.5)])
    assert edges == [0, 2, 4, 6]
    np.testing.assert_allclose(chances[:, 0], [0.9, 0.7, 0.5], rtol=1e-6)


def test_a_last_window_off_the_beat_counts_as_far_as_it_reaches():
    edges, chances = moments([window(0, "siren", 0.9), window(1, "siren", 0.3)])
    assert edges == [0, 2, 4, 5]
    np.testing.assert_allclose(chances[:, 0], [0.7, 0.6, 0.3], rtol=1e-6)


def test_an_event_never_ends_behind_the_sound():
    assert stretches([window(0, "siren"), window(0.5, "siren")]) == [(0, 4.5, "siren")]


def test_an_event_goes_on_where_it_is_less_sure_but_does_not_begin_there():
    sure_then_less = [window(0, "siren", 0.9), window(2, "siren", 0.31), window(4, "siren", 0.31)]
    assert stretches(sure_then_less) == [(0, 8, "siren")]
    only_less = [window(0, "siren", 0.35), window(2, "siren", 0.35)]
    assert stretches(only_less) == []


def test_an_event_ends_where_it_is_hardly_likely():
    heard = [window(0, "siren"), window(2, "siren", 0.25), window(4, "siren", 0.25)]
    assert stretches(heard) == [(0, 4, "siren")]


def test_an_event_is_as_sure_as_its_surest_moment():
    heard = [window(0, "siren", 0.6), window(2, "siren", 0.8), window(4, "siren", 0.9)]
    (event,) = find_events(heard, CARD)
    assert event.prediction.confidence == pytest.approx(0.9)
    assert event.prediction.verdict == ""


def test_silence_parts_events_and_is_none():
    quiet = [window(start, SILENCE) for start in (4, 6, 8)]
    heard = [window(0, "siren"), window(2, "siren"), *quiet, window(10, "siren")]
    assert stretches(heard) == [(0, 4, "siren"), (12, 14, "siren")]
    assert stretches(quiet) == []


def test_a_strange_window_speaks_for_no_class():
    strange = [window(start, "siren", 0.99, is_strange=True) for start in (0, 2, 4)]
    assert stretches(strange) == []
    _, chances = moments([window(0, "siren", 0.9), strange[1]])
    np.testing.assert_allclose(chances[1, 0], 0.45, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_window_is_an_event_as_long_as_it_is(name):
    only = window(0, name, 0.7, end_s=1.3)
    assert find_events([only], CARD) == [only]


def test_a_single_window_that_is_not_sure_or_silent_is_no_event():
    assert find_events([window(0, "siren", 0.4)], CARD) == []
    assert find_events([window(0, SILENCE)], CARD) == []


def test_without_a_threshold_silence_is_still_no_event():
    anything = replace(CARD, calibration=card(threshold=0.0).calibration)
    heard = [window(0, "siren", 0.4), *(window(start, SILENCE) for start in (2, 4))]
    assert [(e.start_s, e.end_s) for e in find_events(heard, anything)] == [(0, 2)]
