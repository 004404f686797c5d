"""A folder that a browser sends becomes a dataset, and no name in it leads anywhere else."""

from pathlib import Path

import pytest

from urbansound.dataset.own_copy import SentFile, copy_class_folders, safe_parts
from urbansound.errors import BadDataset

# Names are what counts here, not what the files hold.
ANY = Path(__file__)


def files_below(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_folder_of_class_folders_is_copied_under_its_own_name(tmp_path):
    sent = [SentFile(f"my sounds/{name}/{n}.wav", ANY) for name in "ab" for n in range(2)]
    assert copy_class_folders(sent, tmp_path) == tmp_path / "my sounds"
    wanted = ["my sounds/a/0.wav", "my sounds/a/1.wav", "my sounds/b/0.wav", "my sounds/b/1.wav"]
    assert files_below(tmp_path) == wanted


def test_the_same_folder_again_stands_beside_the_first(tmp_path):
    sent = [SentFile(f"s/{name}/1.wav", ANY) for name in "ab"]
    copy_class_folders(sent, tmp_path)
    assert copy_class_folders(sent, tmp_path).name == "s 2"


def test_class_folders_without_a_folder_above_get_one(tmp_path):
    sent = [SentFile("a/1.wav", ANY), SentFile("b/1.wav", ANY)]
    assert copy_class_folders(sent, tmp_path) == tmp_path / "my sounds"


def test_what_is_no_sound_is_left_out(tmp_path):
    sent = [SentFile(f"s/{name}", ANY) for name in ("a/1.wav", "b/1.MP3", "a/x.exe", "b/._y.txt")]
    copy_class_folders(sent, tmp_path)
    assert files_below(tmp_path) == ["s/a/1.wav", "s/b/1.MP3"]


@pytest.mark.parametrize(
    "names",
    [[], ["1.wav", "2.wav"], ["a/1.wav", "a/2.wav"], ["top/a/1.wav"], ["a/notes.txt", "b/x.pdf"]],
)
def test_no_two_class_folders_are_refused_in_words(tmp_path, names):
    with pytest.raises(BadDataset, match="a folder of sounds for each class"):
        copy_class_folders([SentFile(name, ANY) for name in names], tmp_path)
    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../a/1.wav",
        "/etc/a/1.wav",
        "C:\\windows\\a\\1.wav",
        "s/../a/1.wav",
        "s/a\x00b/1.wav",
        "s/ a . /1.wav",
        "s/a/..\\..\\1.wav",
        "s/\u202ea/1.wav",
        "s/con/1.wav",
        f"s/{'a' * 4096}/{'b' * 4096}.wav",
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    place = tmp_path / "own"
    sent = [SentFile(name, ANY), SentFile("s/q/1.wav", ANY), SentFile("s/r/1.wav", ANY)]
    root = copy_class_folders(sent, place)
    assert root.parent == place
    assert len(files_below(root)) >= 2
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    for part in safe_parts(name):
        assert part.isprintable()
        assert part not in ("", ".", "..")
        assert len(part) <= 100


def test_names_that_became_alike_stay_two_files(tmp_path):
    names = ("s/a/x:.wav", "s/a/x.wav", "s/a/X.wav", "s/b/1.wav")
    root = copy_class_folders([SentFile(name, ANY) for name in names], tmp_path)
    assert files_below(root) == ["a/X 3.wav", "a/x 2.wav", "a/x.wav", "b/1.wav"]


def test_of_a_deep_tree_the_class_is_kept(tmp_path):
    sent = [SentFile(f"s/{name}/p/q/r/1.wav", ANY) for name in "ab"]
    assert files_below(copy_class_folders(sent, tmp_path)) == ["a/p/1.wav", "b/p/1.wav"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def fill(path: Path, data: bytes) -> None:
        path.write_bytes(data)
        if path.parent.name == "b":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("urbansound.dataset.own_copy.write_bytes", fill)
    with pytest.raises(OSError, match="No space"):
        copy_class_folders([SentFile(f"s/{name}/1.wav", ANY) for name in "ab"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_than_fits_is_refused_before_any_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("urbansound.dataset.own_copy.MAX_BYTES", 1)
    with pytest.raises(BadDataset, match="by its path instead"):
        copy_class_folders([SentFile(f"s/{name}/1.wav", ANY) for name in "ab"], tmp_path)
    assert list(tmp_path.iterdir()) == []
