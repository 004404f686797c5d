"""What a killed process leaves is cleared away, wherever in the app's folders it lies."""

import os
import time

import pytest

from urbansound.runs.leftovers import drop_leftovers

PART = ".card.json.0123abcd.part"
LONG_AGO = time.time() - 7200


@pytest.mark.parametrize(
    "place",
    [
        *("outputs", "outputs/exclusions", "outputs/runs/a", "outputs/runs/a/folds"),
        *("data", "data/.jobs", "data/kept/0123"),
    ],
)
def test_half_written_files_go(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)
    for name in (PART, "card.json"):
        (folder / name).write_text("{")
        os.utime(folder / name, (LONG_AGO, LONG_AGO))
    drop_leftovers(tmp_path / "data", tmp_path / "outputs")
    assert [path.name for path in folder.iterdir()] == ["card.json"]


@pytest.mark.parametrize("is_old", [True, False])
def test_a_copy_of_a_folder_goes_once_nobody_writes_it_any_more(tmp_path, is_old):
    copied = tmp_path / "data" / "own" / ".copying-x7" / "dog"
    copied.mkdir(parents=True)
    (copied / "a.wav").write_bytes(b"RIFF")
    if is_old:
        for path in (copied / "a.wav", copied, copied.parent):
            os.utime(path, (LONG_AGO, LONG_AGO))
    drop_leftovers(tmp_path / "data", tmp_path / "outputs")
    assert copied.exists() is not is_old
    assert (tmp_path / "data" / "own").exists()
