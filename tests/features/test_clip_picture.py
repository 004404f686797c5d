"""Pictures of two clips on one scale."""

import numpy as np
import pytest

from urbansound.errors import BadAudio
from urbansound.features.clip_picture import (
    PEAKS,
    clip_picture,
    clip_spectrum,
    pitch_places,
    shades,
)
from urbansound.records import Audio


def tone(hz=1000, size=0.3, seconds=1.0, rate=22050):
    times = np.arange(int(seconds * rate)) / rate
    return Audio((size * np.sin(2 * np.pi * hz * times)).astype(np.float32), rate)


def test_peaks_keep_the_sounds_own_level():
    picture = clip_picture(tone(size=0.3))
    assert len(picture.peaks) == PEAKS
    assert picture.peaks.max() == pytest.approx(0.3, abs=0.01)
    assert picture.peaks.min() == pytest.approx(-0.3, abs=0.01)


def test_ten_times_the_wave_is_20_db_more_in_the_picture_and_in_the_spectrum():
    loud, faint = tone(size=0.5), tone(size=0.05)
    gap = clip_picture(loud).levels.max() - clip_picture(faint).levels.max()
    assert gap == pytest.approx(20, abs=0.1)
    gaps = clip_spectrum(loud).mean_db - clip_spectrum(faint).mean_db
    assert gaps.max() == pytest.approx(20, abs=0.1)


def test_a_sound_of_three_samples_has_three_peaks():
    picture = clip_picture(Audio(np.array([0.1, -0.2, 0.3], np.float32), 22050))
    assert len(picture.peaks) == 3


def test_no_samples_are_refused():
    with pytest.raises(BadAudio):
        clip_picture(Audio(np.empty(0, np.float32), 22050))


def test_shades_run_over_80_db_from_a_given_top():
    levels = np.array([10.0, -30.0, -70.0, -100.0, 20.0])
    assert shades(levels, 10.0).tolist() == [255, 128, 0, 0, 255]


def test_a_tone_is_brightest_where_its_tick_stands():
    band = clip_picture(tone(1000)).levels.mean(axis=0).argmax()
    ((_, place),) = pitch_places((1000,))
    assert (band + 0.5) / 96 == pytest.approx(place, abs=0.02)
