import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.audio.levels import Levels, measure_levels
from urbansound.audio.signal import is_clipped, is_silence, peak_db


def noise(n: int, peak: float = 0.5) -> np.ndarray:
    return np.random.default_rng(n).uniform(-peak, peak, n).astype(np.float32)


@given(cuts=st.lists(st.integers(0, 400), max_size=8), clipped_at=st.integers(0, 397))
def test_levels_taken_in_pieces_are_those_of_the_whole(cuts: list[int], clipped_at: int) -> None:
    samples = noise(400)
    samples[clipped_at : clipped_at + 3] = -1.0
    levels = measure_levels(np.split(samples, sorted(cuts)))
    assert (levels.n, levels.is_clipped, levels.peak) == (400, True, 1.0)
    assert levels.peak_db == peak_db(samples)
    assert levels.mean == pytest.approx(samples.mean(), abs=1e-6)
    assert (levels.lowest, levels.highest) == (samples.min(), samples.max())


@given(cuts=st.lists(st.integers(0, 400), max_size=8))
def test_a_sound_that_is_not_clipped_is_so_in_pieces(cuts: list[int]) -> None:
    samples = noise(400)
    samples[100:102] = 1.0
    assert not is_clipped(samples)
    assert not measure_levels(np.split(samples, sorted(cuts))).is_clipped


def test_silence_and_a_constant_are_told_apart() -> None:
    faint, constant = noise(100, 0.0005), np.full(100, 0.3, np.float32)
    assert measure_levels([faint]).is_silent
    assert not measure_levels([faint]).is_constant
    assert measure_levels([constant[:50], constant[50:]]).is_constant
    assert not measure_levels([constant, constant - 0.1]).is_constant


@given(
    peak=st.sampled_from([0.0, 0.0003, 0.0009, 0.0012, 0.5]),
    offset=st.sampled_from([0.0, -0.3, 0.7]),
)
def test_the_levels_call_silence_what_the_networks_do_about_any_constant(
    peak: float, offset: float
) -> None:
    samples = noise(10_000, peak) + np.float32(offset)
    assert measure_levels([samples]).is_silent == is_silence(samples) == (peak < 0.001)


def test_nothing_has_no_level() -> None:
    assert measure_levels([]) == measure_levels([noise(0)]) == Levels()
    assert Levels().peak_db == -math.inf
    assert not Levels().is_constant


def test_the_peak_of_a_wave_below_zero_is_its_size() -> None:
    assert measure_levels([np.array([-0.5, -0.25], np.float32)]).peak == 0.5
