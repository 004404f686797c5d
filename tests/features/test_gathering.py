"""Rows find their places in whatever order they come, in memory or on disk."""

import errno

import numpy as np
import pytest

from tests.conftest import write_small_dataset
from urbansound.dataset.index import load_dataset
from urbansound.errors import RunFailed
from urbansound.features import gathering
from urbansound.features.cache import load_features
from urbansound.features.clip import FileRows, row_shape, row_type
from urbansound.features.gathering import Gathering, empty_rows
from urbansound.features.spec import MFCC40, find_spec

LOGMEL = find_spec("logmel")


@pytest.fixture(params=["memory", "disk"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "disk":
        monkeypatch.setattr(gathering, "IN_MEMORY_BYTES", 0)
    return request.param


def part(values: list[float], failed: dict[int, str]) -> FileRows:
    n = len(values) + len(failed)
    positions = [position for position in range(n) if position not in failed]
    rows = np.repeat(np.array(values, np.float32)[:, None], 40, axis=1)
    return FileRows(rows, np.array(positions), tuple(f"sum of {v}" for v in values), failed)


def test_parts_in_any_order_leave_no_gaps(place, tmp_path):
    gathered = Gathering(7, MFCC40, tmp_path)
    gathered.put(5, part([5, 6], {}))
    gathered.put(0, part([1], {0: "empty", 2: "cut"}))
    gathered.put(3, part([3, 4], {}))
    found = gathered.rows()
    assert isinstance(found.rows, np.memmap) == (place == "disk")
    assert found.rows[:, 0].tolist() == [1, 3, 4, 5, 6]
    assert found.rows.shape == (5, 40)
    assert found.positions.tolist() == [1, 3, 4, 5, 6]
    assert found.checksums == tuple(f"sum of {n}" for n in (1, 3, 4, 5, 6))
    assert found.failed == {0: "empty", 2: "cut"}


def test_many_gaps_are_closed_over_many_blocks(tmp_path):
    gathered = Gathering(2000, MFCC40, tmp_path)
    for start in range(0, 2000, 2):
        gathered.put(start, part([start + 1], {0: "bad"}))
    found = gathered.rows()
    assert found.rows[:, 7].tolist() == list(range(1, 2000, 2))


def test_rows_on_disk_leave_no_file_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(gathering, "IN_MEMORY_BYTES", 0)
    rows = empty_rows(3, LOGMEL, tmp_path)
    rows[:] = 2
    assert list(tmp_path.iterdir()) == []
    assert rows.shape == (3, *row_shape(LOGMEL))
    assert rows.dtype == row_type(LOGMEL)
    assert float(rows.min()) == 2


def test_a_full_disk_is_said_before_anything_is_written(monkeypatch, tmp_path):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gathering, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(gathering.os, "posix_fallocate", full)
    with pytest.raises(RunFailed, match=r"cannot have it: No space left"):
        empty_rows(1000, LOGMEL, tmp_path)


@pytest.mark.parametrize("spec", [MFCC40, LOGMEL])
def test_features_kept_by_way_of_the_disk_are_the_same(monkeypatch, tmp_path, spec):
    tables = []
    for name, limit in (("memory", 1 << 30), ("disk", 0)):
        monkeypatch.setattr(gathering, "IN_MEMORY_BYTES", limit)
        write_small_dataset(tmp_path / name / "UrbanSound8K")
        index = load_dataset(tmp_path / name / "UrbanSound8K")
        tables.append([load_features(index, spec) for _ in range(2)])
        (index.root / index.clips[1].path).write_bytes(b"cut off")
        tables[-1].append(load_features(index, spec))
    for one, other in zip(*tables, strict=True):
        assert np.array_equal(one.features, other.features)
        assert [p.clip for p in one.failed] == [p.clip for p in other.failed]
        assert one.data_digest == other.data_digest
    assert len(tables[0][2].features) == len(tables[0][0].features) - 1
    places = [
        sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("memory", "disk")
    ]
    assert places[0] == places[1]


def test_a_folder_that_refuses_costs_nothing_where_the_system_has_room(monkeypatch, tmp_path):
    monkeypatch.setattr(gathering, "IN_MEMORY_BYTES", 0)
    rows = empty_rows(3, LOGMEL, tmp_path / "is not there")
    assert isinstance(rows, np.memmap)
    assert rows.shape == (3, *row_shape(LOGMEL))
