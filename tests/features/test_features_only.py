from pathlib import Path

import numpy as np
import pytest
import torch

from urbansound.errors import BadConfig, BadDataset
from urbansound.features.cache import feature_files, load_features
from urbansound.features.spec import LOGMEL, MFCC40, MFCC_STATISTICS
from urbansound.records import Clip, DatasetIndex

N_CLIPS = 5


@pytest.fixture
def index(tmp_path: Path) -> DatasetIndex:
    """A folder with the article's three tensors and nothing else."""
    clips = tuple(Clip("", n + 1, n % 2) for n in range(N_CLIPS))
    features = np.random.default_rng(0).standard_normal((N_CLIPS, 40)).astype(np.float32)
    save(tmp_path, "features_mfccs", features)
    save(tmp_path, "labels", np.array([clip.class_id for clip in clips]))
    save(tmp_path, "folds", np.array([clip.fold for clip in clips]))
    return DatasetIndex("features", tmp_path, clips, ("a", "b"), has_audio=False)


def save(folder: Path, name: str, values: np.ndarray) -> None:
    torch.save(torch.from_numpy(values), folder / f"{name}.pt")


def test_the_tensors_are_the_table(index: DatasetIndex) -> None:
    table = load_features(index, MFCC40)
    saved = torch.load(index.root / "features_mfccs.pt", weights_only=True)
    np.testing.assert_array_equal(table.features, saved.numpy())
    np.testing.assert_array_equal(table.labels, [0, 1, 0, 1, 0])
    np.testing.assert_array_equal(table.folds, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(table.clip_numbers, np.arange(N_CLIPS))
    assert [path.parent for path in feature_files(index, MFCC40)] == [index.root] * 3


def test_the_digest_is_of_the_values(index: DatasetIndex) -> None:
    first = load_features(index, MFCC40).data_digest
    assert load_features(index, MFCC40).data_digest == first
    save(index.root, "folds", np.array([1, 2, 3, 4, 6]))
    assert load_features(index, MFCC40).data_digest != first


def test_other_features_than_the_article_s_are_refused(index: DatasetIndex) -> None:
    for spec in (LOGMEL, MFCC_STATISTICS):
        with pytest.raises(BadConfig, match="holds no sound"):
            load_features(index, spec)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("features_mfccs", np.zeros((N_CLIPS, 39), np.float32), r"\[5, 39\]"),
        ("features_mfccs", np.zeros((N_CLIPS - 1, 40), np.float32), "4 rows"),
        ("features_mfccs", np.full((N_CLIPS, 40), np.nan, np.float32), "Row 0"),
        ("labels", np.array([0, 1, 0, 1, 2]), "hold 2; 0 to 1"),
        ("labels", np.array([0, 1, 0, 1, -1]), "hold -1; 0 to 1"),
        ("labels", np.zeros(N_CLIPS, np.float32), "whole numbers"),
        ("folds", np.ones((N_CLIPS, 1), np.int64), "whole numbers"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    index: DatasetIndex, name: str, values: np.ndarray, words: str
) -> None:
    save(index.root, name, values)
    with pytest.raises(BadDataset, match=words):
        load_features(index, MFCC40)


def test_a_damaged_tensor_is_named(index: DatasetIndex) -> None:
    (index.root / "labels.pt").write_bytes(b"not a tensor")
    with pytest.raises(BadDataset, match=r"labels\.pt' is damaged"):
        load_features(index, MFCC40)
