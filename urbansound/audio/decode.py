"""Trusted sound files, such as a dataset's clips, as mono samples.

Uploads are not trusted: they go through `urbansound.audio.sandbox`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from urbansound.audio.mono import mean_of_channels, mean_of_int16
from urbansound.errors import BadAudio
from urbansound.records import Audio
from urbansound.stages import stage

MIN_RATE = 1_000
MAX_RATE = 768_000
MAX_SECONDS = 3600.0

_BIT_DEPTHS = {
    "PCM_S8": "8-bit",
    "PCM_U8": "8-bit",
    "PCM_16": "16-bit",
    "PCM_24": "24-bit",
    "PCM_32": "32-bit",
    "FLOAT": "32-bit float",
    "DOUBLE": "64-bit float",
    "MS_ADPCM": "4-bit ADPCM",
    "IMA_ADPCM": "4-bit ADPCM",
}
_UNREADABLE = (soundfile.SoundFileError, OSError, TypeError, ValueError, MemoryError)


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file's header says: rate in Hz, channels, bit depth in words, length."""

    sample_rate: int
    channels: int
    bit_depth: str
    duration_s: float


def load_audio(path: Path, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """The file's sound at its own rate, as float32 [n]: the mean of its channels.

    The samples equal those of librosa.load(path, sr=None). BadAudio names a file that is
    missing, empty, unreadable, too long or holds values that are not numbers.
    """
    with _opened(path) as file:
        _check_header(file, path, max_seconds)
        try:
            samples = _read_mono(file)
        except _UNREADABLE as error:
            raise _unreadable(path) from error
        return Audio(_checked(samples, path), file.samplerate)


def load_stretch(path: Path, start_s: float, end_s: float) -> Audio:
    """What lies from start_s to end_s in the file, as `load_audio` reads it.

    Only that is read. BadAudio where the file ends before.
    """
    with _opened(path) as file:
        _check_header(file, path, float("inf"))
        start, end = (round(at * file.samplerate) for at in (start_s, end_s))
        try:
            file.seek(min(start, file.frames))
            samples = _read_mono(file, end - start)
        except _UNREADABLE as error:
            raise _unreadable(path) from error
        return Audio(_checked(samples, path), file.samplerate)


def describe_audio(path: Path, *, max_seconds: float = MAX_SECONDS) -> AudioInfo:
    """What the file's header says, without reading its sound; BadAudio as `load_audio`."""
    with _opened(path) as file:
        _check_header(file, path, max_seconds)
        depth = _BIT_DEPTHS.get(file.subtype, file.subtype_info)
        return AudioInfo(file.samplerate, file.channels, depth, file.frames / file.samplerate)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        n_bytes = path.stat().st_size
        if n_bytes > 0:
            return soundfile.SoundFile(path)
    except FileNotFoundError as error:
        raise BadAudio(f"'{path}' is missing. Put the file back or leave it out.") from error
    except _UNREADABLE as error:
        raise _unreadable(path) from error
    raise BadAudio(f"'{path}' is empty (0 bytes). Put a whole copy in its place.")


def _unreadable(path: Path) -> BadAudio:
    return BadAudio(
        f"'{path}' cannot be read as sound: it is damaged or of another kind. "
        "Put a whole copy in its place."
    )


def _check_header(file: soundfile.SoundFile, path: Path, max_seconds: float) -> None:
    rate = file.samplerate
    if not MIN_RATE <= rate <= MAX_RATE:
        raise BadAudio(
            f"'{path}' claims {rate} samples a second; {MIN_RATE} to {MAX_RATE} was expected. "
            "Its header is damaged: put a whole copy in its place."
        )
    if file.frames / rate > max_seconds:
        raise BadAudio(
            f"'{path}' claims to last {file.frames / rate:.0f} s; the limit is "
            f"{max_seconds:.0f} s. Trim it, or put a whole copy in its place."
        )


def _read_mono(file: soundfile.SoundFile, n_frames: int = -1) -> NDArray[np.float32]:
    if file.subtype == "PCM_16":
        # Five times faster than letting the library scale, and the same to the last bit.
        whole = file.read(n_frames, dtype="int16", always_2d=True)
        with stage("mix to mono"):
            return mean_of_int16(whole)
    frames = file.read(n_frames, dtype="float32", always_2d=True)
    with stage("mix to mono"):
        return mean_of_channels(frames.T)


def _checked(samples: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    if len(samples) == 0:
        raise BadAudio(f"'{path}' holds no sound (0 samples). Put a whole copy in its place.")
    if not np.isfinite(samples).all():
        raise BadAudio(
            f"'{path}' holds values that are not numbers (NaN or infinite). "
            "Export it again, or leave it out."
        )
    return samples
