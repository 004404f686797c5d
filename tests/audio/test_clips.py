from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.dataset.layouts import RATE, tone, write_m4a, write_sound
from urbansound.audio.clips import Piece, describe_file, load_clip, load_piece
from urbansound.audio.decode import load_audio
from urbansound.audio.sandbox import decode_sound
from urbansound.errors import BadAudio
from urbansound.records import Clip, DatasetIndex


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_a_piece_is_what_lies_there_in_the_whole_file(tmp_path: Path, kind: str) -> None:
    path = write_sound(tmp_path / f"long.{kind}", seconds=10)
    whole = load_audio(path).samples
    piece = load_piece(Piece(path, 4.0, 8.0))
    np.testing.assert_array_equal(piece.samples, whole[4 * RATE : 8 * RATE])
    assert piece.sample_rate == RATE


def test_the_last_piece_ends_with_the_file(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "long.wav", seconds=9.5)
    assert load_piece(Piece(path, 8.0, 9.5)).duration_s == pytest.approx(1.5)


def test_a_piece_behind_the_end_is_named(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "short.wav", seconds=2)
    with pytest.raises(BadAudio, match=r"short\.wav"):
        load_piece(Piece(path, 4.0, 8.0))


def test_pieces_of_a_packed_file_are_what_the_whole_one_holds(tmp_path: Path) -> None:
    path = write_m4a(tmp_path / "talk.m4a", seconds=140)
    whole = decode_sound(path, "talk.m4a")[0].samples
    for start in (0.0, 60.0, 64.0, 136.0):
        piece = load_piece(Piece(path, start, start + 4))
        at = round(start * RATE)
        np.testing.assert_array_equal(piece.samples, whole[at : at + 4 * RATE])
    across = load_piece(Piece(path, 62.0, 130.0)).samples
    np.testing.assert_array_equal(across, whole[62 * RATE : 130 * RATE])
    with pytest.raises(BadAudio, match="ends before 200 s"):
        load_piece(Piece(path, 200.0, 204.0))


def test_a_packed_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = write_m4a(tmp_path / "a.m4a", class_id=0, seconds=8)
    first = load_piece(Piece(path, 0.0, 4.0)).samples
    write_m4a(path, class_id=5, seconds=9)
    assert not np.array_equal(first, load_piece(Piece(path, 0.0, 4.0)).samples)


def test_a_clip_is_read_from_its_own_file_or_from_the_longer_one(tmp_path: Path) -> None:
    write_sound(tmp_path / "dog" / "a.wav", seconds=1)
    write_sound(tmp_path / "dog" / "yard.wav", seconds=8)
    own = Clip("dog/a.wav", 1, 0, end_s=1.0)
    cut = Clip("dog/yard.wav#t=4,8", 1, 0, start_s=4.0, end_s=8.0, file="dog/yard.wav")
    index = DatasetIndex("mine", tmp_path, (own, cut), ("dog",), layout="folders")
    assert load_clip(index, own).duration_s == 1
    assert load_clip(index, cut).duration_s == 4
    assert index.audio_path(cut) == tmp_path / "dog" / "yard.wav"


def test_a_whole_file_may_not_be_longer_than_asked_for(tmp_path: Path) -> None:
    for path in (write_sound(tmp_path / "a.wav", seconds=5), write_m4a(tmp_path / "a.m4a", 0, 5)):
        assert load_piece(Piece(path), max_seconds=6).duration_s == pytest.approx(5, abs=0.1)
        with pytest.raises(BadAudio):
            load_piece(Piece(path), max_seconds=4)


@pytest.mark.parametrize("name", ["bad.wav", "bad.mp3", "bad.m4a"])
def test_what_is_no_sound_is_named_whatever_its_ending(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is no sound" * 100)
    with pytest.raises(BadAudio, match=rf"bad\.{name[4:]}"):
        load_piece(Piece(path))
    with pytest.raises(BadAudio):
        load_piece(Piece(tmp_path / f"gone{name[3:]}"))


def test_a_file_that_is_called_mp3_but_packed_otherwise_is_read(tmp_path: Path) -> None:
    path = write_m4a(tmp_path / "a.m4a", seconds=3).rename(tmp_path / "a.mp3")
    assert load_piece(Piece(path)).duration_s == pytest.approx(3, abs=0.1)
    assert describe_file(path).duration_s == pytest.approx(3, abs=0.1)


def test_a_header_says_what_a_file_is(tmp_path: Path) -> None:
    stereo = np.stack([tone(0, 2), tone(1, 2)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, RATE, subtype="PCM_24")
    plain, packed = describe_file(tmp_path / "a.wav"), describe_file(write_m4a(tmp_path / "a.m4a"))
    assert (plain.sample_rate, plain.channels, plain.bit_depth) == (RATE, 2, "24-bit")
    assert plain.duration_s == 2
    assert (packed.sample_rate, packed.channels, packed.bit_depth) == (RATE, 1, "aac")
    assert packed.duration_s == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp4", "aac", 44100),
        ("a.3gp", "aac", 22050),
        ("a.webm", "libopus", 48000),
        ("a.mov", "aac", 44100),
        ("a.aac", "aac", 44100),
        ("a.opus", "libopus", 48000),
        ("a.mp2", "mp2", 44100),
    ],
)
def test_a_telephone_s_and_a_browser_s_recordings_are_read(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    path = write_m4a(tmp_path / name, seconds=6, codec=codec, rate=rate)
    assert describe_file(path).duration_s == pytest.approx(6, abs=0.1)
    whole, piece = load_piece(Piece(path)), load_piece(Piece(path, 1.0, 5.0))
    assert whole.sample_rate == piece.sample_rate == describe_file(path).sample_rate
    assert whole.duration_s == pytest.approx(6, abs=0.1)
    assert piece.duration_s == 4
