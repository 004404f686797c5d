from pathlib import Path

import numpy as np
import pytest
import torch

from urbansound.article_tensors import TENSOR_FILES, has_tensors, read_tensors, write_tensors
from urbansound.errors import BadDataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    features = rng.standard_normal((6, 40)).astype(np.float32)
    write_tensors(tmp_path, features, np.arange(6), np.arange(6) + 1)
    return tmp_path


def test_tensors_come_back_as_they_were_written(folder: Path) -> None:
    features, labels, folds = read_tensors(folder)
    assert features.dtype == np.float32
    assert features.shape == (6, 40)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert folds.tolist() == [1, 2, 3, 4, 5, 6]


def test_the_article_s_own_torch_load_reads_the_files(folder: Path) -> None:
    loaded = [torch.load(folder / name) for name in TENSOR_FILES]
    assert [tensor.dtype for tensor in loaded] == [torch.float32, torch.int64, torch.int64]
    assert [list(tensor.shape) for tensor in loaded] == [[6, 40], [6], [6]]


def test_a_folder_has_tensors_only_with_all_three(folder: Path) -> None:
    assert has_tensors(folder)
    (folder / "folds.pt").unlink()
    assert not has_tensors(folder)
    with pytest.raises(BadDataset, match=r"folds\.pt' is missing"):
        read_tensors(folder)


@pytest.mark.parametrize("size", [0, 1, 100, 700])
def test_a_cut_file_is_named(folder: Path, size: int) -> None:
    whole = (folder / "labels.pt").read_bytes()
    (folder / "labels.pt").write_bytes(whole[:size])
    with pytest.raises(BadDataset, match=r"labels\.pt' is damaged"):
        read_tensors(folder)


def test_a_file_that_would_run_code_is_refused(folder: Path) -> None:
    class Harmful:
        def __reduce__(self):
            return (Path.touch, (folder / "harm",))

    torch.save(Harmful(), folder / "labels.pt")
    with pytest.raises(BadDataset, match="damaged or not a saved tensor"):
        read_tensors(folder)
    assert not (folder / "harm").exists()


def test_something_other_than_a_tensor_is_named(folder: Path) -> None:
    torch.save({"labels": 1}, folder / "labels.pt")
    with pytest.raises(BadDataset, match="holds a dict; expected one tensor"):
        read_tensors(folder)


def test_a_tensor_that_claims_terabytes_is_refused(folder: Path) -> None:
    torch.save(torch.zeros(1).expand(10**9, 40), folder / "features_mfccs.pt")
    with pytest.raises(BadDataset, match="more numbers than it holds"):
        read_tensors(folder)


@pytest.mark.parametrize(
    ("name", "tensor", "said"),
    [
        ("labels.pt", torch.zeros(5, dtype=torch.int64), "6 rows of features, 5 labels"),
        ("labels.pt", torch.zeros(6), "whole numbers"),
        ("folds.pt", torch.zeros(6, 1, dtype=torch.int64), "whole numbers"),
        ("features_mfccs.pt", torch.zeros(6), "fractional numbers"),
        ("features_mfccs.pt", torch.zeros(6, 40, dtype=torch.int64), "fractional numbers"),
        ("features_mfccs.pt", torch.zeros(6, 0), "fractional numbers"),
    ],
)
def test_shapes_that_do_not_fit_are_described(
    folder: Path, name: str, tensor: torch.Tensor, said: str
) -> None:
    torch.save(tensor, folder / name)
    with pytest.raises(BadDataset, match=said):
        read_tensors(folder)
