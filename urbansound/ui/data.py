"""The dataset at hand, and what its clips sound and look like: cached by file and change time.

It needs no session, so the routes that serve sounds and pictures use it too.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import peak_db, to_wav_bytes
from urbansound.dataset.index import SIDECAR, TABLE, default_root, load_dataset
from urbansound.features.cache import feature_files, load_features
from urbansound.features.spec import MFCC40
from urbansound.files import digest_of
from urbansound.labels import class_style
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED, data_dir, demo_root, outputs_dir, real_root
from urbansound.records import Audio, Clip, DatasetIndex, FeatureTable
from urbansound.ui import plots

Floats = NDArray[np.float32]


def current_dataset() -> DatasetIndex | None:
    """The dataset that pages show; None where there is none yet.

    BadDataset says what is wrong with one that cannot be used.
    """
    folder = data_dir()
    places = (real_root() / "audio", real_root() / TABLE, demo_root() / TABLE)
    tensors = (folder / "labels.pt", folder / SIDECAR)
    root = _root(folder, _mtimes(*places, *tensors))
    return None if root is None else _load(root, _stamp(root))


@functools.lru_cache(maxsize=4)
def _root(folder: Path, stamps: tuple[float, ...]) -> Path | None:
    """Looked up once for each state of the folder: a demo set has many files to look at."""
    del folder, stamps
    return default_root()


def dataset_version(index: DatasetIndex) -> str:
    """A short token that changes whenever the dataset's table does; part of every address."""
    return digest_of([str(index.root), _stamp(index.root)])[:12]


def _stamp(root: Path) -> tuple[float, ...]:
    return _mtimes(root / TABLE, root / "labels.pt", root / "folds.pt", root / SIDECAR)


def _mtimes(*places: Path) -> tuple[float, ...]:
    return tuple(place.stat().st_mtime if place.exists() else 0.0 for place in places)


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


def clip_number(index: DatasetIndex, path: str) -> int | None:
    """Where in the index the clip with this path stands."""
    return _numbers_by_path(index.root, dataset_version(index), index.clips).get(path)


@functools.lru_cache(maxsize=2)
def _numbers_by_path(root: Path, version: str, clips: tuple[Clip, ...]) -> dict[str, int]:
    del root, version
    return {clip.path: number for number, clip in enumerate(clips)}


def clip_audio(index: DatasetIndex, number: int) -> Audio:
    """The sound of a clip, at its own rate; BadAudio where it cannot be read."""
    path = index.audio_path(index.clips[number])
    stamp = path.stat().st_mtime if path.is_file() else 0.0
    return _audio(path, stamp)


@functools.lru_cache(maxsize=64)
def _audio(path: Path, stamp: float) -> Audio:
    del stamp
    return load_audio(path)


def clip_wav(index: DatasetIndex, number: int) -> bytes:
    """The sound of a clip as a 16-bit mono WAV that any browser plays."""
    return to_wav_bytes(clip_audio(index, number))


def clip_peak_db(index: DatasetIndex, number: int) -> float:
    """The clip's loudest moment in dB below full scale."""
    return peak_db(clip_audio(index, number).samples)


def clip_wave_svg(index: DatasetIndex, number: int, *, is_wide: bool = False) -> bytes:
    """The clip's waveform over 0 to 4 s as an SVG in its class's colour; finer where wide."""
    color = clip_color(index, index.clips[number])
    return plots.wave_svg(clip_audio(index, number), color, is_wide=is_wide).encode()


def clip_thumbnail(index: DatasetIndex, number: int) -> bytes:
    """The clip's waveform as a small PNG in its class's colour."""
    return plots.wave_thumbnail(clip_audio(index, number), clip_color(index, index.clips[number]))


PICTURES: dict[str, Callable[[Audio], Figure]] = {
    "spectrogram": plots.spectrogram_figure,
    "mfcc": plots.mfcc_figure,
}


def clip_picture(index: DatasetIndex, number: int, kind: str) -> bytes:
    """A picture of a clip's sound as PNG: "spectrogram" or "mfcc"."""
    return _picture(index.root, dataset_version(index), number, kind)


@functools.lru_cache(maxsize=128)
def _picture(root: Path, version: str, number: int, kind: str) -> bytes:
    del version
    index = _load(root, _stamp(root))
    return plots.png(PICTURES[kind](clip_audio(index, number)))


def feature_table(index: DatasetIndex) -> FeatureTable | None:
    """The 40 means of all clips; None until they have been measured once."""
    files = feature_files(index, MFCC40)
    if not all(file.is_file() for file in files):
        return None
    stamps = tuple(file.stat().st_mtime for file in files)
    return _features(index.root, dataset_version(index), stamps)


@functools.lru_cache(maxsize=2)
def _features(root: Path, version: str, stamps: tuple[float, ...]) -> FeatureTable:
    del version, stamps
    return load_features(_load(root, _stamp(root)), MFCC40)


@dataclass(frozen=True, eq=False)
class ClipMeans:
    """A clip's 40 means and the band of its class, in standard deviations from the average."""

    values: Floats
    low: Floats
    high: Floats


def clip_means(index: DatasetIndex, number: int) -> ClipMeans | None:
    """The clip's 40 means beside the band in which 8 of 10 clips of its class lie.

    None until all clips have been measured, and for a clip that could not be read.
    """
    table = feature_table(index)
    rows = np.flatnonzero(table.clip_numbers == number) if table is not None else np.array([])
    if table is None or len(rows) == 0:
        return None
    spread = np.maximum(table.features.std(axis=0), 1e-6)
    scores = (table.features - table.features.mean(axis=0)) / spread
    own_class = scores[table.labels == index.clips[number].class_id]
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
