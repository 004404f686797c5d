import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.article_tensors import write_tensors
from urbansound.dataset.check import check_dataset
from urbansound.dataset.index import load_dataset
from urbansound.records import DatasetIndex, Problem


def found(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.clip) for problem in problems]


@pytest.fixture
def index(small_dataset: Path) -> DatasetIndex:
    return load_dataset(small_dataset)


def table_of(index: DatasetIndex) -> Path:
    return index.root / "metadata" / "UrbanSound8K.csv"


def test_a_whole_dataset_has_no_problems(index: DatasetIndex) -> None:
    assert check_dataset(index) == []


def test_progress_counts_every_clip_once(index: DatasetIndex) -> None:
    heard: list[tuple[int, int]] = []
    check_dataset(index, lambda done, total: heard.append((done, total)))
    assert heard == [(done, 40) for done in range(1, 41)]


def test_a_missing_file_is_named(index: DatasetIndex) -> None:
    clip = index.clips[5]
    index.audio_path(clip).unlink()
    assert found(check_dataset(index)) == [("missing", clip.path)]


def test_an_empty_file_and_one_without_samples_are_empty(index: DatasetIndex) -> None:
    no_bytes, no_samples = index.clips[3], index.clips[4]
    index.audio_path(no_bytes).write_bytes(b"")
    soundfile.write(index.audio_path(no_samples), np.zeros(0), 22050)
    problems = check_dataset(index)
    assert found(problems) == [("empty", no_bytes.path), ("empty", no_samples.path)]


@pytest.mark.parametrize("data", [b"not a sound", b"RIFF", b"\0" * 5000])
def test_an_unreadable_file_is_named(index: DatasetIndex, data: bytes) -> None:
    clip = index.clips[0]
    index.audio_path(clip).write_bytes(data)
    assert found(check_dataset(index)) == [("unreadable", clip.path)]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_found(index: DatasetIndex, value: float) -> None:
    clip = index.clips[7]
    samples = np.zeros(11025, dtype=np.float32)
    samples[99] = value
    soundfile.write(index.audio_path(clip), samples, 22050, subtype="FLOAT")
    assert found(check_dataset(index)) == [("not_finite", clip.path)]


@pytest.mark.parametrize("seconds", [8.0, 1.5])
def test_a_file_of_another_length_than_the_table_says_is_found(
    index: DatasetIndex, seconds: float
) -> None:
    clip = index.clips[0]
    soundfile.write(index.audio_path(clip), np.zeros(int(seconds * 8000)), 8000)
    assert found(check_dataset(index)) == [("wrong_length", clip.path)]


def test_a_file_in_another_fold_s_folder_is_mislabelled_and_not_also_missing(
    index: DatasetIndex,
) -> None:
    clip = index.clips[0]
    index.audio_path(clip).rename(index.root / "audio" / "fold9" / clip.name)
    (problem,) = check_dataset(index)
    assert (problem.code, problem.clip) == ("mislabelled", clip.path)
    assert f"audio/fold9/{clip.name}" in problem.message


def test_a_name_that_contradicts_the_table_is_mislabelled(index: DatasetIndex) -> None:
    text = table_of(index).read_text()
    text = text.replace("1000,0.0,0.5,1,1,0,air_conditioner", "77,0.0,0.5,1,1,0,air_conditioner")
    text = text.replace("1001,0.0,0.5,2,2,0,air_conditioner", "1001,0.0,0.5,2,2,8,siren")
    table_of(index).write_text(text)
    problems = check_dataset(load_dataset(index.root))
    assert found(problems) == [
        ("mislabelled", "audio/fold1/1000-0-0-0.wav"),
        ("mislabelled", "audio/fold2/1001-0-0-0.wav"),
    ]
    assert "recording 1000 by its name, but from 77" in problems[0].message
    assert "class 0 by its name, but of class 8 (siren)" in problems[1].message


def test_files_that_no_row_names_are_unexpected_but_system_files_are_not(
    index: DatasetIndex,
) -> None:
    audio = index.root / "audio"
    shutil.copy(index.audio_path(index.clips[0]), audio / "fold3" / "9-9-0-0.wav")
    (audio / "notes.txt").write_text("hello")
    for name in (".DS_Store", "fold3/._9-9-0-0.wav", "Thumbs.db"):
        (audio / name).write_bytes(b"x")
    assert found(check_dataset(index)) == [
        ("unexpected", "audio/fold3/9-9-0-0.wav"),
        ("unexpected", "audio/notes.txt"),
    ]


def test_a_row_given_twice_is_a_duplicate(index: DatasetIndex) -> None:
    lines = table_of(index).read_text().splitlines()
    table_of(index).write_text("\n".join([*lines, lines[1]]) + "\n")
    problems = check_dataset(load_dataset(index.root))
    assert found(problems) == [("duplicate", "audio/fold1/1000-0-0-0.wav")]
    assert "Line 42" in problems[0].message


def test_every_problem_is_reported_not_just_the_first(index: DatasetIndex) -> None:
    index.audio_path(index.clips[0]).unlink()
    index.audio_path(index.clips[1]).write_bytes(b"")
    index.audio_path(index.clips[39]).write_bytes(b"noise")
    (index.root / "audio" / "extra.wav").write_bytes(b"x")
    codes = [problem.code for problem in check_dataset(index)]
    assert codes == ["missing", "empty", "unreadable", "unexpected"]


def test_tensors_are_checked_row_by_row(tmp_path: Path) -> None:
    features = np.zeros((5, 40), dtype=np.float32)
    features[1, 3], features[4, 0] = np.nan, np.inf
    write_tensors(tmp_path, features, np.arange(5), np.array([1, 10, 11, 0, 5]))
    problems = check_dataset(load_dataset(tmp_path))
    assert found(problems) == [
        ("not_finite", "row 1"),
        ("not_finite", "row 4"),
        ("bad_fold", "row 3"),
    ]


def test_only_the_official_numbers_have_folds_1_to_10(tmp_path: Path) -> None:
    folds = np.full(8732, 5)
    folds[7] = 11
    write_tensors(tmp_path, np.zeros((8732, 40), np.float32), np.zeros(8732, np.int64), folds)
    assert found(check_dataset(load_dataset(tmp_path))) == [("bad_fold", "row 7")]


def test_tensors_damaged_since_they_were_opened_are_reported(tmp_path: Path) -> None:
    write_tensors(tmp_path, np.zeros((2, 40), np.float32), np.arange(2), np.array([1, 2]))
    index = load_dataset(tmp_path)
    (tmp_path / "labels.pt").write_bytes(b"gone")
    assert [problem.code for problem in check_dataset(index)] == ["unreadable"]


@pytest.mark.real_data
def test_the_real_clips_have_no_problems(real_dataset: Path) -> None:
    index = load_dataset(real_dataset)
    assert len(index.clips) == 2148
    assert check_dataset(index) == []


@pytest.mark.real_data
def test_the_originals_have_no_problems_whatever_their_format(real_data: Path) -> None:
    index = load_dataset(real_data / "us8k-originals")
    assert len(index.clips) == 32
    assert check_dataset(index) == []
