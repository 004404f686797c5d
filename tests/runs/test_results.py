"""Answers clip by clip on disk: whole, or said to be missing."""

import numpy as np
import pytest

from urbansound.records import ClipResults
from urbansound.runs.results import read_results, write_results


@pytest.fixture
def results():
    n = 6
    return ClipResults(
        paths=np.array([f"audio/fold1/{k}.wav" for k in range(n)]),
        clip_numbers=np.arange(n),
        labels=np.arange(n) % 3,
        folds=np.ones(n, np.int64),
        recordings=np.arange(n) // 2,
        durations_s=np.full(n, 4.0, np.float32),
        is_loud=np.ones(n, np.bool_),
        is_test=np.arange(n) > 2,
        probabilities=np.full((n, 3), 1 / 3, np.float32),
    )


def test_what_was_written_comes_back(tmp_path, results):
    write_results(tmp_path / "results.npz", results)
    again = read_results(tmp_path / "results.npz")
    assert all(np.array_equal(a, b) for a, b in zip(*map(fields_of, (results, again)), strict=True))
    assert len(again.take(again.is_test)) == 3


def fields_of(results):
    return vars(results).values()


def test_a_missing_file_is_none(tmp_path):
    assert read_results(tmp_path / "nothing.npz") is None


def test_every_damage_is_noticed_and_none_raises(tmp_path, results):
    path = tmp_path / "results.npz"
    write_results(path, results)
    data = path.read_bytes()
    for position in range(0, len(data), 5):
        flipped = bytearray(data)
        flipped[position] ^= 0x10
        path.write_bytes(flipped)
        found = read_results(path)
        if found is not None:  # Bytes that say nothing of the arrays, such as times.
            pairs = zip(*map(fields_of, (results, found)), strict=True)
            assert all(np.array_equal(a, b) for a, b in pairs)
    path.write_bytes(data[: len(data) // 2])
    assert read_results(path) is None
