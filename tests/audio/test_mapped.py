import re
import sys
from pathlib import Path

import numpy as np
import pytest

from urbansound.audio.mapped import in_pieces, let_go


def mapped(path: Path, n: int) -> np.memmap:
    np.random.default_rng(0).standard_normal(n, np.float32).tofile(path)
    return np.memmap(path, np.float32, "r")


def resident_kb(path: Path) -> int:
    """How much of a file counts as this process's memory."""
    areas = Path("/proc/self/smaps").read_text().split(str(path))[1:]
    return sum(int(re.search(r"Rss:\s+(\d+)", area)[1]) for area in areas)


def test_pieces_are_views_and_together_the_whole() -> None:
    samples = np.zeros((1 << 20) + 5, np.float32)
    pieces = list(in_pieces(samples))
    assert [len(piece) for piece in pieces] == [1 << 20, 5]
    assert all(np.shares_memory(piece, samples) for piece in pieces)
    assert [len(piece) for piece in in_pieces(samples, 1 << 19)] == [1 << 19, 1 << 19, 5]


def test_pieces_of_a_file_stay_good_when_what_was_read_has_left_the_memory(tmp_path: Path) -> None:
    samples = mapped(tmp_path / "sound", 100_000)
    whole = np.fromfile(tmp_path / "sound", np.float32)
    np.testing.assert_array_equal(np.concatenate(list(in_pieces(samples, 4_096))), whole)
    np.testing.assert_array_equal(np.concatenate(list(in_pieces(samples[9:], 999))), whole[9:])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is in memory")
@pytest.mark.parametrize("first", [0, 1000])
def test_of_a_file_no_more_than_a_piece_is_in_memory(tmp_path: Path, first: int) -> None:
    path = tmp_path / "sound"
    samples = mapped(path, 8_000_000)[first:]
    assert np.isfinite(samples.sum())
    assert resident_kb(path) > 30_000
    let_go(samples)
    assert resident_kb(path) == 0
    # A piece is 1 MB; the system may bring in a huge page at either end, 2 MB each.
    seen = [(piece.sum(), resident_kb(path)) for piece in in_pieces(samples, 250_000)]
    assert max(kilobytes for _, kilobytes in seen) < 8_000


def test_what_can_be_written_to_is_left_alone(tmp_path: Path) -> None:
    np.zeros(10_000, np.float32).tofile(tmp_path / "sound")
    own = np.memmap(tmp_path / "sound", np.float32, "c")
    own[:] = 1
    let_go(own)
    let_go(np.ones(3, np.float32))
    assert own.all()
