from pathlib import Path

import numpy as np
import pytest

from urbansound.errors import BadAudio
from urbansound.features.mfcc import log_mel
from urbansound.features.overview import BANDS, HZ_TICKS, overview, tick_places
from urbansound.features.spec import LOGMEL
from urbansound.records import Audio


def tone(rate: int, frequency_hz: float, seconds: float) -> Audio:
    time = np.arange(int(rate * seconds)) / rate
    return Audio((0.01 * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32), rate)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
@pytest.mark.parametrize("hz", [500, 1000, 4000])
def test_a_tone_lies_at_its_tick_whatever_the_rate(rate: int, hz: int) -> None:
    seen = overview(tone(rate, hz, 1.0))
    band = seen.levels[len(seen.levels) // 2].argmax()
    assert (band + 0.5) / BANDS == pytest.approx(dict(tick_places())[hz], abs=1 / BANDS)
    assert seen.peak_db == pytest.approx(-40, abs=0.1)


def test_a_sound_of_a_low_rate_has_nothing_in_the_high_bands() -> None:
    seen = overview(tone(8000, 1000, 1.0))
    places = dict(tick_places())
    assert seen.levels[:, round(BANDS * places[4000]) + 2 :].max() == 0
    assert seen.levels.max() == 255


def test_levels_are_those_of_the_networks_spectrogram() -> None:
    rng = np.random.default_rng(0)
    loud = np.repeat([1.0, 0.01], 22050)
    audio = Audio((0.3 * loud * rng.standard_normal(44100)).astype(np.float32), 22050)
    levels = log_mel(audio.samples, LOGMEL)
    expected = np.maximum(levels - levels.max(), -80)
    ours = 80 * (overview(audio).levels / 255 - 1)
    half = len(ours) // 2
    drop = np.median(ours[: half - 10]) - np.median(ours[half + 10 :])
    middle = expected.shape[1] // 2
    expected_drop = np.median(expected[:, : middle - 4]) - np.median(expected[:, middle + 4 :])
    assert drop == pytest.approx(expected_drop, abs=2)


def test_the_size_is_bounded_and_a_short_bang_in_a_long_sound_is_seen() -> None:
    rate = 8000
    samples = np.full(rate * 1800, 0.001, np.float32)
    rng = np.random.default_rng(0)
    bang = rate * 700
    samples[bang : bang + 400] = 0.5 * rng.standard_normal(400)
    seen = overview(Audio(samples, rate))
    assert len(seen.peaks) == 2000
    assert len(seen.levels) == 1200
    assert abs(np.abs(seen.peaks).max(axis=1).argmax() / 2000 - 700 / 1800) < 0.001
    assert abs(seen.levels.sum(axis=1).argmax() / 1200 - 700 / 1800) < 0.001


def test_the_course_keeps_every_extreme_and_reaches_its_own_peak() -> None:
    samples = np.zeros(50_000, np.float32)
    samples[12_345], samples[40_000] = -0.25, 0.5
    peaks = overview(Audio(samples, 44100)).peaks
    assert peaks[:, 1].max() == 1
    assert peaks[:, 0].min() == -0.5
    assert np.count_nonzero(peaks) == 2


def test_a_sound_in_a_file_looks_like_the_same_sound_in_memory(tmp_path: Path) -> None:
    audio = tone(44100, 700, 3.0)
    audio.samples.tofile(tmp_path / "sound")
    mapped = np.memmap(tmp_path / "sound", np.float32, "r")
    ours, expected = overview(Audio(mapped, 44100)), overview(audio)
    np.testing.assert_array_equal(ours.peaks, expected.peaks)
    np.testing.assert_array_equal(ours.levels, expected.levels)


@pytest.mark.parametrize("n", [1, 7, 3000])
def test_silence_of_any_length_is_dark(n: int) -> None:
    seen = overview(Audio(np.zeros(n, np.float32), 44100))
    assert seen.levels.max() == 0
    assert seen.peaks.max() == 0
    assert seen.peak_db == -np.inf


def test_no_samples_are_refused() -> None:
    with pytest.raises(BadAudio, match="0 samples"):
        overview(Audio(np.zeros(0, np.float32), 44100))


def test_ticks_rise_with_the_pitch() -> None:
    places = tick_places()
    assert [hz for hz, _ in places] == list(HZ_TICKS)
    assert [at for _, at in places] == sorted(at for _, at in places)
    assert all(0 < at < 1 for _, at in places)
