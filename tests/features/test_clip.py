from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.audio.clips import Piece
from urbansound.audio.decode import load_audio
from urbansound.errors import BadAudio, BadConfig
from urbansound.features.clip import clip_features, clip_row, read_rows, row_shape, row_type
from urbansound.features.mfcc import log_mel, mean_mfcc
from urbansound.features.spec import LOGMEL, LOGMEL_STATISTICS, MFCC40, MFCC_STATISTICS, SPECS
from urbansound.records import Audio, FeatureSpec

RATE = 22050
ALL_SPECS = pytest.mark.parametrize("name", SPECS)


def noise(seconds: float, rate: int = RATE) -> Audio:
    n_samples = round(seconds * rate)
    samples = 0.1 * np.random.default_rng(0).standard_normal(n_samples)
    return Audio(samples.astype(np.float32), rate)


@ALL_SPECS
@pytest.mark.parametrize("seconds", [0.01, 1.3, 4.0, 6.0])
@pytest.mark.parametrize("rate", [RATE, 8000, 44100])
def test_a_sound_of_any_rate_and_length_has_a_row(name: str, seconds: float, rate: int) -> None:
    row = clip_features(noise(seconds, rate), SPECS[name])
    assert row.dtype == np.float32
    assert row.shape == row_shape(SPECS[name])
    assert np.isfinite(row).all()


def test_rows_have_the_numbers_that_their_spec_says() -> None:
    shapes = {name: row_shape(spec) for name, spec in SPECS.items()}
    assert shapes == {
        "mfcc": (40,),
        "mfcc-statistics": (160,),
        "logmel-statistics": (256,),
        "logmel": (64, 173),
    }


@ALL_SPECS
@pytest.mark.parametrize("seconds", [0.05, 0.7, 4.0])
def test_training_and_classification_hear_the_same(
    tmp_path: Path, name: str, seconds: float
) -> None:
    spec, path = SPECS[name], tmp_path / "clip.wav"
    soundfile.write(path, noise(seconds, 44100).samples, 44100, subtype="FLOAT")
    trained_on = read_rows([Piece(path)], spec).rows[0]
    heard = clip_features(load_audio(path), spec)
    assert trained_on.dtype == row_type(spec)
    np.testing.assert_array_equal(trained_on, heard.astype(row_type(spec)))


def test_only_stored_spectrograms_are_rounded() -> None:
    audio = noise(1.0)
    heard, kept = clip_features(audio, LOGMEL), clip_row(audio, LOGMEL)
    assert (heard.dtype, kept.dtype) == (np.float32, np.float16)
    np.testing.assert_allclose(kept, heard, rtol=0, atol=0.05)
    assert not (kept.astype(np.float32) == heard).all()
    assert clip_row(audio, MFCC_STATISTICS).dtype == np.float32


def test_a_spectrogram_is_of_the_first_four_seconds_filled_up_with_silence() -> None:
    short, long = noise(1.0), noise(6.0)
    filled = np.concatenate([short.samples, np.zeros(3 * RATE, np.float32)])
    np.testing.assert_array_equal(clip_features(short, LOGMEL), log_mel(filled, LOGMEL))
    first = log_mel(long.samples[: 4 * RATE], LOGMEL)
    np.testing.assert_array_equal(clip_features(long, LOGMEL), first)


@pytest.mark.parametrize("spec", [MFCC40, MFCC_STATISTICS, LOGMEL_STATISTICS])
def test_pooled_features_are_of_the_sound_s_own_length(spec: FeatureSpec) -> None:
    short = noise(1.0)
    filled = Audio(np.pad(short.samples, (0, 3 * RATE)), RATE)
    row = clip_features(short, spec)
    assert np.abs(row - clip_features(filled, spec)).max() > 1
    repeated = clip_features(Audio(np.tile(short.samples, 4), RATE), spec)
    np.testing.assert_allclose(row[1:40], repeated[1:40], rtol=0, atol=2)


def test_the_mean_is_the_article_s_to_the_last_bit() -> None:
    audio = noise(1.3, 44100)
    np.testing.assert_array_equal(clip_features(audio, MFCC40), mean_mfcc(audio, MFCC40))


@ALL_SPECS
def test_no_sound_has_no_features(name: str) -> None:
    with pytest.raises(BadAudio, match="no sound"):
        clip_features(noise(0), SPECS[name])


def test_features_that_do_not_exist_are_refused_and_the_others_named() -> None:
    spec = FeatureSpec(kind="logmel", pooling="mean")
    with pytest.raises(BadConfig, match="'logmel' with pooling 'mean'.*'mfcc' with 'statistics'"):
        clip_features(noise(1.0), spec)
