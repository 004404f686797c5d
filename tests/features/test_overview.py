from pathlib import Path

import numpy as np
import pytest

from urbansound.audio.loudness import loudest_db
from urbansound.audio.signal import resample
from urbansound.errors import BadAudio
from urbansound.features.mfcc import log_mel, mfcc
from urbansound.features.overview import (
    BANDS,
    HZ_TICKS,
    MAX_FRAMES,
    MFCC_REACH,
    band_pitches,
    mfcc_course,
    overview,
    tick_places,
)
from urbansound.features.spec import LOGMEL, MFCC40
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


def noise(rate: int, seconds: float) -> Audio:
    rng = np.random.default_rng(3)
    swell = np.sin(np.linspace(0, 9, int(rate * seconds)))
    return Audio((0.2 * swell * rng.standard_normal(len(swell))).astype(np.float32), rate)


def standardised(audio: Audio) -> np.ndarray:
    """The MFCCs that the networks are given, each in standard deviations: [frames, 40]."""
    coefficients = mfcc(resample(audio, MFCC40.sample_rate).samples, MFCC40)
    spread = coefficients.std(axis=1, keepdims=True)
    return ((coefficients - coefficients.mean(axis=1, keepdims=True)) / spread).T


@pytest.mark.parametrize(("rate", "seconds"), [(22050, 4.0), (44100, 1.3), (8000, 0.3)])
def test_the_mfccs_are_those_of_the_networks(rate: int, seconds: float) -> None:
    audio = noise(rate, seconds)
    course, expected = mfcc_course(audio), standardised(audio)
    assert course.values.shape == expected.shape
    ours = MFCC_REACH * (2 * (course.values / 255) - 1)
    step = 2 * MFCC_REACH / 255
    np.testing.assert_allclose(ours, np.clip(expected, -MFCC_REACH, MFCC_REACH), atol=step)


def test_a_frame_of_the_mfccs_lies_around_its_moment() -> None:
    course = mfcc_course(noise(22050, 4.0))
    hop_s = 512 / 22050
    assert course.start_s == pytest.approx(-hop_s / 2)
    assert course.end_s - course.start_s == pytest.approx(173 * hop_s)


def test_a_click_stands_at_its_moment_in_the_mfccs() -> None:
    samples = noise(22050, 4.0).samples * np.float32(1e-3)
    samples[55125 : 55125 + 60] = 0.9
    course = mfcc_course(Audio(samples, 22050))
    loudest = course.values[:, 0].argmax()
    width_s = (course.end_s - course.start_s) / len(course.values)
    assert course.start_s + (loudest + 0.5) * width_s == pytest.approx(2.5, abs=0.1)


def test_the_mfccs_of_a_long_sound_are_means_of_neighbours() -> None:
    audio = noise(22050, 90.0)
    course, expected = mfcc_course(audio), standardised(audio)
    assert len(course.values) <= MAX_FRAMES
    together = -(-len(expected) // MAX_FRAMES)
    first = np.clip(expected[:together].mean(axis=0), -MFCC_REACH, MFCC_REACH)
    ours = MFCC_REACH * (2 * (course.values[0] / 255) - 1)
    np.testing.assert_allclose(ours, first, atol=2 * MFCC_REACH / 255)
    assert course.end_s == pytest.approx(audio.duration_s, abs=together * 512 / 22050)


@pytest.mark.parametrize("n", [1, 7, 3000])
def test_the_mfccs_of_silence_stand_at_their_average(n: int) -> None:
    assert set(np.unique(mfcc_course(Audio(np.zeros(n, np.float32), 44100)).values)) <= {127, 128}


@pytest.mark.parametrize("seconds", [0.2, 4.0, 6.0, 31.0])
def test_how_loud_it_is_is_that_of_its_loudest_moment_wherever_it_is(seconds: float) -> None:
    audio = noise(22050, seconds)
    audio.samples[-3000:] *= 5
    assert overview(audio).level_db == pytest.approx(
        loudest_db(audio.samples, audio.sample_rate), abs=0.5
    )


def test_an_hours_loudness_is_that_of_evenly_spread_parts() -> None:
    samples = np.zeros(8000 * 1800, np.float32)
    samples[-8000:] = tone(8000, 1000, 1.0).samples
    expected = loudest_db(samples[-8000:], 8000)
    assert overview(Audio(samples, 8000)).level_db == pytest.approx(expected, abs=0.1)


def test_each_band_has_its_pitch() -> None:
    pitches = band_pitches()
    assert len(pitches) == BANDS
    assert pitches == sorted(pitches)
    for hz, at in tick_places():
        assert pitches[int(at * BANDS)] == pytest.approx(hz, rel=0.12)


def test_ticks_rise_with_the_pitch() -> None:
    places = tick_places()
    assert [hz for hz, _ in places] == list(HZ_TICKS)
    assert [at for _, at in places] == sorted(at for _, at in places)
    assert all(0 < at < 1 for _, at in places)
