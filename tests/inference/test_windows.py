"""Which stretches of a sound are heard, whatever the pieces it comes in."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urbansound.inference.windows import MIN_REST_S, WINDOW_S, window_batches

RATE = 100


def ramp(n_samples):
    """A sound in which every sample says where it stands."""
    return np.arange(n_samples, dtype=np.float32)


def windows_of(sound, *, chunk=RATE, n_at_once=4, rate=RATE):
    chunks = [sound[start : start + chunk] for start in range(0, len(sound), chunk)]
    batches = list(window_batches(chunks, rate, n_at_once))
    assert all(1 <= len(batch) <= n_at_once for batch in batches)
    return [window for batch in batches for window in batch]


def bounds(sound, **options):
    return [(window.start_s, window.end_s) for window in windows_of(sound, **options)]


@given(st.integers(1, 60 * RATE), st.integers(1, 20 * RATE), st.integers(1, 9))
@settings(deadline=None)
def test_windows_cover_the_whole_sound_and_stay_inside_it(n_samples, chunk, n_at_once):
    found = windows_of(ramp(n_samples), chunk=chunk, n_at_once=n_at_once)
    assert found[0].start_s == 0.0
    assert found[-1].end_s >= n_samples / RATE - MIN_REST_S
    assert all(0 <= window.start_s < window.end_s <= n_samples / RATE for window in found)
    assert all(b.start_s < a.end_s for a, b in itertools.pairwise(found))
    for window in found:
        start, end = round(window.start_s * RATE), round(window.end_s * RATE)
        np.testing.assert_array_equal(window.audio.samples, np.arange(start, end))


@given(st.integers(1, 40 * RATE), st.integers(1, 20 * RATE), st.integers(1, 9))
@settings(deadline=None)
def test_how_a_sound_is_handed_over_does_not_change_its_windows(n_samples, chunk, n_at_once):
    whole = bounds(ramp(n_samples), chunk=n_samples, n_at_once=100)
    assert bounds(ramp(n_samples), chunk=chunk, n_at_once=n_at_once) == whole


@pytest.mark.parametrize("duration_s", [0.05, 1.0, 3.99, 4.0, 4.25])
def test_a_short_sound_is_one_window_as_long_as_it_is(duration_s):
    assert bounds(ramp(round(duration_s * RATE))) == [(0.0, duration_s)]


def test_a_longer_sound_is_heard_every_two_seconds():
    assert bounds(ramp(8 * RATE)) == [(0, 4), (2, 6), (4, 8)]


def test_the_last_window_ends_with_the_sound():
    assert bounds(ramp(9 * RATE)) == [(0, 4), (2, 6), (4, 8), (5, 9)]
    assert bounds(ramp(round(4.5 * RATE))) == [(0, 4), (0.5, 4.5)]


def test_a_rest_that_the_window_before_has_almost_heard_is_left_out():
    assert bounds(ramp(round(8.25 * RATE)))[-1] == (4, 8)
    assert bounds(ramp(round(8.26 * RATE)))[-1] == (pytest.approx(4.26), 8.26)


def test_a_sound_of_nothing_has_no_windows():
    assert windows_of(ramp(0)) == []
    assert list(window_batches([ramp(0), ramp(0)], RATE, 4)) == []


def test_windows_come_while_the_sound_still_does():
    taken = []

    def chunks():
        for second in range(1000):
            taken.append(second)
            yield np.zeros(RATE, np.float32)

    batches = window_batches(chunks(), RATE, 4)
    assert len(next(batches)) == 4
    assert len(taken) < 20


def test_no_more_is_kept_than_the_windows_at_hand_need():
    chunks = (np.zeros(RATE, np.float32) for _ in range(2000))
    for batch in window_batches(chunks, RATE, 4):
        kept = batch[0].audio.samples
        while kept.base is not None:
            kept = kept.base
        assert len(kept) <= (WINDOW_S + 2 * 5 + 2) * RATE
