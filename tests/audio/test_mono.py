"""Channels become one exactly, whatever shape they come in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from urbansound.audio.mono import mean_of_channels, mean_of_int16

FRAMES = st.integers(1, 5).flatmap(
    lambda n_channels: arrays(np.int16, st.tuples(st.integers(0, 40), st.just(n_channels)))
)


@given(FRAMES)
def test_the_mean_of_int16_frames_equals_that_of_their_scaled_channels(frames):
    scaled = (frames.astype(np.float32) / 32768).T
    assert np.array_equal(mean_of_int16(frames), mean_of_channels(scaled))


@pytest.mark.parametrize("level", [-32768, -1, 0, 1, 32767])
def test_the_mean_of_extremes_does_not_run_over(level):
    frames = np.full((3, 2), level, np.int16)
    assert mean_of_int16(frames).tolist() == [np.float32(level / 32768)] * 3


def test_frames_that_are_a_view_are_averaged_too():
    frames = np.arange(24, dtype=np.int16).reshape(6, 4)[::2, 1:3]
    assert mean_of_int16(frames).tolist() == [1.5 / 32768, 9.5 / 32768, 17.5 / 32768]
