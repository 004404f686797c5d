"""Features of datasets that are not laid out as UrbanSound8K is, and where they are kept."""

from pathlib import Path

import numpy as np
import pytest

from tests.dataset.layouts import RATE, write_class_folders, write_esc50, write_m4a, write_sound
from urbansound.audio.clips import Piece, load_clip
from urbansound.audio.decode import load_audio
from urbansound.checksum import checksum_of_file
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadDataset
from urbansound.features import cache
from urbansound.features.cache import feature_files, load_features
from urbansound.features.clip import clip_row
from urbansound.features.extract import extract
from urbansound.features.sidecar import read_sidecar
from urbansound.features.spec import LOGMEL, MFCC40, MFCC_STATISTICS
from urbansound.records import Audio, FeatureSpec


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_class_folders(tmp_path / "mine", n=2)
    write_sound(root / "drum" / "long.wav", 1, 10.5)
    write_m4a(root / "drum" / "phone.m4a", 1, 9)
    return root


@pytest.mark.parametrize("spec", [MFCC40, MFCC_STATISTICS, LOGMEL])
def test_each_row_is_of_its_own_clip(root: Path, spec: FeatureSpec) -> None:
    index = load_dataset(root)
    table = load_features(index, spec)
    assert len(table.labels) == len(index.clips) == 6 + 3 + 3
    for row, clip in zip(table.features, index.clips, strict=True):
        np.testing.assert_array_equal(row, clip_row(load_clip(index, clip), spec))


def test_many_clips_of_one_file_are_the_same_from_a_pool(tmp_path: Path) -> None:
    root = write_class_folders(tmp_path / "mine", n=2)
    write_sound(root / "drum" / "long.wav", 1, 200)
    write_m4a(root / "drum" / "phone.m4a", 1, 150)
    index = load_dataset(root)
    assert len(index.clips) > 64
    alone, _, _ = extract(index, MFCC40, workers=1)
    together, numbers, failed = extract(index, MFCC40, workers=2)
    np.testing.assert_array_equal(alone, together)
    assert (len(numbers), failed) == (len(index.clips), ())


def test_features_are_kept_within_the_app_s_data_and_used_again(
    root: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_features(load_dataset(root), MFCC40)
    files = feature_files(load_dataset(root), MFCC40)
    assert all(file.is_file() and data in file.parents for file in files)
    assert {path.name for path in root.parent.iterdir()} == {"mine", "data"}
    monkeypatch.setattr(cache, "extract_files", None)
    again = load_features(load_dataset(root), MFCC40)
    np.testing.assert_array_equal(first.features, again.features)
    assert first.data_digest == again.data_digest


def test_two_folders_of_one_name_do_not_share_their_features(tmp_path: Path) -> None:
    one = load_dataset(write_class_folders(tmp_path / "a" / "mine", n=2))
    other = load_dataset(write_class_folders(tmp_path / "b" / "mine", n=3))
    assert len(load_features(one, MFCC40).labels) == 6
    assert len(load_features(other, MFCC40).labels) == 9
    assert not set(feature_files(one, MFCC40)) & set(feature_files(other, MFCC40))


def test_features_of_another_folder_are_refused_not_overwritten(root: Path) -> None:
    index = load_dataset(root)
    load_features(index, MFCC40)
    sidecar = feature_files(index, MFCC40)[-1]
    kept = read_sidecar(sidecar)
    assert kept is not None
    assert Path(kept.root) == root
    moved = load_dataset(root.rename(root.parent / "moved"))
    for file in feature_files(moved, MFCC40):
        file.parent.mkdir(parents=True, exist_ok=True)
    sidecar.rename(feature_files(moved, MFCC40)[-1])
    with pytest.raises(BadDataset, match="are those of"):
        load_features(moved, MFCC40)


def test_only_the_clips_of_a_changed_file_are_measured_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_features(load_dataset(root), MFCC40)
    write_sound(root / "drum" / "long.wav", 2, 10.5, seed=5)
    asked: list[str] = []
    extract_files = cache.extract_files

    def counting(pieces: list[Piece], *args: object, **options: object) -> object:
        asked.extend(f"{piece.path.name} {piece.start_s:g}" for piece in pieces)
        return extract_files(pieces, *args, **options)

    monkeypatch.setattr(cache, "extract_files", counting)
    load_features(load_dataset(root), MFCC40)
    assert asked == ["long.wav 0", "long.wav 4", "long.wav 8"]


def test_a_piece_s_checksum_is_not_that_of_its_file(root: Path) -> None:
    index = load_dataset(root)
    load_features(index, MFCC40)
    kept = read_sidecar(feature_files(index, MFCC40)[-1])
    assert kept is not None
    assert kept.files["bell/take 0.wav"].checksum == checksum_of_file(root / "bell" / "take 0.wav")
    pieces = [kept.files[clip.path].checksum for clip in index.clips if clip.file]
    assert len(set(pieces)) == 6
    assert checksum_of_file(root / "drum" / "long.wav") not in pieces


def test_a_spectrogram_of_five_seconds_is_that_of_the_first_four(tmp_path: Path) -> None:
    index = load_dataset(write_esc50(tmp_path / "esc", n=1))
    table = load_features(index, LOGMEL)
    first = load_audio(index.audio_path(index.clips[0]))
    assert first.duration_s == 5
    four = Audio(first.samples[: 4 * RATE], RATE)
    np.testing.assert_array_equal(table.features[0], clip_row(four, LOGMEL))
