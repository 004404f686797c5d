"""One sound as the bytes of every kind of file that the app reads, made without ffmpeg."""

import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from urbansound.records import Audio

_SCALES = {"s16": (np.int16, 2**15 - 1), "s32": (np.int32, 2**31 - 1), "flt": (np.float32, 1)}


@dataclass(frozen=True)
class Written:
    """A kind of file that soundfile writes; `rate` where it is not the sound's own."""

    container: str
    codec: str | None = None
    rate: int | None = None
    endian: str | None = None

    def pack(self, samples: NDArray[np.float32], rate: int) -> bytes:
        """The file with the samples [n]."""
        buffer = io.BytesIO()
        soundfile.write(
            buffer, samples, rate, self.codec, format=self.container, endian=self.endian
        )
        return buffer.getvalue()


@dataclass(frozen=True)
class Muxed:
    """A kind of file that a phone, a camera or a browser writes; maybe with a picture track."""

    container: str
    codec: str
    rate: int | None = None
    has_picture: bool = False
    bit_rate: int | None = None
    options: dict[str, str] = field(default_factory=dict)

    def pack(self, samples: NDArray[np.float32], rate: int) -> bytes:
        """The file with the samples [n]."""
        # What moves the index to the front reads the file back, so it needs a place on disk.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sound"
            with av.open(str(path), "w", format=self.container, options=self.options) as out:
                self._write(out, samples, rate)
            return path.read_bytes()

    def _write(
        self, out: av.container.OutputContainer, samples: NDArray[np.float32], rate: int
    ) -> None:
        picture = _add_picture(out) if self.has_picture else None
        track = out.add_stream(self.codec, rate=rate, layout="mono")
        if self.bit_rate:
            track.bit_rate = self.bit_rate
        if picture is not None:
            _write_picture(out, picture, len(samples) / rate)
        for frame in _frames(track, samples, rate):
            out.mux(track.encode(frame))
        out.mux(track.encode(None))


def _frames(track: av.AudioStream, samples: NDArray[np.float32], rate: int) -> list[av.AudioFrame]:
    codec = track.codec_context
    kind, scale = _SCALES[codec.format.name.removesuffix("p")]
    values = (np.clip(samples, -1, 1).astype(np.float64) * scale).astype(kind)
    frames = []
    size = codec.frame_size or 960
    for start in range(0, len(values), size):
        piece = np.ascontiguousarray(values[None, start : start + size])
        frame = av.AudioFrame.from_ndarray(piece, format=codec.format.name, layout="mono")
        frame.sample_rate, frame.pts = rate, start
        frames.append(frame)
    return frames


def _add_picture(out: av.container.OutputContainer) -> av.VideoStream:
    picture = out.add_stream("mpeg4", rate=10)
    picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
    return picture


def _write_picture(
    out: av.container.OutputContainer, picture: av.VideoStream, seconds: float
) -> None:
    for number in range(max(1, round(10 * seconds))):
        pixels = np.full((64, 64, 3), number % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts = number
        out.mux(picture.encode(frame))
    out.mux(picture.encode(None))


_FAST = {"movflags": "faststart"}
_PIECEWISE = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

KINDS: dict[str, Written | Muxed] = {
    "wav u8": Written("WAV", "PCM_U8"),
    "wav 16": Written("WAV", "PCM_16"),
    "wav 24": Written("WAV", "PCM_24"),
    "wav 32": Written("WAV", "PCM_32"),
    "wav float32": Written("WAV", "FLOAT"),
    "wav float64": Written("WAV", "DOUBLE"),
    "wav extensible": Written("WAVEX", "PCM_24"),
    "wav a-law": Written("WAV", "ALAW"),
    "wav mu-law": Written("WAV", "ULAW"),
    "wav MS ADPCM": Muxed("wav", "adpcm_ms"),
    "wav IMA ADPCM": Muxed("wav", "adpcm_ima_wav"),
    "w64": Written("W64", "PCM_16"),
    "rf64": Written("RF64", "PCM_16"),
    "aiff": Written("AIFF", "PCM_16"),
    "aiff little-endian": Written("AIFF", "PCM_16", endian="LITTLE"),
    "aiff float32": Written("AIFF", "FLOAT"),
    "au": Written("AU", "PCM_16"),
    "au mu-law": Written("AU", "ULAW"),
    "caf": Written("CAF", "PCM_24"),
    "caf ALAC": Written("CAF", "ALAC_16"),
    "flac 16": Written("FLAC", "PCM_16"),
    "flac 24": Written("FLAC", "PCM_24"),
    "ogg Vorbis": Written("OGG", "VORBIS"),
    "ogg Opus": Written("OGG", "OPUS", rate=48000),
    "ogg Opus in small pages": Muxed(
        "ogg", "libopus", rate=48000, options={"page_duration": "20000"}
    ),
    "ogg FLAC": Muxed("ogg", "flac"),
    "mp3": Written("MP3"),
    "mp3 without length": Muxed("mp3", "libmp3lame", options={"write_xing": "0"}),
    "m4a": Muxed("ipod", "aac"),
    "m4a index first": Muxed("ipod", "aac", options=_FAST),
    "m4a ALAC": Muxed("ipod", "alac"),
    "m4a in fragments": Muxed("mp4", "aac", options=_PIECEWISE),
    "aac": Muxed("adts", "aac"),
    "webm": Muxed("webm", "libopus", rate=48000),
    "webm live": Muxed("webm", "libopus", rate=48000, options={"live": "1"}),
    "mkv": Muxed("matroska", "flac", has_picture=True),
    "mp4": Muxed("mp4", "aac", has_picture=True),
    "mov": Muxed("mov", "aac", has_picture=True),
    "mov index first": Muxed("mov", "pcm_s16le", has_picture=True, options=_FAST),
    "amr": Muxed("amr", "libopencore_amrnb", rate=8000, bit_rate=12200),
    "3gp AMR": Muxed("3gp", "libopencore_amrnb", rate=8000, bit_rate=12200),
    "3gp AAC": Muxed("3gp", "aac"),
    "mpegts": Muxed("mpegts", "aac", has_picture=True),
}


def sound_file(kind: str, audio: Audio) -> bytes:
    """The sound as a file of that kind (a key of KINDS), at the rate that the kind asks for."""
    maker = KINDS[kind]
    rate = maker.rate or audio.sample_rate
    samples = audio.samples
    if rate != audio.sample_rate:
        samples = soxr.resample(samples, audio.sample_rate, rate).astype(np.float32)
    return maker.pack(samples, rate)


def sweep(seconds: float = 4.0, sample_rate: int = 44100) -> Audio:
    """A tone that rises from 300 to 700 Hz in 4 s, with a little noise, from a fixed seed."""
    time = np.arange(round(sample_rate * seconds)) / sample_rate
    noise = np.random.default_rng(0).standard_normal(len(time))
    wave = 0.3 * np.sin(2 * np.pi * (300 + 50 * time) * time) + 0.01 * noise
    return Audio(wave.astype(np.float32), sample_rate)
