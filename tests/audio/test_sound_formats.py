import io

import numpy as np
import pytest
import soundfile
import soxr
from scipy import signal

from benchmarks.sound_files import KINDS, Muxed, sound_file, sweep
from urbansound.audio.sandbox import decode_sound
from urbansound.errors import BadAudio

CLIP = sweep(4.0)
EXACT = {"wav 16", "wav 24", "wav 32", "wav float32", "wav float64", "w64", "rf64", "flac 24"}
# The length stands in the header of these; the others do not know it, or only guess.
CLAIMING = {
    *(kind for kind in KINDS if kind.split()[0] in {"wav", "w64", "rf64", "aiff", "au", "caf"}),
    *(kind for kind in KINDS if kind.split()[0] in {"flac", "m4a", "mp4", "mov", "3gp"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_holds_the_same_sound(kind: str) -> None:
    audio, facts = decode_sound(sound_file(kind, CLIP), kind)
    assert audio.sample_rate == facts.sample_rate == (KINDS[kind].rate or CLIP.sample_rate)
    assert audio.duration_s == facts.duration_s == pytest.approx(4.0, rel=0.01)
    assert facts.channels == 1
    assert not facts.is_partial
    assert (facts.claimed_s is not None) == (kind in CLAIMING)
    assert likeness(audio.samples, audio.sample_rate) > 0.98
    if kind in EXACT:
        np.testing.assert_allclose(audio.samples, CLIP.samples, rtol=0, atol=4e-5)


def likeness(samples: np.ndarray, sample_rate: int) -> float:
    """The greatest correlation with the clip within 10 ms."""
    expected = soxr.resample(CLIP.samples, CLIP.sample_rate, sample_rate)
    n = min(len(expected), len(samples))
    expected, heard = expected[:n], samples[:n]
    products = signal.correlate(heard, expected, method="fft")
    within = round(sample_rate / 100)
    best = products[n - 1 - within : n + within].max()
    return float(best / np.sqrt((expected @ expected) * (heard @ heard)))


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "wav u8",
            "wav 16",
            "wav 24",
            "wav float32",
            "wav extensible",
            "wav mu-law",
            "w64",
            "rf64",
        ),
        *("aiff", "au", "caf", "caf ALAC", "flac 16", "m4a index first", "mov index first"),
    ],
)
def test_a_file_that_was_cut_off_is_partial(kind: str) -> None:
    data = sound_file(kind, CLIP)
    audio, facts = decode_sound(data[: len(data) * 6 // 10], kind)
    assert facts.claimed_s == pytest.approx(4.0, rel=0.01)
    assert 2.0 < audio.duration_s < 2.5
    assert facts.is_partial


@pytest.mark.parametrize("kind", ["mp3", "mp3 without length", "ogg Vorbis", "aac", "webm", "amr"])
def test_of_a_stream_that_was_cut_off_what_is_there_is_heard(kind: str) -> None:
    data = sound_file(kind, CLIP)
    audio, facts = decode_sound(data[: len(data) * 6 // 10], kind)
    assert 1.8 < audio.duration_s < 2.6
    assert facts.claimed_s is None


@pytest.mark.parametrize("kind", ["flac 16", "mp3", "aac", "ogg Opus in small pages", "mkv"])
def test_damage_in_the_middle_costs_only_that_moment(kind: str) -> None:
    data = bytearray(sound_file(kind, CLIP))
    middle = len(data) // 2
    data[middle : middle + 300] = np.random.default_rng(1).bytes(300)
    audio, _ = decode_sound(bytes(data), kind)
    assert 3.5 < audio.duration_s < 4.1
    quarter = round(0.9 * audio.sample_rate)
    end = audio.samples[-quarter:]
    assert np.sqrt(np.mean(end**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("size", [0, 2**31 - 1, 2**32 - 1])
def test_a_recorder_that_did_not_know_the_length_yields_a_whole_sound(size: int) -> None:
    data = bytearray(sound_file("wav 16", CLIP))
    data[40:44] = size.to_bytes(4, "little")
    _, facts = decode_sound(bytes(data), "live.wav")
    assert facts.duration_s == pytest.approx(4.0)
    assert not facts.is_partial


def test_a_forged_length_yields_what_is_there() -> None:
    data = bytearray(sound_file("wav 16", CLIP))
    data[40:44] = (2_000_000_000).to_bytes(4, "little")
    _, facts = decode_sound(bytes(data), "forged.wav")
    assert facts.duration_s == pytest.approx(4.0)
    assert facts.claimed_s == pytest.approx(2e9 / 2 / 44100)
    assert facts.is_partial


def test_wide_band_telephone_speech_is_decoded() -> None:
    # No encoder is at hand: frames of 6.6 kbit/s (kind 0, 17 bytes) of any content.
    rng = np.random.default_rng(0)
    data = b"#!AMR-WB\n" + b"".join(b"\x04" + rng.bytes(17) for _ in range(100))
    audio, facts = decode_sound(data, "voice.awb")
    assert facts.codec == "amr_wb"
    assert audio.sample_rate == 16000
    assert audio.duration_s == pytest.approx(2.0, rel=0.05)


def test_the_sound_of_a_film_without_sound_is_named() -> None:
    film = Muxed("mp4", "aac", has_picture=True).pack(np.zeros(0, np.float32), 44100)
    with pytest.raises(BadAudio, match="holds no sound") as caught:
        decode_sound(film, "film.mp4")
    assert caught.value.code == "no_sound"


@pytest.mark.parametrize("channels", [2, 6, 8, 12])
@pytest.mark.parametrize("kind", [("WAV", "FLOAT"), ("OGG", "VORBIS")])
def test_the_mean_of_any_number_of_channels_is_heard(kind: tuple[str, str], channels: int) -> None:
    levels = np.linspace(0.2, 1.0, channels, dtype=np.float32)
    samples = CLIP.samples[:44100, None] * levels
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 44100, kind[1], format=kind[0])
    audio, facts = decode_sound(buffer.getvalue(), "cinema")
    assert facts.channels == channels
    assert audio.duration_s == 1.0
    np.testing.assert_allclose(audio.samples, 0.6 * CLIP.samples[:44100], atol=0.1)
