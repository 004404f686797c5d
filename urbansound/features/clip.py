"""One sound file, or a handful, as rows of features."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.errors import BadAudio, BadConfig
from urbansound.features.mfcc import log_mel, mean_mfcc
from urbansound.files import sha256_of
from urbansound.records import Audio, FeatureSpec

CLIP_SECONDS = 4


@dataclass(frozen=True, eq=False)
class FileRows:
    """Rows of the files that could be read, and why the others could not.

    rows is [n_ok, *row_shape(spec)], positions int64 [n_ok] says which file of those
    asked for a row is, sha256 is each row's file's checksum, failed maps the other
    positions to a sentence.
    """

    rows: NDArray[Any]
    positions: NDArray[np.int64]
    sha256: tuple[str, ...]
    failed: dict[int, str]


def check_spec(spec: FeatureSpec) -> None:
    """BadConfig for a pair of kind and pooling that this app has no features for."""
    if (spec.kind, spec.pooling) not in (("mfcc", "mean"), ("logmel", "none")):
        raise BadConfig(
            f"Features of kind '{spec.kind}' with pooling '{spec.pooling}' are not available. "
            "Choose 'mfcc' with 'mean', or 'logmel' with 'none'."
        )


def row_shape(spec: FeatureSpec) -> tuple[int, ...]:
    """The shape of one clip's row: [n_mfcc], or [n_mels, frames of 4 s]."""
    if spec.kind == "mfcc":
        return (spec.n_mfcc,)
    return (spec.n_mels, 1 + CLIP_SECONDS * spec.sample_rate // spec.hop_length)


def row_type(spec: FeatureSpec) -> "np.dtype[Any]":
    """float32 for MFCCs; float16 for log-mel, which is a thousand times larger."""
    return np.dtype(np.float32 if spec.kind == "mfcc" else np.float16)


def clip_row(audio: Audio, spec: FeatureSpec) -> NDArray[Any]:
    """A clip's row: its mean MFCCs, or its log-mel over 4 s, cut or filled with zeros."""
    if spec.kind == "mfcc":
        return mean_mfcc(audio, spec)
    wave = resample(audio, spec.sample_rate).samples[: CLIP_SECONDS * spec.sample_rate]
    wave = np.pad(wave, (0, CLIP_SECONDS * spec.sample_rate - len(wave)))
    return log_mel(wave, spec).astype(np.float16)


def read_rows(paths: Sequence[Path], spec: FeatureSpec) -> FileRows:
    """The rows of some files, one after the other in this process; a bad file is named."""
    rows: list[NDArray[Any]] = []
    checksums: list[str] = []
    failed: dict[int, str] = {}
    for position, path in enumerate(paths):
        try:
            row, checksum = clip_row(load_audio(path), spec), sha256_of(path)
        except (BadAudio, OSError) as error:
            failed[position] = str(error)
        else:
            rows.append(row)
            checksums.append(checksum)
    positions = [position for position in range(len(paths)) if position not in failed]
    stacked = np.array(rows, row_type(spec)).reshape(-1, *row_shape(spec))
    return FileRows(stacked, np.array(positions, np.int64), tuple(checksums), failed)
