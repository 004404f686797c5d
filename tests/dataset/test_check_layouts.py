"""What is wrong with datasets that are not laid out as UrbanSound8K is."""

from pathlib import Path

import pytest
import soundfile

from tests.dataset.layouts import (
    ESC50_COLUMNS,
    RATE,
    tone,
    write_class_folders,
    write_esc50,
    write_m4a,
    write_official,
    write_rows,
    write_sound,
)
from urbansound.dataset.check import check_dataset
from urbansound.dataset.index import load_dataset


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))


def found(root: Path) -> list[tuple[str, str]]:
    return [(problem.code, problem.clip) for problem in check_dataset(load_dataset(root))]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "mine", n=3)


def test_class_folders_of_any_kind_of_sound_have_no_problems(root: Path) -> None:
    write_sound(root / "bell" / "long.wav", seconds=61)
    write_sound(root / "bell" / "4.4 s.wav", seconds=4.4)
    write_m4a(root / "drum" / "phone.m4a", seconds=9)
    (root / "drum" / "notes.txt").write_text("mine")
    (root / "drum" / "Thumbs.db").write_text("not mine")
    write_sound(root / "__MACOSX" / "drum" / "._a.wav")
    assert found(root) == []


def test_names_of_the_official_kind_need_not_fit_the_class_of_their_folder(root: Path) -> None:
    write_sound(root / "bell" / "7-8-0-0.wav")
    assert found(root) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bad.wav", b"no sound", "unreadable"),
        ("none.wav", b"", "empty"),
        ("bad.m4a", b"no sound" * 99, "unreadable"),
        ("none.m4a", b"", "empty"),
    ],
)
def test_a_damaged_sound_is_named(root: Path, name: str, content: bytes, code: str) -> None:
    (root / "bell" / name).write_bytes(content)
    assert found(root) == [(code, f"bell/{name}")]


def test_a_sound_that_is_no_clip_is_named(root: Path) -> None:
    write_sound(root / "loose.wav")
    (root / "bell" / "link.wav").symlink_to(root / "drum" / "take 0.wav")
    assert found(root) == [("unexpected", "bell/link.wav"), ("unexpected", "loose.wav")]


def test_a_sound_that_went_while_the_folder_is_open_is_missing(root: Path) -> None:
    write_sound(root / "bell" / "long.wav", seconds=8)
    index = load_dataset(root)
    (root / "bell" / "long.wav").unlink()
    problems = check_dataset(index)
    assert [(problem.code, problem.clip) for problem in problems] == [
        ("missing", "bell/long.wav#t=0,4"),
        ("missing", "bell/long.wav#t=4,8"),
    ]
    assert "table" not in problems[0].message


def test_clips_of_five_seconds_are_no_fault_in_esc_50(tmp_path: Path) -> None:
    assert found(write_esc50(tmp_path)) == []


def test_faults_of_esc_50_s_table_and_files_are_named(tmp_path: Path) -> None:
    root = write_esc50(tmp_path, n=1)
    (root / "audio" / "1-0-A-0.wav").unlink()
    write_sound(root / "audio" / "more.wav")
    row = ("2-1-A-0.wav", 2, 0, "dog", "False", 1, "A")
    table = root / "meta" / "esc50.csv"
    lines = [line.split(",") for line in table.read_text().splitlines()]
    assert lines[0] == list(ESC50_COLUMNS)
    write_rows(table, [*lines, row])
    assert found(root) == [
        ("missing", "audio/1-0-A-0.wav"),
        ("duplicate", "audio/2-1-A-0.wav"),
        ("unexpected", "audio/more.wav"),
    ]


def test_the_official_layout_is_checked_as_ever_under_another_table_s_name(
    tmp_path: Path,
) -> None:
    root = write_official(tmp_path / "mine", 2, (1, 2))
    (root / "metadata" / "UrbanSound8K.csv").rename(root / "metadata" / "my.csv")
    soundfile.write(root / "audio" / "fold1" / "100-0-0-0.wav", tone(0, 6), RATE)
    assert found(root) == [("wrong_length", "audio/fold1/100-0-0-0.wav")]
