import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from urbansound.article_tensors import TENSOR_FILES, read_tensors
from urbansound.dataset.tensors import import_npz
from urbansound.errors import BadDataset
from urbansound.records import DatasetIndex


def arrays(**changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    whole = {
        "features": rng.standard_normal((6, 40)),
        "labels": np.arange(6, dtype=np.int32),
        "folds": np.arange(1, 7, dtype=np.uint8),
    }
    return {name: array for name, array in (whole | changes).items() if array is not None}


def save(path: Path, **changes: Any) -> Path:
    np.savez(path, **arrays(**changes))
    return path


def test_arrays_become_the_article_s_three_tensors(tmp_path: Path) -> None:
    index = import_npz(save(tmp_path / "a.npz"), tmp_path / "data")
    features, labels, folds = read_tensors(tmp_path / "data")
    assert isinstance(index, DatasetIndex)
    assert [clip.class_id for clip in index.clips] == labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert [clip.fold for clip in index.clips] == folds.tolist() == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(features, arrays()["features"].astype(np.float32))


def test_a_compressed_file_is_read_too(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", **arrays())
    assert len(import_npz(tmp_path / "a.npz", tmp_path / "data").clips) == 6


def test_importing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    file, root = save(tmp_path / "a.npz"), tmp_path / "data"
    import_npz(file, root)
    before = {name: (root / name).stat().st_mtime_ns for name in TENSOR_FILES}
    assert len(import_npz(file, root).clips) == 6
    assert before == {name: (root / name).stat().st_mtime_ns for name in TENSOR_FILES}


def test_other_tensors_are_never_overwritten(tmp_path: Path) -> None:
    root = tmp_path / "data"
    import_npz(save(tmp_path / "a.npz"), root)
    before = (root / "features_mfccs.pt").read_bytes()
    other = save(tmp_path / "b.npz", features=np.zeros((6, 40)))
    with pytest.raises(BadDataset, match="already holds other tensors"):
        import_npz(other, root)
    assert (root / "features_mfccs.pt").read_bytes() == before


def test_a_cache_of_sounds_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "features.json").write_text("{}")
    with pytest.raises(BadDataset, match="computed from sounds"):
        import_npz(save(tmp_path / "a.npz"), tmp_path)
    assert not (tmp_path / "labels.pt").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"folds": None}, r"no array 'folds'; it holds 'features', 'labels'"),
        ({"features": np.zeros(6)}, "fractional numbers"),
        ({"features": np.zeros((6, 40), dtype=np.int64)}, "fractional numbers"),
        ({"features": np.zeros((6, 2, 2))}, "fractional numbers"),
        ({"features": np.full((6, 40), np.nan)}, "6 rows of features .* not finite"),
        ({"features": np.full((6, 40), 1e300)}, "not finite"),
        ({"labels": np.zeros(5, dtype=np.int64)}, "6 rows of features, 5 labels"),
        ({"labels": np.zeros(6)}, "whole numbers"),
        ({"labels": np.array(["a"] * 6)}, "whole numbers"),
        ({"labels": np.array([None] * 6)}, "Python objects"),
        ({"labels": np.arange(6) - 1}, "from -1 to 4"),
        ({"labels": np.full(6, 2**63, dtype=np.uint64)}, "labels"),
        ({"folds": np.zeros(6, dtype=np.int64)}, "from 0 to 0"),
        ({"folds": np.int64(3)}, "whole numbers"),
        (
            {
                "features": np.zeros((0, 40)),
                "labels": np.zeros(0, np.int64),
                "folds": np.zeros(0, np.int64),
            },
            "0 rows",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadDataset, match=said):
        import_npz(save(tmp_path / "a.npz", **changes), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_missing_file_and_one_that_is_no_archive_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match=r"There is no file .*nothing\.npz"):
        import_npz(tmp_path / "nothing.npz", tmp_path / "data")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(BadDataset, match=r"text\.npz' is damaged"):
        import_npz(tmp_path / "text.npz", tmp_path / "data")


def test_a_header_that_claims_terabytes_takes_no_memory(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 4000)}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("features.npy", header.getvalue() + b"\0" * 80)
    with pytest.raises(BadDataset, match="claims 32,000,000,000,000 bytes but has 80"):
        import_npz(tmp_path / "a.npz", tmp_path / "data")


def test_a_file_damaged_anywhere_is_refused_or_read_whole(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.npz").read_bytes()
    rng = np.random.default_rng(3)
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            damaged[place] = rng.integers(0, 256)
        (tmp_path / "b.npz").write_bytes(damaged[: rng.integers(1, 2 * len(whole))])
        try:
            import_npz(tmp_path / "b.npz", tmp_path / "data")
        except BadDataset:
            refused += 1
    assert refused > 350


@pytest.mark.real_data
def test_the_real_features_are_imported(real_data: Path, tmp_path: Path) -> None:
    index = import_npz(real_data / "us8k-mfcc40.npz", tmp_path)
    assert len(index.clips) == 8732
    assert index.folds == tuple(range(1, 11))
    assert not index.has_audio
