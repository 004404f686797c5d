"""The dataset at hand, and what its clips sound and look like: cached by file and change time.

All but the choice of the dataset needs no session: routes serve sounds and pictures by it.
"""

import functools
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.clips import Piece, load_piece, piece_of
from urbansound.audio.signal import peak_db, to_wav_bytes
from urbansound.dataset.index import SIDECAR, load_dataset
from urbansound.evaluation.unheard import is_same_data
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import read_sidecar, state_of
from urbansound.features.spec import MFCC40
from urbansound.files import digest_of, modified_at
from urbansound.labels import class_style
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED, outputs_dir
from urbansound.records import Audio, Card, Clip, DatasetIndex, FeatureTable
from urbansound.ui.opened import chosen_root, folder_times, root_of, token_of
from urbansound.ui.thumbnails import wave_thumbnail
from urbansound.ui.wave_drawing import wave_svg

Floats = NDArray[np.float32]

# What a page opens: longer sounds would take gigabytes, and have the command line.
MAX_SECONDS = 600.0
_LOOK_EVERY_S = 30.0


def current_dataset() -> DatasetIndex | None:
    """The dataset that this session's pages show; None where there is none yet.

    BadDataset says what is wrong with one that cannot be used.
    """
    root = chosen_root()
    return None if root is None else dataset_at(root)


def dataset_at(root: Path) -> DatasetIndex:
    """The dataset in this folder, looked at again when it has changed; BadDataset as above."""
    return _load(root, _stamp(root))


def dataset_token(index: DatasetIndex) -> str:
    """What a dataset is called in addresses and names of jobs."""
    return token_of(index.root)


def dataset_version(index: DatasetIndex) -> str:
    """A short token that changes whenever the dataset's table does."""
    return digest_of([str(index.root), _stamp(index.root)])[:12]


def clip_version(index: DatasetIndex, number: int) -> str:
    """The dataset's token and one that changes with the clip's file; part of its addresses."""
    path = index.audio_path(index.clips[number])
    digest = digest_of([dataset_version(index), number, _mtimes(path)])[:12]
    return f"{dataset_token(index)}-{digest}"


def dataset_of_version(version: str) -> DatasetIndex | None:
    """The dataset that a clip's version is of, where it is known here."""
    root = root_of(version.partition("-")[0])
    return None if root is None else dataset_at(root)


def _stamp(root: Path) -> tuple[float, ...]:
    tensors = _mtimes(root / "labels.pt", root / "folds.pt", root / SIDECAR)
    return (*tensors, *folder_times(root)) if not any(tensors[:2]) else tensors


def _mtimes(*places: Path) -> tuple[float, ...]:
    return tuple(map(modified_at, places))


@functools.lru_cache(maxsize=4)
def _load(root: Path, stamp: tuple[float, ...]) -> DatasetIndex:
    del stamp
    return load_dataset(root)


def clip_title(index: DatasetIndex, clip: Clip) -> str:
    """The clip's class as a person reads it."""
    return class_style(index.class_names[clip.class_id], clip.class_id).title


def clip_color(index: DatasetIndex, clip: Clip) -> str:
    """The colour of the clip's class."""
    return class_style(index.class_names[clip.class_id], clip.class_id).color


def clip_audio(index: DatasetIndex, number: int) -> Audio:
    """The sound of a clip, at its own rate; BadAudio where it cannot be read."""
    piece = piece_of(index, index.clips[number])
    return _audio(piece, _mtimes(piece.path))


@functools.lru_cache(maxsize=64)
def _audio(piece: Piece, stamp: tuple[float, ...]) -> Audio:
    del stamp
    return load_piece(piece, max_seconds=MAX_SECONDS)


def clip_wav(index: DatasetIndex, number: int) -> bytes:
    """The sound of a clip as a 16-bit mono WAV that any browser plays."""
    return to_wav_bytes(clip_audio(index, number))


def clip_peak_db(index: DatasetIndex, number: int) -> float:
    """The clip's loudest moment in dB below full scale."""
    return peak_db(clip_audio(index, number).samples)


def clip_wave_svg(index: DatasetIndex, number: int, *, is_wide: bool = False) -> bytes:
    """The clip's waveform over 0 to 4 s as an SVG in its class's colour; finer where wide."""
    color = clip_color(index, index.clips[number])
    return wave_svg(clip_audio(index, number), color, is_wide=is_wide).encode()


def clip_thumbnail(index: DatasetIndex, number: int) -> bytes:
    """The clip's waveform as a small PNG in its class's colour, drawn once."""
    return _thumbnail(index.root, clip_version(index, number), number)


# 1 to 3 kB each.
@functools.lru_cache(maxsize=20_000)
def _thumbnail(root: Path, version: str, number: int) -> bytes:
    del version
    index = dataset_at(root)
    return wave_thumbnail(clip_audio(index, number), clip_color(index, index.clips[number]))


def feature_table(index: DatasetIndex) -> FeatureTable | None:
    """The 40 means of all clips; None until they have been measured as they are now.

    Measures none. A changed sound file is noticed within half a minute: looking at the time
    of each of 100,000 files takes most of a second.
    """
    stamps = _mtimes(*feature_files(index, MFCC40))
    if not all(stamps):
        return None
    half_minute = int(time.monotonic() / _LOOK_EVERY_S)
    try:
        return _features(index.root, dataset_version(index), stamps, half_minute)
    except _WouldTakeLongError:
        return None


@functools.lru_cache(maxsize=4)
def _features(
    root: Path, version: str, stamps: tuple[float, ...], half_minute: int
) -> FeatureTable | None:
    del version, stamps, half_minute
    index = _load(root, _stamp(root))
    return load_features(index, MFCC40, on_progress=_give_up) if _is_measured(index) else None


def has_folds_of(card: Card, index: DatasetIndex) -> bool:
    """Whether what a card says of folds holds for this dataset: the very files it learned from.

    Folds made by recording are dealt anew when a file comes or goes, and two folders may bear
    one name.
    """
    if is_same_data(card, index, ""):
        return True
    if card.dataset_name != index.name:
        return False
    path = feature_files(index, card.spec.features)[-1]
    digest = _digest_of(index.root, dataset_version(index), path, modified_at(path))
    return is_same_data(card, index, digest)


@functools.lru_cache(maxsize=16)
def _digest_of(root: Path, version: str, sidecar_path: Path, stamp: float) -> str:
    """The digest of what was measured of just these files; empty where it was of others."""
    del version
    sidecar = read_sidecar(sidecar_path) if stamp else None
    paths = {clip.path for clip in _load(root, _stamp(root)).clips}
    return sidecar.data_digest if sidecar is not None and set(sidecar.files) == paths else ""


class _WouldTakeLongError(Exception):
    """Another process measures, or what is kept turned out to be damaged."""


def _give_up(done: int, total: int) -> None:
    raise _WouldTakeLongError


def _is_measured(index: DatasetIndex) -> bool:
    """Whether `load_features` has nothing to extract: every file is as it was measured."""
    if not index.has_audio:
        return True
    sidecar = read_sidecar(feature_files(index, MFCC40)[-1])
    return sidecar is not None and all(
        clip.path in sidecar.files
        and sidecar.files[clip.path].is_like(state_of(index.audio_path(clip)))
        for clip in index.clips
    )


@dataclass(frozen=True, eq=False)
class ClipMeans:
    """A clip's 40 means and the band of its class, in standard deviations from the average."""

    values: Floats
    low: Floats
    high: Floats


def clip_means(table: FeatureTable, number: int) -> ClipMeans | None:
    """The clip's 40 means beside the band in which 8 of 10 clips of its class lie.

    None for a clip that could not be read.
    """
    rows = np.flatnonzero(table.clip_numbers == number)
    if len(rows) == 0:
        return None
    spread = np.maximum(table.features.std(axis=0), 1e-6)
    scores = (table.features - table.features.mean(axis=0)) / spread
    own_class = scores[table.labels == table.labels[rows[0]]]
    low, high = np.quantile(own_class, (0.1, 0.9), axis=0)
    return ClipMeans(scores[rows[0]], low, high)


def ready_models() -> list[str]:
    """Titles of the models that can classify now: this computer's own and those that ship."""
    folders = (outputs_dir(), PRETRAINED)
    return [
        info.title
        for info in MODELS.values()
        if any((folder / f"{info.name}.pth").is_file() for folder in folders)
    ]
