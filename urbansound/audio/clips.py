"""The sound of a dataset's clips: a file of its own, or a piece of a longer one."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.decode import (
    MAX_SECONDS,
    AudioInfo,
    describe_audio,
    load_audio,
    load_stretch,
)
from urbansound.audio.limits import Limits
from urbansound.audio.sandbox import decode_sound, open_sound
from urbansound.errors import BadAudio
from urbansound.records import Audio, Clip, DatasetIndex
from urbansound.stages import staged

# What soundfile reads, and what only the decoder of uploads does: a phone's recordings.
PLAIN_SUFFIXES = (
    *(".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp2", ".mp3", ".oga", ".ogg"),
    *(".opus", ".rf64", ".snd", ".w64", ".wav", ".wave"),
)
PACKED_SUFFIXES = (
    *(".3g2", ".3gp", ".aac", ".amr", ".m4a", ".m4b", ".m4v", ".mka", ".mkv", ".mov", ".mp4"),
    *(".ogv", ".ts", ".weba", ".webm"),
)
# Of these soundfile reads most, the decoder of uploads nearly all.
_OFTEN_ODD = (".caf", ".mp3", ".oga", ".ogg", ".opus")
# A packed file is read from its start; pieces of one block are asked for one after the other.
_BLOCK_S = 64


@dataclass(frozen=True)
class Piece:
    """A stretch of a file in seconds, or all of it where `end_s` is 0."""

    path: Path
    start_s: float = 0.0
    end_s: float = 0.0


def piece_of(index: DatasetIndex, clip: Clip) -> Piece:
    """Where the sound of a dataset's clip is."""
    path = index.audio_path(clip)
    return Piece(path, clip.start_s, clip.end_s) if clip.file else Piece(path)


def load_clip(index: DatasetIndex, clip: Clip, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """The sound of a dataset's clip at its own rate, the mean of its channels.

    BadAudio names a file that is missing, empty, unreadable, longer than `max_seconds` or
    holds values that are not numbers.
    """
    return load_piece(piece_of(index, clip), max_seconds=max_seconds)


@staged("read and decode")
def load_piece(piece: Piece, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """The sound of a piece; see `load_clip`. Of a long file no more is kept than the piece."""
    if is_packed(piece.path):
        return _load_packed(piece, max_seconds)
    try:
        return _load_plain(piece, max_seconds)
    except BadAudio:
        if not _may_be_packed(piece.path):
            raise
    return _load_packed(piece, max_seconds)


def describe_file(path: Path) -> AudioInfo:
    """What is known of a sound file, of whatever format and length, by its header.

    A packed file that does not say how long it is, is heard to its end; its codec stands for
    its bit depth. BadAudio as `load_clip`.
    """
    if is_packed(path):
        return _describe_packed(path)
    try:
        return describe_audio(path, max_seconds=math.inf)
    except BadAudio:
        if not _may_be_packed(path):
            raise
    return _describe_packed(path)


def is_packed(path: Path) -> bool:
    """Whether only the decoder of uploads reads such a file."""
    return path.suffix.lower() in PACKED_SUFFIXES


def _may_be_packed(path: Path) -> bool:
    return path.suffix.lower() in _OFTEN_ODD and path.is_file()


def _load_plain(piece: Piece, max_seconds: float) -> Audio:
    if piece.end_s:
        return load_stretch(piece.path, piece.start_s, piece.end_s)
    return load_audio(piece.path, max_seconds=max_seconds)


def _load_packed(piece: Piece, max_seconds: float) -> Audio:
    if not piece.end_s:
        limits = Limits(max_seconds=max_seconds)
        return decode_sound(_there(piece.path), str(piece.path), limits=limits)[0]
    return _load_packed_stretch(piece)


def _load_packed_stretch(piece: Piece) -> Audio:
    status = _there(piece.path).stat()
    first = int(piece.start_s // _BLOCK_S)
    blocks = [
        _block(piece.path, status.st_mtime_ns, status.st_size, number)
        for number in range(first, math.ceil(piece.end_s / _BLOCK_S))
    ]
    rate = blocks[0][1]
    start, end = (round((at - first * _BLOCK_S) * rate) for at in (piece.start_s, piece.end_s))
    samples = np.concatenate([samples for samples, _ in blocks])[start:end]
    if len(samples) == 0:
        raise BadAudio(f"'{piece.path}' ends before {piece.start_s:g} s. Open its folder again.")
    return Audio(samples, rate)


@lru_cache(maxsize=4)
def _block(path: Path, mtime_ns: int, n_bytes: int, number: int) -> tuple[NDArray[np.float32], int]:
    """The samples of one block of a packed file, and their rate; it is read no further."""
    del mtime_ns, n_bytes
    with open_sound(path, str(path)) as stream:
        start, end = (at * _BLOCK_S * stream.sample_rate for at in (number, number + 1))
        n_read, kept = 0, [np.empty(0, np.float32)]
        for samples in stream:
            kept.append(samples[max(0, start - n_read) : max(0, end - n_read)])
            n_read += len(samples)
            if n_read >= end:
                break
        return np.concatenate(kept), stream.sample_rate


def _describe_packed(path: Path) -> AudioInfo:
    with open_sound(_there(path), str(path)) as stream:
        seconds = stream.claimed_s
        if not seconds:
            seconds = sum(len(samples) for samples in stream) / stream.sample_rate
        return AudioInfo(stream.sample_rate, stream.channels, stream.codec, seconds)


def _there(path: Path) -> Path:
    if not path.exists():
        raise BadAudio(f"'{path}' is missing. Put the file back or leave it out.")
    return path
