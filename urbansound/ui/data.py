"""The dataset at hand, and what its clips sound and look like: cached by file and change time.

It needs no session, so the routes that serve sounds and pictures use it too.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import peak_db, to_wav_bytes
from urbansound.dataset.index import SIDECAR, TABLE, default_root, load_dataset
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import read_sidecar, state_of
from urbansound.features.spec import MFCC40
from urbansound.files import digest_of, modified_at
from urbansound.labels import class_style
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED, data_dir, demo_root, outputs_dir, real_root
from urbansound.records import Audio, Clip, DatasetIndex, FeatureTable
from urbansound.ui import plots

Floats = NDArray[np.float32]

# What a page opens: longer sounds would take gigabytes, and have the command line.
MAX_SECONDS = 600.0


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
    """A short token that changes whenever the dataset's table does."""
    return digest_of([str(index.root), _stamp(index.root)])[:12]


def clip_version(index: DatasetIndex, number: int) -> str:
    """A short token that changes with the table and the clip's file; part of its addresses."""
    path = index.audio_path(index.clips[number])
    return digest_of([dataset_version(index), number, _mtimes(path)])[:12]


def _stamp(root: Path) -> tuple[float, ...]:
    return _mtimes(root / TABLE, root / "labels.pt", root / "folds.pt", root / SIDECAR)


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
    path = index.audio_path(index.clips[number])
    return _audio(path, _mtimes(path))


@functools.lru_cache(maxsize=64)
def _audio(path: Path, stamp: tuple[float, ...]) -> Audio:
    del stamp
    return load_audio(path, max_seconds=MAX_SECONDS)


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


def clip_mfcc_picture(index: DatasetIndex, number: int) -> bytes:
    """A clip's MFCCs over time as PNG."""
    return _mfcc_picture(index.root, clip_version(index, number), number)


@functools.lru_cache(maxsize=128)
def _mfcc_picture(root: Path, version: str, number: int) -> bytes:
    del version
    index = _load(root, _stamp(root))
    audio = clip_audio(index, number)
    return plots.png(lambda: plots.mfcc_figure(audio))


def feature_table(index: DatasetIndex) -> FeatureTable | None:
    """The 40 means of all clips; None until they have been measured as they are now.

    Looks at the time of every file, 20 ms for all of UrbanSound8K, and measures none.
    """
    stamps = _mtimes(*feature_files(index, MFCC40))
    if not all(stamps):
        return None
    clips = _mtimes(*map(index.audio_path, index.clips)) if index.has_audio else ()
    try:
        return _features(index.root, dataset_version(index), stamps, hash(clips))
    except _WouldTakeLongError:
        return None


@functools.lru_cache(maxsize=2)
def _features(
    root: Path, version: str, stamps: tuple[float, ...], clips: int
) -> FeatureTable | None:
    del version, stamps, clips
    index = _load(root, _stamp(root))
    return load_features(index, MFCC40, on_progress=_give_up) if _is_measured(index) else None


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
