"""Ours against librosa, clip by clip."""

import warnings
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.errors import BadAudio
from urbansound.features.mfcc import log_mel, mean_mfcc, mean_mfcc_batch, mel_filters, mfcc
from urbansound.features.spec import LOGMEL, MFCC40
from urbansound.records import Audio, FeatureSpec

RATE = MFCC40.sample_rate


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
    "one sample": noise(1),
    "two samples": noise(2),
    "shorter than a hop": noise(500),
    "shorter than half a frame": tone(1000),
    "shorter than a frame": noise(2047),
    "one frame": noise(2048),
    "an odd length": noise(33_333),
}


def mfcc_by_librosa(wave: np.ndarray, spec: FeatureSpec = MFCC40) -> np.ndarray:
    with warnings.catch_warnings():
        # librosa says that a clip shorter than a frame is short.
        warnings.simplefilter("ignore", UserWarning)
        return librosa.feature.mfcc(
            y=wave,
            sr=spec.sample_rate,
            n_mfcc=spec.n_mfcc,
            n_fft=spec.n_fft,
            hop_length=spec.hop_length,
            n_mels=spec.n_mels,
        )


def check_equal(ours: np.ndarray, librosas: np.ndarray) -> None:
    assert ours.shape == librosas.shape
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours[0], librosas[0], rtol=0, atol=2e-2)
    np.testing.assert_allclose(ours[1:], librosas[1:], rtol=0, atol=5e-3)


@pytest.mark.parametrize("name", WAVES)
def test_mfccs_equal_those_of_librosa(name: str) -> None:
    wave = WAVES[name]
    expected = mfcc_by_librosa(wave)
    check_equal(mfcc(wave, MFCC40), expected)
    check_equal(mean_mfcc(Audio(wave, RATE), MFCC40), expected.mean(axis=1))


def test_another_spec_is_followed_in_every_number() -> None:
    spec = FeatureSpec(sample_rate=16000, n_fft=1024, hop_length=160, n_mels=64, n_mfcc=13)
    check_equal(mfcc(WAVES["noise"], spec), mfcc_by_librosa(WAVES["noise"], spec))


def test_a_lower_floor_is_followed() -> None:
    levels = log_mel(WAVES["click"], FeatureSpec(top_db=30))
    assert levels.min() == pytest.approx(levels.max() - 30)


@pytest.mark.parametrize(
    ("rate", "n_fft", "n_mels"), [(22050, 2048, 128), (16000, 512, 40), (44100, 4096, 64)]
)
def test_mel_filters_equal_those_of_librosa(rate: int, n_fft: int, n_mels: int) -> None:
    expected = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels)
    ours = mel_filters(rate, n_fft, n_mels).toarray()
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.real_data
def test_the_features_of_published_clips_equal_those_of_librosa(real_data: Path) -> None:
    paths = sorted((real_data / "us8k-originals").rglob("*.wav"))
    assert paths
    for path in paths:
        wave, _ = librosa.load(path)
        expected = mfcc_by_librosa(wave)
        audio = load_audio(path)
        check_equal(mfcc(resample(audio, RATE).samples, MFCC40), expected)
        check_equal(mean_mfcc(audio, MFCC40), expected.mean(axis=1))


@settings(max_examples=25, deadline=None)
@given(
    n_waves=st.integers(1, 5),
    n_samples=st.integers(1, 6000),
    levels=st.lists(st.floats(1e-6, 1), min_size=5, max_size=5),
)
def test_a_clip_never_depends_on_its_batch(
    n_waves: int, n_samples: int, levels: list[float]
) -> None:
    waves = np.stack([levels[n] * noise(n_samples, n) for n in range(n_waves)])
    waves = waves.astype(np.float32)
    for number, wave in enumerate(waves):
        np.testing.assert_array_equal(log_mel(waves, LOGMEL)[number], log_mel(wave, LOGMEL))
        mean = mean_mfcc(Audio(wave, RATE), MFCC40)
        np.testing.assert_array_equal(mean_mfcc_batch(waves, MFCC40)[number], mean)


def test_shapes_follow_the_waves() -> None:
    assert log_mel(noise(4 * RATE), LOGMEL).shape == (64, 173)
    assert log_mel(noise(6000).reshape(3, 2000), LOGMEL).shape == (3, 64, 4)
    assert mfcc(noise(6000).reshape(3, 2000), MFCC40).shape == (3, 40, 4)
    assert mean_mfcc_batch(noise(6000).reshape(3, 2000), MFCC40).shape == (3, 40)
    assert mean_mfcc_batch(np.zeros((0, 2000), np.float32), MFCC40).shape == (0, 40)


def test_no_sound_has_no_features() -> None:
    with pytest.raises(BadAudio, match="no sound"):
        mean_mfcc(Audio(noise(0), RATE), MFCC40)
