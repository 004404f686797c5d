"""One clip, opened once: what its file is, how loud it is, and what may be wrong with it."""

import contextlib
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from urbansound.audio.claims import data_bytes
from urbansound.audio.clips import Piece, describe_file, is_packed, load_piece
from urbansound.audio.decode import describe_audio
from urbansound.audio.loudness import SILENT_DB, loudest_db
from urbansound.audio.mono import mean_of_channels
from urbansound.audio.signal import is_silence
from urbansound.dataset.fingerprint import Words, fingerprint
from urbansound.errors import BadAudio

MAX_SECONDS = 600.0
FACTS = np.dtype(
    [
        ("sample_rate", np.int32),
        ("channels", np.int16),
        ("duration_s", np.float32),
        ("missing_s", np.float32),
        ("peak_db", np.float32),
        ("level_db", np.float32),
        ("dc", np.float32),
        ("clipped", np.float32),
        ("is_silent", np.bool_),
        ("checksum", np.uint64),
    ]
)
"""What is known of one clip, see `Survey`; checksum 0 where there is none."""

Samples = NDArray[np.float32]
_UNREADABLE = (soundfile.SoundFileError, OSError, TypeError, ValueError, MemoryError)
_FULL_SCALE_16 = 32768
_WAV_HEADER_BYTES = 44
_SHORTEST_RUN = 3
_STEEP = 6.0


@dataclass(frozen=True, eq=False)
class _Opened:
    """What was read of a file: samples float32 [n, channels], and what it was packed as.

    `missing_s` is how much less than its header announces.
    """

    samples: Samples
    sample_rate: int
    channels: int
    bit_depth: str
    missing_s: float


@dataclass(frozen=True, eq=False)
class Measured:
    """One clip's FACTS and fingerprint, or a code and a sentence why there are none."""

    facts: NDArray[np.void]
    bit_depth: str
    words: Words
    code: str = ""
    message: str = ""


def measure(piece: Piece) -> Measured:
    """What is known of a clip after its file was opened once; it never raises for a bad file.

    Codes are missing, empty, unreadable and not_finite.
    """
    try:
        opened = _open(piece)
    except (BadAudio, *_UNREADABLE) as error:
        return _failed(_code_of(piece.path), _sentence(error, piece.path))
    samples, rate = opened.samples, opened.sample_rate
    if len(samples) == 0:
        return _failed("empty", f"'{piece.path}' holds no sound (0 samples).")
    if not np.isfinite(samples).all():
        message = f"'{piece.path}' holds values that are not numbers (NaN or infinite)."
        return _failed("not_finite", message)
    facts = np.zeros((), FACTS)
    facts["sample_rate"], facts["channels"] = rate, opened.channels
    facts["missing_s"] = opened.missing_s
    _measure_levels(facts, samples, _smallest_step(opened.bit_depth))
    mono = mean_of_channels(list(samples.T))
    _measure_sound(facts, mono, rate)
    return Measured(facts, opened.bit_depth, fingerprint(mono, rate))


def _failed(code: str, message: str) -> Measured:
    facts = np.zeros((), FACTS)
    facts["peak_db"] = facts["level_db"] = SILENT_DB
    return Measured(facts, "", np.zeros(0, np.uint32), code, message)


def _sentence(error: Exception, path: Path) -> str:
    if isinstance(error, BadAudio):
        return str(error)
    return f"'{path}' cannot be read as sound: it is damaged or of another kind."


def _code_of(path: Path) -> str:
    try:
        if path.stat().st_size == 0 or describe_audio(path).duration_s == 0:
            return "empty"
    except FileNotFoundError:
        return "missing"
    except (BadAudio, OSError):
        pass
    return "unreadable"


def _open(piece: Piece) -> _Opened:
    """The piece's sound, of whatever kind its file is; BadAudio or an error of _UNREADABLE."""
    if not is_packed(piece.path):
        with contextlib.suppress(BadAudio, *_UNREADABLE):
            return _open_plain(piece)
    # By the way that the rest of the app reads it, which also says best why it cannot be.
    info = describe_file(piece.path)
    audio = load_piece(piece, max_seconds=MAX_SECONDS)
    missing_s = 0.0 if piece.end_s else max(0.0, info.duration_s - audio.duration_s)
    depth = info.bit_depth.upper()
    return _Opened(audio.samples[:, None], info.sample_rate, info.channels, depth, missing_s)


def _open_plain(piece: Piece) -> _Opened:
    info = describe_audio(piece.path, max_seconds=math.inf if piece.end_s else MAX_SECONDS)
    with soundfile.SoundFile(piece.path) as file:
        n_frames = -1
        if piece.end_s:
            start = min(round(piece.start_s * file.samplerate), file.frames)
            n_frames = max(0, round(piece.end_s * file.samplerate) - start)
            file.seek(start)
        samples = _read(file, n_frames)
    read_s = len(samples) / info.sample_rate
    missing_s = 0.0 if piece.end_s else _missing_s(piece.path, info.duration_s, read_s)
    return _Opened(samples, info.sample_rate, info.channels, info.bit_depth, missing_s)


def _read(file: soundfile.SoundFile, n_frames: int) -> Samples:
    """So many frames, -1 for all, as float32 [n, channels]."""
    if file.subtype == "PCM_16":
        # Five times faster than letting the library scale, and the same to the last bit.
        whole = file.read(n_frames, dtype="int16", always_2d=True)
        scaled: Samples = whole * np.float32(1 / _FULL_SCALE_16)
        return scaled
    samples: Samples = file.read(n_frames, dtype="float32", always_2d=True)
    return samples


def _missing_s(path: Path, claimed_s: float, read_s: float) -> float:
    """How much less was read than the header says; the library believes a cut WAV's length."""
    with open(path, "rb") as file:
        claimed = data_bytes(file) or 0
    present = path.stat().st_size - _WAV_HEADER_BYTES
    if claimed > present > 0:
        claimed_s = read_s * claimed / present
    return max(0.0, claimed_s - read_s)


def _smallest_step(bit_depth: str) -> float:
    """The distance of two neighbouring values of a file of this depth."""
    return 1 / 128 if bit_depth == "8-bit" else 1 / _FULL_SCALE_16


def _measure_levels(facts: NDArray[np.void], samples: Samples, step: float) -> None:
    """How far off zero it lies and how much of it is cut, of the worst channel."""
    means = samples.mean(axis=0, dtype=np.float64)
    facts["dc"] = means[int(np.abs(means).argmax())]
    facts["clipped"] = max(clipped_share(channel, step) for channel in samples.T)


def _measure_sound(facts: NDArray[np.void], mono: Samples, rate: int) -> None:
    peak = float(np.abs(mono).max())
    facts["duration_s"] = len(mono) / rate
    facts["peak_db"] = max(SILENT_DB, 20 * math.log10(peak)) if peak > 0 else SILENT_DB
    facts["is_silent"] = is_silence(mono)
    facts["level_db"] = SILENT_DB if facts["is_silent"] else loudest_db(mono, rate)
    facts["checksum"] = _checksum(mono, rate)


def clipped_share(channel: Samples, step: float = 1 / _FULL_SCALE_16) -> float:
    """Which share of the samples [n] stands in a cut-off top: 0 to 1.

    A cut-off top is a run of three or more samples at the channel's own highest or lowest
    value that is left by a jump: the top of a smooth wave falls off quadratically, so that
    the next sample is at most four times as far from the top as the run is thick.
    """
    n_cut = 0
    for wave in (channel, -channel):
        top = float(wave.max())
        thickness = max(1.5 * step, 1e-4 * top)
        if top > 4 * _STEEP * thickness:
            n_cut += _samples_in_cut_tops(wave, top, thickness)
    return n_cut / max(1, len(channel))


def _samples_in_cut_tops(wave: Samples, top: float, thickness: float) -> int:
    at_top = np.flatnonzero(wave >= top - thickness)
    if len(at_top) < _SHORTEST_RUN:
        return 0
    breaks = np.flatnonzero(np.diff(at_top) > 1)
    first = at_top[np.r_[0, breaks + 1]]
    last = at_top[np.r_[breaks, len(at_top) - 1]]
    lengths = last - first + 1
    before = top - wave[np.maximum(first - 1, 0)]
    after = top - wave[np.minimum(last + 1, len(wave) - 1)]
    is_cut = (lengths >= _SHORTEST_RUN) & (np.maximum(before, after) > _STEEP * thickness)
    return int(lengths[is_cut].sum())


def _checksum(mono: Samples, rate: int) -> int:
    """One number for the samples as they sound, whatever holds them: never 0.

    Values that 16 bits can hold are taken as such, so that another depth is no other sound.
    """
    scaled = mono * np.float32(_FULL_SCALE_16)
    whole = scaled.astype(np.int32)
    is_whole = bool((whole == scaled).all())
    data = whole if is_whole else mono + np.float32(0)
    hasher = hashlib.sha256(f"{rate} {is_whole} ".encode())
    hasher.update(np.ascontiguousarray(data).data)
    return int.from_bytes(hasher.digest()[:8], "little") | 1
