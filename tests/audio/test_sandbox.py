import io
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from urbansound.audio.decode import load_audio
from urbansound.audio.sandbox import Limits, decode_sound, open_sound
from urbansound.errors import BadAudio
from urbansound.records import Audio, SoundFacts


def decoded(data: bytes, name: str, **limits: float) -> Audio:
    return decode_sound(data, name, limits=Limits(**limits))[0]


def tone(rate: int = 44100, seconds: float = 1.0, channels: int = 1) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    columns = [0.5 / (n + 1) * np.sin(2 * np.pi * 440 * (n + 1) * time) for n in range(channels)]
    return np.stack(columns, axis=1).astype(np.float32)


def packed(samples: np.ndarray, rate: int, kind: str = "WAV", subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def muxed(container_format: str, codec: str, rate: int, *, with_picture: bool = False) -> bytes:
    """One second of a 440 Hz tone as a phone or a browser packs it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_format) as container:
        video = add_video(container) if with_picture else None
        stream = container.add_stream(codec, rate=rate, layout="mono")
        if video is not None:
            write_picture(container, video)
        sample_format = stream.codec_context.format.name
        samples = tone(rate).T if sample_format == "fltp" else (tone(rate).T * 32767).astype("i2")
        size = stream.codec_context.frame_size or 960
        for start in range(0, samples.shape[1], size):
            piece = np.ascontiguousarray(samples[:, start : start + size])
            frame = av.AudioFrame.from_ndarray(piece, format=sample_format, layout="mono")
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def add_video(container: av.container.OutputContainer) -> av.VideoStream:
    video = container.add_stream("mpeg4", rate=10)
    video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
    return video


def write_picture(container: av.container.OutputContainer, video: av.VideoStream) -> None:
    picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
    picture.pts = 0
    container.mux(video.encode(picture))
    container.mux(video.encode(None))


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize(
    ("subtype", "rate"),
    [
        ("PCM_U8", 11025),
        ("PCM_16", 44100),
        ("PCM_24", 96000),
        ("PCM_32", 48000),
        ("FLOAT", 44100),
        ("DOUBLE", 8000),
    ],
)
def test_an_uploaded_wav_is_the_same_sound_as_the_file_on_disk(
    tmp_path: Path, subtype: str, rate: int, channels: int
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(packed(tone(rate, 0.3, channels), rate, subtype=subtype))
    expected, heard = load_audio(path), decoded(path.read_bytes(), "a.wav")
    assert heard.sample_rate == expected.sample_rate == rate
    assert heard.samples.dtype == np.float32
    np.testing.assert_array_equal(heard.samples, expected.samples)


@pytest.mark.real_data
def test_an_uploaded_published_clip_is_the_dataset_clip(real_data: Path) -> None:
    paths = sorted((real_data / "us8k-originals").rglob("*.wav"))
    assert paths
    for path in paths:
        expected, heard = load_audio(path), decoded(path.read_bytes(), path.name)
        assert heard.sample_rate == expected.sample_rate
        # ADPCM is rounded differently by the two decoders; all others are equal.
        tolerance = 5e-4 if soundfile.info(path).subtype == "MS_ADPCM" else 0
        np.testing.assert_allclose(heard.samples, expected.samples, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("kind", "subtype", "rate"),
    [
        ("FLAC", "PCM_24", 96000),
        ("OGG", "VORBIS", 44100),
        ("OGG", "OPUS", 48000),
        ("MP3", None, 44100),
        ("AIFF", "PCM_16", 44100),
    ],
)
def test_what_people_upload_is_heard(kind: str, subtype: str | None, rate: int) -> None:
    heard = decoded(packed(tone(rate, channels=2), rate, kind, subtype), "sound")
    check_is_tone(heard.samples, heard.sample_rate, rate)


@pytest.mark.parametrize(
    ("container_format", "codec", "rate"),
    [("ipod", "aac", 44100), ("adts", "aac", 48000), ("webm", "libopus", 48000)],
)
def test_what_phones_and_browsers_record_is_heard(
    container_format: str, codec: str, rate: int
) -> None:
    heard = decoded(muxed(container_format, codec, rate), "recording")
    check_is_tone(heard.samples, heard.sample_rate, rate)


def test_the_sound_of_a_film_is_heard() -> None:
    heard = decoded(muxed("mp4", "aac", 44100, with_picture=True), "film.mp4")
    check_is_tone(heard.samples, heard.sample_rate, 44100)


def check_is_tone(samples: np.ndarray, sample_rate: int, expected_rate: int) -> None:
    assert sample_rate == expected_rate
    assert 0.9 < len(samples) / sample_rate < 1.1
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * sample_rate / len(samples) == pytest.approx(440, abs=2)
    assert 0.1 < np.sqrt(np.mean(samples**2)) < 0.4


def test_one_sample_is_a_sound() -> None:
    heard = decoded(packed(tone()[1:2], 44100, subtype="FLOAT"), "one.wav")
    np.testing.assert_array_equal(heard.samples, tone()[1])


def test_what_comes_before_the_damage_is_heard() -> None:
    whole = np.random.default_rng(0).uniform(-0.5, 0.5, 100_000)
    data = packed(whole, 44100, "FLAC")
    heard = decoded(data[: len(data) // 2], "half.flac")
    assert 40_000 < len(heard.samples) < 60_000
    n_sure = 30_000
    np.testing.assert_allclose(heard.samples[:n_sure], whole[:n_sure], atol=1e-4)


def nan_wav() -> bytes:
    samples = tone()
    samples[20_000] = np.nan
    return packed(samples, 44100, subtype="FLOAT")


def wav_at_one_hertz() -> bytes:
    data = bytearray(packed(tone(), 44100))
    data[24:28] = (1).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", r"is empty \(0 bytes\)", id="nothing"),
        pytest.param(b"hello world\n" * 100, "cannot be read as sound", id="text"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(500), "cannot be read as sound", id="picture"),
        pytest.param(b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "cannot be read", id="playlist"),
        pytest.param(packed(tone()[:0], 44100), "holds no sound", id="no samples"),
        pytest.param(nan_wav(), "not numbers", id="not a number"),
        pytest.param(wav_at_one_hertz(), "claims 1 samples a second", id="one hertz"),
    ],
)
def test_a_bad_upload_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(BadAudio, match=words) as caught:
        decoded(data, "odd.wav")
    assert str(caught.value).startswith("'odd.wav' ")


def test_a_film_without_sound_is_refused() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        write_picture(container, add_video(container))
    with pytest.raises(BadAudio, match="holds no sound"):
        decoded(buffer.getvalue(), "silent.mp4")


def test_a_codec_that_is_not_on_the_list_is_refused() -> None:
    data = packed(tone(8000), 8000, "WAV", "GSM610")
    with pytest.raises(BadAudio, match="is packed in a way"):
        decoded(data, "old.wav")


def test_a_sound_longer_than_the_limit_is_refused() -> None:
    data = packed(tone(8000, 3.0), 8000)
    with pytest.raises(BadAudio, match="lasts more than 2 s"):
        decoded(data, "long.wav", max_seconds=2)
    assert decoded(data, "long.wav", max_seconds=3).duration_s == 3


def test_a_sound_comes_in_pieces_of_a_second() -> None:
    data = packed(tone(8000, 3.25), 8000)
    with open_sound(data, "a.wav") as stream:
        assert (stream.sample_rate, stream.channels, stream.codec) == (8000, 1, "pcm_s16le")
        assert stream.claimed_s == 3.25
        assert stream.facts.duration_s == 0
        assert [len(piece) for piece in stream] == [8000, 8000, 8000, 2000]
        assert stream.facts == SoundFacts(8000, 1, "pcm_s16le", 3.25, 3.25)
        assert list(stream) == []


def test_a_file_on_disk_is_the_same_sound_as_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(packed(tone(channels=2), 44100))
    from_disk, facts = decode_sound(path, "a.wav")
    from_bytes, same_facts = decode_sound(path.read_bytes(), "a.wav")
    np.testing.assert_array_equal(from_disk.samples, from_bytes.samples)
    assert facts == same_facts
    assert facts.channels == 2


def test_bytes_too_many_for_memory_alone_are_the_same_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = packed(tone(), 44100)
    in_memory = decoded(data, "a.wav")
    monkeypatch.setattr("urbansound.audio.forks._MEMFD_BYTES", 10)
    np.testing.assert_array_equal(decoded(data, "a.wav").samples, in_memory.samples)


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "pipe"])
def test_a_path_that_is_no_sound_file_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(BadAudio, match=f"^'{kind}' ") as caught:
        open_sound(path, path.name)
    assert caught.value.code == ("empty" if kind == "empty" else "not_sound")


def test_a_sound_that_its_header_says_is_too_long_is_refused_at_once() -> None:
    data = packed(tone(8000, 3.0), 8000)
    with pytest.raises(BadAudio, match="lasts more than 2 s") as caught:
        open_sound(data, "long.wav", limits=Limits(max_seconds=2))
    assert caught.value.code == "too_long"


def test_a_sound_whose_length_is_not_known_is_refused_when_it_gets_too_long() -> None:
    data = packed(tone(8000, 5.0), 8000, "MP3")
    pieces = []
    with (
        pytest.raises(BadAudio, match="lasts more than 2 s"),
        open_sound(data, "long.mp3", limits=Limits(max_seconds=2)) as stream,
    ):
        pieces.extend(stream)
    assert len(pieces) == 2


def test_the_name_is_only_a_label() -> None:
    heard = decoded(packed(tone(), 44100), "../../no/such\0place; rm -rf")
    assert len(heard.samples) == 44100


def test_the_decoder_is_loaded_in_the_child_alone() -> None:
    program = (
        "import sys, urbansound.audio.sandbox as s\n"
        "try: s.decode_sound(b'not sound', 'x')\n"
        "except s.BadAudio: pass\n"
        "print('av' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limits")
def test_a_process_can_open_no_file_and_take_no_more_memory_than_allowed() -> None:
    program = (
        "from urbansound.audio.sandbox_child import limit_resources\n"
        "from urbansound.audio.limits import Limits\n"
        "import numpy\n"
        "limit_resources(Limits())\n"
        "for act in (lambda: open('/dev/null'), lambda: numpy.ones(1 << 28)):\n"
        "    try: act()\n"
        "    except (OSError, MemoryError) as error: print(type(error).__name__)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # numpy's error is a child of MemoryError with a name of its own.
    assert done.stdout.split()[0] == "OSError"
    assert "MemoryError" in done.stdout.split()[1]
