"""Statistics over a clip's frames: ours against librosa, clip by clip."""

import warnings
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.errors import BadAudio
from urbansound.features.clip import clip_features
from urbansound.features.mfcc import mean_mfcc
from urbansound.features.spec import LOGMEL_STATISTICS, MFCC40, MFCC_STATISTICS
from urbansound.features.statistics import delta, frame_statistics
from urbansound.records import Audio, FeatureSpec

RATE = MFCC40.sample_rate
HOP = MFCC40.hop_length
SPECS = pytest.mark.parametrize("spec", [MFCC_STATISTICS, LOGMEL_STATISTICS], ids=["mfcc", "mel"])


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, n).astype(np.float32)


def tone(n: int) -> np.ndarray:
    return (0.7 * np.sin(2 * np.pi * 1000 * np.arange(n) / RATE)).astype(np.float32)


def click(n: int) -> np.ndarray:
    samples = np.zeros(n, np.float32)
    samples[n // 3] = 1
    return samples


WAVES = {
    "tone": tone(4 * RATE),
    "noise": noise(4 * RATE),
    "click": click(4 * RATE),
    "silence": np.zeros(4 * RATE, np.float32),
    "faint noise": 1e-5 * noise(4 * RATE),
    "noise in silence": np.concatenate([np.zeros(RATE, np.float32), noise(RATE)]),
    "nine frames": noise(8 * HOP),
    "eight frames": noise(7 * HOP),
    "five frames": noise(4 * HOP),
    "four frames": noise(3 * HOP),
    "three frames": noise(2 * HOP),
    "two frames": noise(HOP),
    "shorter than a frame": noise(2047),
    "one sample": noise(1),
    "an odd length": noise(33_333),
}


def by_librosa(wave: np.ndarray, spec: FeatureSpec) -> np.ndarray:
    """The four groups [4, n] by librosa, in float64 from its float32 frames on."""
    numbers = {"sr": RATE, "n_fft": spec.n_fft, "hop_length": spec.hop_length}
    with warnings.catch_warnings():
        # librosa says that a clip shorter than a frame is short.
        warnings.simplefilter("ignore", UserWarning)
        if spec.kind == "mfcc":
            frames = librosa.feature.mfcc(y=wave, n_mfcc=spec.n_mfcc, n_mels=spec.n_mels, **numbers)
        else:
            power = librosa.feature.melspectrogram(y=wave, n_mels=spec.n_mels, **numbers)
            frames = librosa.power_to_db(power)
    frames = frames.astype(np.float64)
    deltas = [deltas_by_librosa(frames, order) for order in (1, 2)]
    return np.stack([frames.mean(axis=1), *(move.std(axis=1) for move in (frames, *deltas))])


def deltas_by_librosa(frames: np.ndarray, order: int) -> np.ndarray:
    """librosa's deltas, in the widest window of up to 9 frames that it takes."""
    widths = [width for width in (9, 7, 5, 3) if width <= frames.shape[1]]
    if not widths:
        return np.zeros_like(frames)
    return librosa.feature.delta(frames, width=widths[0], order=order)


def check_equal(ours: np.ndarray, librosas: np.ndarray) -> None:
    assert ours.dtype == np.float32
    groups = ours.reshape(4, -1)
    assert groups.shape == librosas.shape
    np.testing.assert_allclose(groups[0, 0], librosas[0, 0], rtol=0, atol=2e-2)
    np.testing.assert_allclose(groups[0, 1:], librosas[0, 1:], rtol=0, atol=5e-3)
    np.testing.assert_allclose(groups[1:], librosas[1:], rtol=1e-4, atol=5e-3)


@SPECS
@pytest.mark.parametrize("name", WAVES)
def test_statistics_equal_those_of_librosa_s_frames(name: str, spec: FeatureSpec) -> None:
    check_equal(frame_statistics(WAVES[name], spec), by_librosa(WAVES[name], spec))


@SPECS
@pytest.mark.real_data
def test_statistics_of_published_clips_equal_those_of_librosa(
    real_data: Path, spec: FeatureSpec
) -> None:
    paths = sorted((real_data / "us8k-originals").rglob("*.wav"))
    assert paths
    for path in paths:
        wave, _ = librosa.load(path)
        audio = load_audio(path)
        check_equal(frame_statistics(resample(audio, RATE).samples, spec), by_librosa(wave, spec))


def test_the_first_numbers_are_the_article_s() -> None:
    audio = Audio(noise(30_000), 44_100)
    row = clip_features(audio, MFCC_STATISTICS)
    np.testing.assert_allclose(row[:40], mean_mfcc(audio, MFCC40), rtol=0, atol=1e-3)


@SPECS
@pytest.mark.parametrize("n_samples", [1, HOP - 1, 2 * HOP, 4 * RATE])
def test_what_never_changes_deviates_by_exactly_nothing(spec: FeatureSpec, n_samples: int) -> None:
    row = frame_statistics(np.zeros(n_samples, np.float32), spec).reshape(4, -1)
    assert (row[1:] == 0).all()
    assert np.isfinite(row).all()


@SPECS
@given(n_samples=st.integers(1, 12 * HOP), level=st.floats(0, 1))
def test_every_length_has_numbers(spec: FeatureSpec, n_samples: int, level: float) -> None:
    row = frame_statistics(np.float32(level) * noise(n_samples), spec)
    assert row.shape == ((160,) if spec.kind == "mfcc" else (256,))
    assert np.isfinite(row).all()
    assert (row.reshape(4, -1)[1:] >= 0).all()


@given(n_frames=st.integers(1, 40), order=st.sampled_from([1, 2]))
def test_deltas_equal_those_of_librosa_up_to_the_edges(n_frames: int, order: int) -> None:
    frames = np.random.default_rng(n_frames).standard_normal((5, n_frames))
    ours = delta(frames.astype(np.float32), order=order)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, deltas_by_librosa(frames, order), rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_frames", [3, 4, 8, 9, 20])
def test_a_parabola_has_its_own_slope_and_curvature(n_frames: int) -> None:
    time = np.arange(n_frames, dtype=np.float32)[np.newaxis]
    np.testing.assert_allclose(delta(3 * time, order=1), 3, rtol=1e-5)
    np.testing.assert_allclose(delta(time**2, order=2), 2, rtol=1e-4)
    np.testing.assert_allclose(delta(time + 5, order=2), 0, atol=1e-4)


def test_another_spec_is_followed_in_every_number() -> None:
    spec = FeatureSpec(n_fft=1024, hop_length=256, n_mels=32, n_mfcc=13, pooling="statistics")
    check_equal(frame_statistics(WAVES["noise"], spec), by_librosa(WAVES["noise"], spec))


@SPECS
def test_no_sound_has_no_statistics(spec: FeatureSpec) -> None:
    with pytest.raises(BadAudio, match="no sound"):
        clip_features(Audio(noise(0), RATE), spec)
