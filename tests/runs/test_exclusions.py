"""Lists of clips that neither train nor validate: kept, found, changed, by several at once."""

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from urbansound.errors import BadConfig, RunFailed
from urbansound.records import Clip, DatasetIndex
from urbansound.runs.exclusions import (
    exclude,
    excluded_clips,
    find_clip,
    find_excluded,
    find_exclusions,
    keep,
    list_exclusions,
)

A, B = "audio/fold1/a.wav", "audio/fold2/b.wav"


@pytest.fixture
def index(tmp_path: Path) -> DatasetIndex:
    return DatasetIndex("Streets", tmp_path, (Clip(A, 1, 0), Clip(B, 2, 1)), ("horn", "dog"))


def test_a_clip_that_is_excluded_is_on_the_list_once_until_it_is_kept(outputs: Path) -> None:
    exclude(outputs, "mine", B)
    assert exclude(outputs, "mine", A, B).clips == (A, B)
    assert find_exclusions(outputs, "mine").clips == (A, B)
    assert keep(outputs, "mine", B).clips == (A,)
    assert find_exclusions(outputs, "mine").clips == (A,)


def test_lists_are_named_in_order_and_a_damaged_one_hides_no_other(outputs: Path) -> None:
    for name in ("two", "one"):
        exclude(outputs, name, A)
    (outputs / "exclusions" / "bad.json").write_text("{")
    assert [found.name for found in list_exclusions(outputs)] == ["one", "two"]
    with pytest.raises(BadConfig, match="cannot be read"):
        exclude(outputs, "bad", A)
    assert (outputs / "exclusions" / "bad.json").read_text() == "{"


def test_a_renamed_list_goes_by_its_new_name(outputs: Path) -> None:
    exclude(outputs, "old", A)
    folder = outputs / "exclusions"
    (folder / "old.json").rename(folder / "new.json")
    assert [found.name for found in list_exclusions(outputs)] == ["new"]
    assert find_exclusions(outputs, "new").name == "new"


def test_a_list_that_is_not_there_is_refused_with_those_that_are(outputs: Path) -> None:
    assert excluded_clips(outputs, "mine") == ()
    with pytest.raises(BadConfig, match="none yet"):
        find_exclusions(outputs, "mine")
    exclude(outputs, "mine", A)
    with pytest.raises(BadConfig, match="There is: 'mine'"):
        find_exclusions(outputs, "yours")


@pytest.mark.parametrize("name", ["", " x", "x ", "../x", "a/b", "a\\b", ".x", "x" * 61])
def test_a_name_that_is_no_file_name_is_refused(outputs: Path, name: str) -> None:
    with pytest.raises(BadConfig, match="cannot name a list"):
        exclude(outputs, name, A)
    assert not outputs.exists()


@pytest.mark.parametrize("name", ["my exclusions", "x", "X-1_b", "x" * 60])
def test_a_plain_name_is_taken(outputs: Path, name: str) -> None:
    assert exclude(outputs, name, A).name == name


def test_two_at_once_lose_nothing(outputs: Path) -> None:
    def add(letter: str) -> None:
        for number in range(20):
            exclude(outputs, "mine", f"{letter}{number}")

    threads = [threading.Thread(target=add, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(find_exclusions(outputs, "mine").clips) == 40


def test_outputs_that_cannot_be_written_are_named(outputs: Path) -> None:
    outputs.write_text("a file where a folder should be")
    with pytest.raises(RunFailed, match="cannot be written to"):
        exclude(outputs, "mine", A)


def test_a_list_whose_lock_cannot_be_taken_is_named(
    outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: FileLock) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "_acquire", refuse)
    with pytest.raises(RunFailed, match=r"cannot be written to \(Permission denied\)"):
        exclude(outputs, "mine", A)


def test_clips_are_found_by_path_or_file_name(index: DatasetIndex, outputs: Path) -> None:
    assert find_clip(index, A) == find_clip(index, "a.wav") == A
    assert find_clip(index, "audio\\fold1\\a.wav") == A
    with pytest.raises(BadConfig, match=r"'Streets' has no clip 'c\.wav'"):
        find_clip(index, "c.wav")
    mine = exclude(outputs, "mine", A)
    assert find_excluded(mine, "a.wav") == A
    with pytest.raises(BadConfig, match=r"'b\.wav' is not on the list 'mine'"):
        find_excluded(mine, "b.wav")


def test_a_dataset_without_sound_has_no_clips_by_name(tmp_path: Path) -> None:
    index = DatasetIndex("Numbers", tmp_path, (Clip("", 1, 0),), ("horn",), has_audio=False)
    with pytest.raises(BadConfig, match="no sound"):
        find_clip(index, "")
