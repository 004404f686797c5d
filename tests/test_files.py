"""Files that survive: whole or not at all, and readable however they end."""

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.errors import BadConfig, RunFailed
from urbansound.files import (
    append_json_line,
    digest_of,
    drop_parts,
    read_json,
    read_json_lines,
    read_last_json_line,
    replacing,
    whole_lines_bytes,
    write_bytes,
)


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(RunFailed, match="disk is full"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_an_error_of_the_block_itself_passes_through_and_changes_nothing(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"%d" % (1 // 0))
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_missing_folders_are_made(tmp_path):
    write_bytes(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").read_bytes() == b"x"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunFailed, match="could not be saved"):
        write_bytes(tmp_path / "file" / "below", b"x")


@given(n=st.integers(0, 40), cut=st.integers(0, 4000))
def test_the_last_line_is_the_last_of_all_whole_lines(tmp_path_factory, n, cut):
    path = tmp_path_factory.mktemp("lines") / "events.jsonl"
    for number in range(n):
        append_json_line(path, {"number": number, "text": "x" * (number % 7) * 30})
    path.touch()
    path.write_bytes(path.read_bytes()[:cut])
    lines = read_json_lines(path)
    assert read_last_json_line(path) == (lines[-1] if lines else None)


def test_a_missing_or_damaged_json_file_is_said_in_the_callers_words(tmp_path):
    with pytest.raises(BadConfig, match="is missing"):
        read_json(tmp_path / "none", BadConfig)
    (tmp_path / "bad").write_text("{")
    with pytest.raises(BadConfig, match="cannot be read"):
        read_json(tmp_path / "bad", BadConfig)


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_what_a_killed_writer_left_is_deleted_and_nothing_else(tmp_path):
    left = tmp_path / ".kept.0123abcd.part"
    others = [tmp_path / name for name in ("kept", "a.part", ".kept.part", ".kept.xyz.part")]
    for path in (left, *others):
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    drop_parts(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(others)


@pytest.mark.parametrize("age_s", [0, 3600])
def test_what_is_being_written_stays(tmp_path, age_s):
    with replacing(tmp_path / "kept") as file:
        (part,) = tmp_path.iterdir()
        moment = time.time() - age_s
        os.utime(part, (moment, moment))
        drop_parts(tmp_path)
        file.write(b"new")
    assert (tmp_path / "kept").read_bytes() == b"new"


@pytest.mark.parametrize("line", ["short", "long " * 5000])
def test_a_torn_last_line_is_not_counted_among_the_whole(tmp_path, line):
    path = tmp_path / "a.jsonl"
    assert whole_lines_bytes(path) == 0
    path.write_text("torn")
    assert whole_lines_bytes(path) == 0
    path.write_text(f"{line}\n{line}\n{line}")
    assert whole_lines_bytes(path) == 2 * (len(line) + 1)
