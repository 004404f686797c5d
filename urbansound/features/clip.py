"""One sound file, or a handful, as rows of features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.clips import Piece, load_piece
from urbansound.audio.signal import resample
from urbansound.checksum import checksum_of, checksum_of_file
from urbansound.errors import BadAudio, BadConfig
from urbansound.features.mfcc import log_mel, mean_mfcc
from urbansound.features.statistics import N_GROUPS, frame_statistics
from urbansound.records import CLIP_S, Audio, FeatureSpec
from urbansound.stages import staged

_KINDS = (("mfcc", "mean"), ("mfcc", "statistics"), ("logmel", "statistics"), ("logmel", "none"))


@dataclass(frozen=True, eq=False)
class FileRows:
    """Rows of the files that could be read, and why the others could not.

    rows is [n_ok, *row_shape(spec)], positions int64 [n_ok] says which file of those
    asked for a row is, checksums are those of the rows' files, failed maps the other
    positions to a sentence.
    """

    rows: NDArray[Any]
    positions: NDArray[np.int64]
    checksums: tuple[str, ...]
    failed: dict[int, str]


def check_spec(spec: FeatureSpec) -> None:
    """BadConfig for a pair of kind and pooling that this app has no features for."""
    if (spec.kind, spec.pooling) not in _KINDS:
        pairs = " or ".join(f"'{kind}' with '{pooling}'" for kind, pooling in _KINDS)
        raise BadConfig(
            f"Features of kind '{spec.kind}' with pooling '{spec.pooling}' are not available. "
            f"Choose {pairs}."
        )


def row_shape(spec: FeatureSpec) -> tuple[int, ...]:
    """The shape of one clip's row: [n_features], or [n_mels, frames of 4 s] where not pooled."""
    if spec.pooling == "none":
        return (spec.n_mels, 1 + _n_samples(spec) // spec.hop_length)
    n_values = spec.n_mfcc if spec.kind == "mfcc" else spec.n_mels
    return (n_values * N_GROUPS,) if spec.pooling == "statistics" else (n_values,)


def row_type(spec: FeatureSpec) -> "np.dtype[Any]":
    """The type rows are kept in: float32; float16 for log-mel, which is a thousand times larger."""
    return np.dtype(np.float16 if spec.pooling == "none" else np.float32)


def clip_features(audio: Audio, spec: FeatureSpec) -> NDArray[np.float32]:
    """The features [*row_shape(spec)] of a sound of any rate and length, as networks hear it.

    Pooled features are of the sound's own length; a log-mel spectrogram is of its first 4 s,
    filled up with silence. Training and classification both go through here. BadAudio for no
    samples, BadConfig for features that there are none of.
    """
    check_spec(spec)
    if spec.pooling == "mean":
        return mean_mfcc(audio, spec)
    wave = resample(audio, spec.sample_rate).samples
    if spec.pooling == "statistics":
        return frame_statistics(wave, spec)
    return log_mel(_four_seconds(wave, spec), spec)


def clip_row(audio: Audio, spec: FeatureSpec) -> NDArray[Any]:
    """The sound's features in the type that they are kept in."""
    return clip_features(audio, spec).astype(row_type(spec), copy=False)


def _four_seconds(wave: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float32]:
    n_samples = _n_samples(spec)
    if len(wave) == 0:
        return wave
    return np.pad(wave[:n_samples], (0, max(0, n_samples - len(wave))))


def _n_samples(spec: FeatureSpec) -> int:
    return int(CLIP_S * spec.sample_rate)


def read_rows(pieces: Sequence[Piece], spec: FeatureSpec) -> FileRows:
    """The rows of some sounds, one after the other in this process; a bad file is named."""
    rows: list[NDArray[Any]] = []
    checksums: list[str] = []
    failed: dict[int, str] = {}
    for position, piece in enumerate(pieces):
        try:
            audio = load_piece(piece)
            row, checksum = clip_row(audio, spec), _checksum(piece, audio)
        except (BadAudio, OSError) as error:
            failed[position] = str(error)
        else:
            rows.append(row)
            checksums.append(checksum)
    positions = [position for position in range(len(pieces)) if position not in failed]
    stacked = np.array(rows, row_type(spec)).reshape(-1, *row_shape(spec))
    return FileRows(stacked, np.array(positions, np.int64), tuple(checksums), failed)


@staged("checksum")
def _checksum(piece: Piece, audio: Audio) -> str:
    """Of the file; of the samples where they are a piece of it."""
    if piece.end_s:
        return checksum_of(audio.samples.tobytes())
    return checksum_of_file(piece.path)
