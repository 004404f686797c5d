"""Waveforms for a table's cell: as high as the sound, as wide as it lasts, grey where it ended."""

import io

import numpy as np
import pytest
from PIL import Image

from urbansound.records import Audio
from urbansound.ui.thumbnails import wave_thumbnail


def pixels(samples: np.ndarray, rate: int = 8000) -> np.ndarray:
    picture = Image.open(
        io.BytesIO(wave_thumbnail(Audio(samples.astype(np.float32), rate), "#e12f5d"))
    )
    assert picture.mode == "RGBA"
    return np.asarray(picture)


def test_the_wave_is_drawn_in_its_colour_to_its_own_peak():
    t = np.arange(32000) / 8000
    for scale in (1.0, 0.001):
        seen = pixels(scale * np.sin(2 * np.pi * 400.3 * t))
        assert tuple(seen[36, 100, :3]) == (0xE1, 0x2F, 0x5D)
        heights = (seen[..., 3] > 128).sum(axis=0)
        assert heights.min() > 0.9 * seen.shape[0]


def test_missing_time_is_faint_and_grey():
    seen = pixels(np.ones(8000))
    quarter = seen.shape[1] // 4
    assert set(seen[:, quarter + 1 :, 3].ravel().tolist()) == {36}
    assert len(set(map(tuple, seen[:, quarter + 1 :, :3].reshape(-1, 3).tolist()))) == 1


def test_a_louder_half_is_higher():
    envelope = np.r_[np.full(16000, 0.1), np.ones(16000)]
    seen = pixels(envelope * np.sin(np.arange(32000)))
    heights = (seen[..., 3] > 128).sum(axis=0)
    assert heights[:150].mean() < 0.2 * heights[170:].mean()


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(32000), np.ones(3)])
def test_silence_and_almost_nothing_are_a_line_or_nothing(samples):
    seen = pixels(samples)
    assert seen.shape == (72, 320, 4)
    assert (seen[: 72 // 2 - 3, :1, 3] == 0).all() or samples.any() or not len(samples)


def test_a_sound_longer_than_a_clip_fills_the_width():
    assert (pixels(np.ones(80000))[..., 3] != 36).all()
