"""One clip measured: cut-off tops told from smooth ones, and checksums of the sound alone."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from urbansound.audio.clips import Piece
from urbansound.dataset.measure import clipped_share, measure

RATE = 22050


def sine(hertz: float, level: float, rate: int = 44100) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(rate) / rate + 0.3)
    return (np.rint(wave * 32767) / 32768).astype(np.float32)


@given(hertz=st.floats(20, 20000), level=st.floats(0.001, 1.0))
def test_a_smooth_wave_of_any_pitch_and_level_is_not_cut_off(hertz: float, level: float) -> None:
    assert clipped_share(sine(hertz, level)) == 0


@given(hertz=st.floats(20, 8000), level=st.floats(0.1, 1.0))
def test_nor_is_one_of_8_bits(hertz: float, level: float) -> None:
    coarse = (np.rint(sine(hertz, level) * 127) / 128).astype(np.float32)
    assert clipped_share(coarse, 1 / 128) == 0


@pytest.mark.parametrize("gain", [2.0, 10.0])
@pytest.mark.parametrize("limit", [1.0, 0.4])
def test_a_wave_recorded_too_loud_is_cut_off_for_as_long_as_it_is(
    gain: float, limit: float
) -> None:
    wave = np.clip(sine(440, 1.0) * gain, -1, 1) * np.float32(limit)
    share = 1 - 2 * np.arcsin(1 / gain) / np.pi
    assert clipped_share(wave) == pytest.approx(share, abs=0.02)


def test_noise_whose_highest_peak_is_at_full_scale_is_not_cut_off() -> None:
    noise = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    assert clipped_share(noise / np.abs(noise).max()) == 0


def test_silence_and_a_constant_are_not_cut_off() -> None:
    assert clipped_share(np.zeros(999, np.float32)) == 0
    assert clipped_share(np.full(999, 0.5, np.float32)) == 0


def write(path: Path, wave: np.ndarray, rate: int = RATE, **more: str) -> Piece:
    soundfile.write(path, wave, rate, **more)
    return Piece(path)


@pytest.fixture
def wave() -> np.ndarray:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 2 * RATE)
    return (np.rint(noise * 32768) / 32768).astype(np.float32)


def checksum(piece: Piece) -> int:
    return int(measure(piece).facts["checksum"])


def test_the_checksum_is_of_the_sound_whatever_holds_it(tmp_path: Path, wave: np.ndarray) -> None:
    plain = checksum(write(tmp_path / "a.wav", wave))
    same = [
        write(tmp_path / "b.wav", wave, subtype="PCM_24"),
        write(tmp_path / "c.wav", wave, subtype="FLOAT"),
        write(tmp_path / "d.flac", wave),
        write(tmp_path / "e.wav", np.stack([wave, wave], 1)),
    ]
    assert [checksum(piece) for piece in same] == [plain] * 4
    other = wave.copy()
    other[7] += 1 / 32768
    assert checksum(write(tmp_path / "f.wav", other)) != plain
    assert checksum(write(tmp_path / "g.wav", wave, 2 * RATE)) != plain


def test_a_piece_of_a_long_file_is_measured_as_that_piece(tmp_path: Path, wave: np.ndarray) -> None:
    part = wave[RATE // 2 : RATE]
    whole = write(tmp_path / "long.wav", wave)
    alone = measure(write(tmp_path / "part.wav", part))
    piece = measure(Piece(whole.path, 0.5, 1.0))
    assert (piece.facts == alone.facts).all()
    assert (piece.words == alone.words).all()


def test_a_phone_s_recording_has_its_facts(tmp_path: Path, wave: np.ndarray) -> None:
    import av

    path = tmp_path / "phone.m4a"
    with av.open(path, "w") as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave[None], "fltp", "mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    found = measure(Piece(path))
    assert (int(found.facts["sample_rate"]), int(found.facts["channels"])) == (RATE, 1)
    assert (found.code, found.bit_depth) == ("", "AAC")
    assert found.facts["duration_s"] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_a_file_that_was_cut_off_misses_what_is_gone(
    tmp_path: Path, wave: np.ndarray, kind: str
) -> None:
    data = io.BytesIO()
    soundfile.write(data, wave, RATE, format=kind)
    path = tmp_path / f"cut.{kind.lower()}"
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    found = measure(Piece(path))
    # What of a FLAC is left cannot always be read; then that is said.
    if not found.code:
        total = found.facts["missing_s"] + found.facts["duration_s"]
        assert total == pytest.approx(2, abs=0.01)
        assert found.facts["missing_s"] > 0.5
    assert found.code in ("", "unreadable")
