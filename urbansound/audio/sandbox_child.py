"""The process that decodes one upload: bytes on standard input, samples on standard output.

Run by `sandbox`, never imported for its decoder. The answer is a JSON header padded to
HEADER_BYTES, either {"sample_rate"} followed by float32 samples or {"error", "value"}.
"""

import io
import json
import sys
import wave
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.mono import mean_of_channels

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer

HEADER_BYTES = 512  # a multiple of four, so that the samples behind it are aligned

_FORMATS = ("wav", "w64", "aiff", "flac", "ogg", "mp3", "aac", "mov,mp4,m4a", "matroska,webm")
_CODECS = (
    *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
    *("pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be", "pcm_alaw", "pcm_mulaw"),
    *("adpcm_ms", "adpcm_ima_wav", "flac", "alac", "vorbis", "opus", "libopus"),
    *("mp3", "mp3float", "aac"),
)
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63}
# The decoding library answers bad input with many kinds of exception; all of these are its.
_DAMAGE = (OSError, ValueError, RuntimeError, LookupError, TypeError, ArithmeticError, EOFError)


class _RefusedError(Exception):
    """A file that is not decoded: a code that `sandbox` has words for, and the value."""

    def __init__(self, code: str, value: Any = None) -> None:
        super().__init__(code)
        self.code = code
        self.value = value


def main() -> None:
    """Decode standard input under the limits given as JSON in the only argument."""
    limits = json.loads(sys.argv[1])
    data = sys.stdin.buffer.read()
    _load_decoder()
    _limit_resources(limits)
    try:
        sample_rate, chunks = _decode(data, limits)
    except _RefusedError as refused:
        _answer({"error": refused.code, "value": refused.value}, [])
    else:
        _answer({"sample_rate": sample_rate}, chunks)


def _load_decoder() -> None:
    """Decode one sample, so that whatever the library loads late is there before the limits."""
    wav = io.BytesIO()
    with wave.open(wav, "wb") as file:
        file.setparams((1, 2, 8000, 1, "NONE", ""))
        file.writeframes(bytes(2))
    for frame in _frames(_open(wav.getvalue())):
        _mono(frame)


def _limit_resources(limits: dict[str, Any]) -> None:
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(kind, (limit, limit))


def _answer(header: dict[str, Any], chunks: list[NDArray[np.float32]]) -> None:
    sys.stdout.buffer.write(json.dumps(header).encode().ljust(HEADER_BYTES))
    for chunk in chunks:
        sys.stdout.buffer.write(chunk.tobytes())
    sys.stdout.buffer.flush()


def _decode(data: bytes, limits: dict[str, Any]) -> tuple[int, list[NDArray[np.float32]]]:
    """The sample rate and the mono sound, up to the end or the first damage."""
    container = _open(data)
    chunks: list[NDArray[np.float32]] = []
    sample_rate = n_samples = 0
    for frame in _frames(container):
        sample_rate = sample_rate or _checked_rate(frame.sample_rate, limits)
        if frame.sample_rate != sample_rate:
            break
        n_samples += frame.samples
        _check_length(n_samples, sample_rate, limits)
        chunks.append(_mono(frame))
    if n_samples == 0:
        raise _RefusedError("no_audio")
    return sample_rate, chunks


def _open(data: bytes) -> "InputContainer":
    import av

    whitelists = {
        "format_whitelist": ",".join(_FORMATS),
        "codec_whitelist": ",".join(_CODECS),
        "protocol_whitelist": "none",
    }
    try:
        return av.open(io.BytesIO(data), mode="r", options=whitelists, metadata_errors="ignore")
    except _DAMAGE as error:
        raise _RefusedError("not_sound") from error


def _frames(container: "InputContainer") -> Iterator["AudioFrame"]:
    """The decoded frames of the first sound track until the end or the first damage."""
    if not container.streams.audio:
        raise _RefusedError("no_audio")
    stream = container.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in _CODECS:
        raise _RefusedError("codec", stream.codec_context and stream.codec_context.name)
    stream.codec_context.thread_count = 1
    frames = container.decode(stream)
    while True:
        try:
            frame = next(frames)
        except (StopIteration, MemoryError, *_DAMAGE):
            return
        yield frame


def _checked_rate(rate: int, limits: dict[str, Any]) -> int:
    if not limits["min_rate"] <= rate <= limits["max_rate"]:
        raise _RefusedError("rate", rate)
    return rate


def _check_length(n_samples: int, sample_rate: int, limits: dict[str, Any]) -> None:
    limit_s = min(limits["max_seconds"], limits["max_samples"] / sample_rate)
    if n_samples > limit_s * sample_rate:
        raise _RefusedError("too_long", limit_s)


def _mono(frame: "AudioFrame") -> NDArray[np.float32]:
    """The frame's samples [n] as float32 with full scale at 1.0, channels averaged."""
    samples = frame.to_ndarray()
    n_channels = len(frame.layout.channels)
    channels = samples if frame.format.is_planar else samples.reshape(-1, n_channels).T
    mono = mean_of_channels([_as_float(channel, frame.format.name) for channel in channels])
    if not np.isfinite(mono).all():
        raise _RefusedError("not_finite")
    return mono


def _as_float(samples: NDArray[Any], sample_format: str) -> NDArray[np.float32]:
    scale = _FULL_SCALE.get(sample_format.removesuffix("p"))
    if scale is None:
        return samples.astype(np.float32)
    centre = 128.0 if sample_format.startswith("u8") else 0.0
    return (samples.astype(np.float32) - np.float32(centre)) / np.float32(scale)


if __name__ == "__main__":
    main()
