"""Clips on disk: 16-bit PCM mono WAV files in the official layout."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.demo.plan import SEED, Recording, Slice
from urbansound.dataset.demo.synth import SAMPLE_RATE, seconds

HEADER_BYTES = 44


def clip_path(root: Path, recording: Recording, cut: Slice) -> Path:
    """Where the clip lies under a dataset's root."""
    return root / "audio" / f"fold{recording.fold}" / recording.name(cut)


def n_samples(cut: Slice) -> int:
    """How many samples the clip has."""
    return seconds(cut.end_s - cut.start_s)


def n_bytes(cut: Slice) -> int:
    """How many bytes the clip's file has."""
    return HEADER_BYTES + 2 * n_samples(cut)


def render_clips(recording: Recording) -> Iterator[tuple[Slice, NDArray[np.int16]]]:
    """Each clip of the recording with its samples, int16 [n]; a clip depends on no other."""
    scene = recording.scene()
    for k, cut in enumerate(recording.slices):
        yield cut, scene.render(np.random.default_rng([SEED, recording.id, k]), n_samples(cut))


def write_clips(root: Path, recording: Recording) -> Iterator[Path]:
    """Write the recording's clips under `root`; each path once it is written. May raise OSError."""
    for cut, samples in render_clips(recording):
        path = clip_path(root, recording, cut)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file, wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(SAMPLE_RATE)
            wav.writeframes(samples.astype("<i2").tobytes())
        yield path
