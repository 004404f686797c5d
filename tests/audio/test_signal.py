import io
import math

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from urbansound.audio.signal import (
    cut,
    is_clipped,
    is_silence,
    peak_db,
    resample,
    resampled,
    to_wav_bytes,
)
from urbansound.errors import BadAudio
from urbansound.records import Audio


def noise(n: int) -> np.ndarray:
    return np.random.default_rng(n).uniform(-0.9, 0.9, n).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 5000),
    rate=st.sampled_from([8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000]),
    target=st.sampled_from([16000, 22050, 44100]),
)
def test_resampling_equals_librosa(n: int, rate: int, target: int) -> None:
    samples = noise(n)
    ours = resample(Audio(samples, rate), target)
    expected = librosa.resample(samples, orig_sr=rate, target_sr=target, res_type="soxr_hq")
    assert ours.sample_rate == target
    assert ours.samples.dtype == np.float32
    np.testing.assert_array_equal(ours.samples, expected)


def test_peak_is_in_decibels_below_full_scale() -> None:
    assert peak_db(np.array([0.1, -0.5], np.float32)) == pytest.approx(-6.0206, abs=1e-3)
    assert peak_db(np.array([-1.0], np.float32)) == 0
    assert peak_db(np.zeros(10, np.float32)) == -math.inf
    assert peak_db(np.zeros(0, np.float32)) == -math.inf


def test_silence_is_what_hardly_moves_about_whatever_constant() -> None:
    faint = 0.001 * noise(1000)
    for constant in (0.0, 0.5, -0.9):
        assert is_silence(faint + np.float32(constant))
        assert not is_silence(3 * faint + np.float32(constant))
    assert is_silence(np.full(10, 1.0, np.float32))
    assert is_silence(np.zeros(0, np.float32))


def test_clipping_is_a_run_of_samples_at_full_scale() -> None:
    samples = 0.5 * noise(100)
    samples[50] = 1.0
    assert not is_clipped(samples)
    samples[50:53] = [1.0, 1.0, -1.0]
    assert is_clipped(samples)
    assert not is_clipped(samples[:1])


def test_a_cut_holds_the_stretch_that_there_is() -> None:
    audio = Audio(noise(1000), 1000)
    np.testing.assert_array_equal(cut(audio, 0.25, 0.5).samples, audio.samples[250:500])
    np.testing.assert_array_equal(cut(audio, 0.9, 7).samples, audio.samples[900:])
    np.testing.assert_array_equal(cut(audio, -1, 0.1).samples, audio.samples[:100])


@pytest.mark.parametrize(("start_s", "end_s"), [(1, 2), (0.5, 0.5), (0.6, 0.4), (-2, -1)])
def test_a_cut_outside_the_sound_is_refused(start_s: float, end_s: float) -> None:
    with pytest.raises(BadAudio, match=r"lasts 1\.00 s"):
        cut(Audio(noise(1000), 1000), start_s, end_s)


def test_a_player_gets_the_same_samples_at_the_same_level() -> None:
    samples = np.array([0.0, 0.25, -0.25, 1.0, -1.0, 1.7, -1.7], np.float32)
    data, rate = soundfile.read(io.BytesIO(to_wav_bytes(Audio(samples, 48000))))
    assert rate == 48000
    np.testing.assert_allclose(data, np.clip(samples, -1, 1), atol=1 / 32768)
    assert soundfile.info(io.BytesIO(to_wav_bytes(Audio(samples, 48000)))).subtype == "PCM_16"


@pytest.mark.parametrize(("from_rate", "to_rate"), [(44100, 22050), (8000, 22050), (22050, 22050)])
def test_chunks_resampled_as_they_come_are_the_whole_resampled(from_rate, to_rate):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 50_001).astype(np.float32)
    chunks = np.split(samples, [1, 10_000, 10_000, 33_333])
    together = np.concatenate(list(resampled(chunks, from_rate, to_rate)))
    expected = resample(Audio(samples, from_rate), to_rate).samples
    assert abs(len(together) - len(expected)) <= 1
    n = min(len(together), len(expected))
    np.testing.assert_allclose(together[:n], expected[:n], atol=1e-5)
