"""Sounds that are like clips of a person's own folder, where clips are cut out of long files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.dataset.layouts import write_class_folders
from urbansound.audio.clips import load_clip
from urbansound.checksum import checksum_of_file
from urbansound.dataset.index import load_dataset
from urbansound.experiment.twins import find_file, find_twin
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import read_sidecar
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, DatasetIndex

RATE = 22050


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetIndex:
    """Two classes of tones and, among them, 20 s of noise whose pitch rises."""
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    root = write_class_folders(tmp_path / "mine", ("a", "b"), n=3)
    noise = np.random.default_rng(0).standard_normal(20 * RATE)
    swell = 1 + 0.9 * np.sin(np.arange(len(noise)) / RATE)
    soundfile.write(root / "b" / "long.wav", 0.05 * noise * swell, RATE)
    return load_dataset(root)


def test_a_stretch_of_a_long_file_is_found_as_that_clip(index: DatasetIndex) -> None:
    table = load_features(index, MFCC40)
    number = next(n for n, clip in enumerate(index.clips) if clip.path == "b/long.wav#t=8,12")
    heard = load_clip(index, index.clips[number])
    twin = find_twin(Audio(0.5 * heard.samples, RATE), index, table)
    assert twin is not None
    assert (twin.number, twin.kind) == (number, "copy")


def test_a_whole_long_file_is_not_one_of_its_clips(index: DatasetIndex) -> None:
    load_features(index, MFCC40)
    sidecar = read_sidecar(feature_files(index, MFCC40)[-1])
    assert sidecar is not None
    whole, long = (
        checksum_of_file(index.root / "a" / "take 0.wav"),
        checksum_of_file(index.root / "b/long.wav"),
    )
    found = find_file(index, sidecar, whole)
    assert found is not None
    assert index.clips[found.number].path == "a/take 0.wav"
    assert find_file(index, sidecar, long) is None
