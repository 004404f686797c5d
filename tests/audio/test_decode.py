import itertools
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from urbansound.audio.decode import describe_audio, load_audio
from urbansound.errors import BadAudio

# librosa.load imports modules that Python is about to drop.


def write(path: Path, samples: np.ndarray, rate: int = 44100, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def noise(n: int = 5000, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.9, 0.9, (n, channels))


@pytest.mark.parametrize(
    ("subtype", "channels"),
    [
        *itertools.product(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"], [1, 2, 6]),
        *itertools.product(["MS_ADPCM"], [1, 2]),
    ],
)
def test_samples_equal_those_of_librosa_to_the_last_bit(
    tmp_path: Path, subtype: str, channels: int
) -> None:
    path = write(tmp_path / "a.wav", noise(channels=channels), 48000, subtype)
    expected, rate = librosa.load(path, sr=None)
    audio = load_audio(path)
    assert audio.samples.dtype == np.float32
    assert audio.sample_rate == rate == 48000
    np.testing.assert_array_equal(audio.samples, expected)


@pytest.mark.real_data
def test_published_clips_equal_librosa_to_the_last_bit(real_data: Path) -> None:
    paths = sorted((real_data / "us8k-originals").rglob("*.wav"))
    assert paths
    for path in paths:
        audio = load_audio(path)
        expected, rate = librosa.load(path, sr=None)
        assert audio.sample_rate == rate
        np.testing.assert_array_equal(audio.samples, expected)


@pytest.mark.parametrize(
    ("subtype", "words"),
    [("PCM_U8", "8-bit"), ("PCM_24", "24-bit"), ("FLOAT", "32-bit float")],
)
def test_a_file_is_described_without_being_read(tmp_path: Path, subtype: str, words: str) -> None:
    info = describe_audio(write(tmp_path / "a.wav", noise(24000, 2), 96000, subtype))
    assert (info.sample_rate, info.channels, info.bit_depth) == (96000, 2, words)
    assert info.duration_s == 0.25


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    with pytest.raises(BadAudio, match=r"empty\.wav' is empty"):
        load_audio(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match=r"gone\.wav' is missing"):
        load_audio(tmp_path / "gone.wav")


@pytest.mark.parametrize("name", ["text.wav", "text.raw", "text"])
def test_a_text_file_is_not_sound_and_no_library_is_blamed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("hello " * 100)
    with pytest.raises(BadAudio, match="cannot be read as sound") as caught:
        load_audio(path)
    assert "soundfile" not in str(caught.value).lower()


def test_a_folder_is_not_sound(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="cannot be read"):
        load_audio(tmp_path)


def test_a_file_with_no_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="0 samples"):
        load_audio(write(tmp_path / "none.wav", noise(0)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_numbers_are_refused(tmp_path: Path, value: float) -> None:
    samples = noise()
    samples[100] = value
    with pytest.raises(BadAudio, match="not numbers"):
        load_audio(write(tmp_path / "nan.wav", samples, subtype="FLOAT"))


@pytest.mark.parametrize("rate", [1, 999, 800_000])
def test_a_rate_that_cannot_be_true_is_refused(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", noise())
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(BadAudio, match=f"claims {rate} samples a second"):
        load_audio(path)


def test_a_flac_of_unknown_length_does_not_ask_for_all_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(), 44100)
    data = bytearray(path.read_bytes())
    # The stream header's count of samples, 36 bits: unknown.
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(BadAudio, match="limit"):
        load_audio(path)


def test_a_file_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", noise(44100 * 3))
    with pytest.raises(BadAudio, match="last 3 s; the limit is 2 s"):
        load_audio(path, max_seconds=2)
    assert load_audio(path, max_seconds=3).duration_s == 3
