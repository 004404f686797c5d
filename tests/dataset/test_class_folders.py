"""A folder of class folders as a dataset, a stranger's and a hostile one's too."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.layouts import THREE, write_class_folders, write_m4a, write_sound
from urbansound.dataset import class_folders, lengths
from urbansound.dataset.index import load_dataset
from urbansound.dataset.lengths import kept_lengths
from urbansound.errors import BadAudio, BadConfig, BadDataset
from urbansound.records import DatasetIndex
from urbansound.sealed_json import read_sealed_json, write_sealed_json


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "mine")


def paths(index: DatasetIndex) -> set[str]:
    return {clip.path for clip in index.clips}


def test_each_folder_with_sounds_is_a_class(root: Path) -> None:
    index = load_dataset(root)
    assert (index.layout, index.name, index.has_audio) == ("folders", "mine", True)
    assert index.class_names == THREE
    assert [clip.class_id for clip in index.clips] == [0] * 10 + [1] * 10 + [2] * 10
    assert index.clips[0].path == "bell/take 0.wav"
    assert index.clips[0].duration_s == 0.5
    assert index.folds == (1, 2, 3, 4, 5)
    assert len({clip.recording_id for clip in index.clips}) == 30
    assert all(index.audio_path(clip).is_file() for clip in index.clips)


def test_opening_writes_nothing_into_the_folder(root: Path) -> None:
    write_m4a(root / "bell" / "phone.m4a")
    before = sorted((path, path.stat().st_mtime_ns) for path in [root, *root.rglob("*")])
    load_dataset(root)
    assert sorted((path, path.stat().st_mtime_ns) for path in [root, *root.rglob("*")]) == before
    assert {path.name for path in root.parent.iterdir()} == {"mine", "data"}


def test_opening_again_gives_the_same_clips_wherever_the_folder_lies(root: Path) -> None:
    first = load_dataset(root).clips
    assert load_dataset(root).clips == first
    moved = root.rename(root.parent / "moved")
    assert load_dataset(moved).clips == first


def test_a_new_sound_moves_no_other_to_another_recording(root: Path) -> None:
    before = {clip.path: clip.recording_id for clip in load_dataset(root).clips}
    write_sound(root / "bell" / "a new one.wav")
    after = {clip.path: clip.recording_id for clip in load_dataset(root).clips}
    assert before.items() <= after.items()


def test_a_folder_inside_a_class_is_one_recording(root: Path) -> None:
    for name in ("a.wav", "b.wav", "deeper/c.wav"):
        write_sound(root / "drum" / "session" / name)
    index = load_dataset(root)
    session = [clip for clip in index.clips if clip.path.startswith("drum/session/")]
    assert len(session) == 3
    assert len({clip.recording_id for clip in session}) == 1
    assert len({clip.fold for clip in session}) == 1


def test_names_of_known_collections_tell_the_recording(root: Path) -> None:
    write_sound(root / "drum" / "77-3-0-0.wav")
    write_sound(root / "flute" / "77__anna__flute and drum.wav")
    ids = {clip.path: clip.recording_id for clip in load_dataset(root).clips}
    assert ids["drum/77-3-0-0.wav"] == ids["flute/77__anna__flute and drum.wav"] == 77


@pytest.mark.parametrize("kind", ["wav", "m4a"])
def test_a_long_file_is_cut_into_clips_of_one_recording(root: Path, kind: str) -> None:
    path = root / "drum" / f"long.{kind}"
    (write_m4a if kind == "m4a" else write_sound)(path, 1, 9.5)
    found = [clip for clip in load_dataset(root).clips if clip.file]
    assert {clip.file for clip in found} == {f"drum/long.{kind}"}
    assert [clip.path for clip in found][:2] == [
        f"drum/long.{kind}#t=0,4",
        f"drum/long.{kind}#t=4,8",
    ]
    assert [clip.start_s for clip in found] == [0, 4, 8]
    assert found[-1].end_s == pytest.approx(9.5, abs=0.1)
    assert len({clip.recording_id for clip in found}) == len({clip.fold for clip in found}) == 1


@pytest.mark.parametrize(
    ("seconds", "n"), [(4.0, 1), (4.1, 1), (4.5, 1), (4.99, 1), (5.0, 2), (8.5, 2), (9.0, 3)]
)
def test_less_than_a_second_left_over_is_no_clip(root: Path, seconds: float, n: int) -> None:
    write_sound(root / "drum" / "long.flac", 1, seconds)
    found = [clip for clip in load_dataset(root).clips if "long" in clip.path]
    assert len(found) == n
    assert sum(clip.duration_s for clip in found) > seconds - 1


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff", "W64"])
def test_every_format_that_can_be_heard_is_a_clip(root: Path, ending: str) -> None:
    write_sound(root / "bell" / f"other.{ending}", seconds=2)
    (clip,) = (clip for clip in load_dataset(root).clips if "other" in clip.path)
    assert clip.duration_s == pytest.approx(2, abs=0.1)


def test_a_telephone_s_recording_is_a_clip_whose_length_is_kept(root: Path, data: Path) -> None:
    phone = write_m4a(root / "bell" / "phone.m4a", seconds=3)
    (clip,) = (clip for clip in load_dataset(root).clips if "phone" in clip.path)
    assert clip.duration_s == pytest.approx(3, abs=0.1)
    (kept,) = data.rglob("lengths.json")
    rows = read_sealed_json(kept, BadConfig)["seconds"]
    rows["bell/phone.m4a"][2] = 2.5
    write_sealed_json(kept, {"seconds": rows})
    assert any(clip.duration_s == 2.5 for clip in load_dataset(root).clips)
    write_m4a(phone, seconds=4)
    assert any(clip.duration_s == pytest.approx(4, abs=0.1) for clip in load_dataset(root).clips)


@pytest.mark.parametrize(
    "row",
    [None, [], 3, [1, "a", True], ["size", "time", -1], ["size", "time", 1e300]],
)
def test_nonsense_among_the_lengths_is_passed_over(root: Path, data: Path, row: Any) -> None:
    phone = write_m4a(root / "bell" / "phone.m4a", seconds=3)
    first = load_dataset(root)
    (kept,) = data.rglob("lengths.json")
    state = {"size": phone.stat().st_size, "time": phone.stat().st_mtime_ns}
    if isinstance(row, list):
        row = [state.get(value, value) for value in row]
    write_sealed_json(kept, {"seconds": {"bell/phone.m4a": row}})
    assert load_dataset(root).clips == first.clips


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seconds": []}', '{"bell/phone.m4a": [1, 2, 3]}']
)
def test_damaged_notes_of_lengths_are_made_again(root: Path, data: Path, text: str) -> None:
    write_m4a(root / "bell" / "phone.m4a", seconds=3)
    first = load_dataset(root)
    (kept,) = data.rglob("lengths.json")
    kept.write_text(text)
    assert load_dataset(root).clips == first.clips
    assert kept_lengths(kept)


def test_a_digit_changed_among_the_lengths_is_noticed(root: Path, data: Path) -> None:
    write_m4a(root / "bell" / "phone.m4a", seconds=3)
    load_dataset(root)
    (kept,) = data.rglob("lengths.json")
    whole = kept_lengths(kept)
    text = kept.read_text()
    kept.write_text(
        re.sub(r"\d(?=,?\n)", lambda found: str((int(found[0]) + 1) % 10), text, count=1)
    )
    assert whole
    assert kept.read_text() != text
    assert kept_lengths(kept) == {}


@pytest.mark.parametrize("ending", ["wav", "mp3", "m4a"])
@pytest.mark.parametrize("content", [b"", b"no sound at all"])
def test_a_damaged_file_stays_a_clip(root: Path, content: bytes, ending: str) -> None:
    (root / "bell" / f"bad.{ending}").write_bytes(content)
    (bad,) = (clip for clip in load_dataset(root).clips if "bad" in clip.path)
    assert bad.duration_s == 0
    assert bad.file == ""


def test_what_is_no_class_is_left_out(root: Path) -> None:
    before = load_dataset(root)
    write_sound(root / "__MACOSX" / "bell" / "a.wav")
    write_sound(root / ".hidden" / "a.wav")
    write_sound(root / "bell" / ".trash" / "a.wav")
    write_sound(root / "bell" / "._take 0.wav")
    write_sound(root / "loose.wav")
    (root / "empty").mkdir()
    (root / "notes").mkdir()
    for name in ("notes/read me.txt", "bell/cover.jpg", "bell/Thumbs.db", "bell/.DS_Store"):
        (root / name).write_text("not a sound")
    (root / "bell" / "folder.wav").mkdir()
    assert load_dataset(root) == before


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    before = load_dataset(root)
    secret = write_sound(tmp_path / "elsewhere" / "secret.wav")
    (root / "bell" / "link.wav").symlink_to(secret)
    (root / "bell" / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    (root / "bell" / "loop").symlink_to(root, target_is_directory=True)
    (root / "outside").symlink_to(secret.parent, target_is_directory=True)
    assert load_dataset(root) == before


def test_a_pipe_is_no_sound_and_does_not_hold_anything_up(root: Path) -> None:
    before = load_dataset(root)
    os.mkfifo(root / "bell" / "pipe.wav")
    assert load_dataset(root) == before


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "**bold** [link](http://a.b) :siren:",
        "a' OR 1=1; --",
        "ß звук 音 🔔",
        "x" * 250,
        " ",
        "con",
        "#t=0,4",
        "%2e%2e",
    ],
)
def test_an_odd_name_is_a_class_like_any_other(tmp_path: Path, name: str) -> None:
    name = name.replace("/", "\u2215")  # No name of a folder holds a slash.
    write_class_folders(tmp_path / "mine", ("plain", name), n=2)
    index = load_dataset(tmp_path / "mine")
    assert set(index.class_names) == {"plain", name}


def test_a_hidden_name_is_no_class(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "mine", ("a", "b", "..."), n=2)
    assert load_dataset(tmp_path / "mine").class_names == ("a", "b")


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07", "half\udcff", "para\u2029graph"])
def test_a_class_that_cannot_be_written_down_is_refused_by_name(root: Path, name: str) -> None:
    (root / "bell").rename(root / name)
    with pytest.raises(BadDataset, match="cannot name a class") as caught:
        load_dataset(root)
    assert name not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["two\nlines.wav", "half\udcff.wav"])
def test_a_file_that_cannot_be_written_down_is_left_out(root: Path, name: str) -> None:
    before = load_dataset(root)
    write_sound(root / "bell" / "a.wav").rename(root / "bell" / name)
    assert load_dataset(root) == before


def test_a_mac_s_narrow_space_is_no_reason_to_leave_a_file_out(root: Path) -> None:
    write_sound(root / "bell" / "Recording at 3.15\u202fPM.wav")
    assert "bell/Recording at 3.15\u202fPM.wav" in paths(load_dataset(root))


def test_a_class_may_be_called_audio_but_not_not_sure(root: Path) -> None:
    write_sound(root / "audio" / "a.wav")
    assert "audio" in load_dataset(root).class_names
    write_sound(root / "not_sure" / "a.wav")
    with pytest.raises(BadDataset, match="another name"):
        load_dataset(root)


def test_a_very_deep_folder_is_read(root: Path) -> None:
    deep = root / "bell" / Path(*["d"] * 400)
    deep.mkdir(parents=True)
    shutil.copy(root / "bell" / "take 0.wav", deep / "a.wav")
    assert len(load_dataset(root).clips) == 31


def test_one_class_is_too_few_and_the_folder_inside_is_suggested(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "zip" / "mine")
    with pytest.raises(BadDataset, match=r"one class only, 'mine'.*name '.*zip/mine' instead"):
        load_dataset(tmp_path / "zip")


def test_one_recording_is_too_few(tmp_path: Path) -> None:
    write_sound(tmp_path / "mine" / "a" / "7__x__y.wav")
    write_sound(tmp_path / "mine" / "b" / "7__x__z.wav")
    with pytest.raises(BadDataset, match="one recording"):
        load_dataset(tmp_path / "mine")


def test_two_classes_of_one_recording_each_are_enough(tmp_path: Path) -> None:
    index = load_dataset(write_class_folders(tmp_path / "mine", ("a", "b"), n=1))
    assert index.folds == (1, 2)


def test_too_many_classes_are_refused(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "a.wav", seconds=0.01)
    for number in range(1001):
        folder = tmp_path / "mine" / f"class {number}"
        folder.mkdir(parents=True)
        (folder / "a.wav").hardlink_to(sound)
    with pytest.raises(BadDataset, match=r"1,001 folders.*at most 1,000"):
        load_dataset(tmp_path / "mine")
    (tmp_path / "mine" / "class 7" / "a.wav").unlink()
    assert len(load_dataset(tmp_path / "mine").class_names) == 1000


def test_a_folder_of_folds_points_to_its_table(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "audio", ("fold1", "fold2"))
    with pytest.raises(BadDataset, match="are folds, not classes"):
        load_dataset(tmp_path / "audio")


def test_forged_lengths_do_not_fill_the_memory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_folders, "lengths_of", lambda root, files, kept: [43000.0] * 1000)
    with pytest.raises(BadDataset, match=r"hours; at most 1,111 hours"):
        load_dataset(root)


def test_no_dataset_says_how_one_looks(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match=r"drums/a\.wav.*UrbanSound8K\.csv.*esc50\.csv"):
        load_dataset(tmp_path)


def test_a_whole_disk_is_not_searched_through(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_folders, "MAX_ENTRIES", 30)
    assert len(load_dataset(root).clips) == 30
    (root / "bell" / "notes.txt").write_text("one file more")
    with pytest.raises(BadDataset, match="holds more than 30 files"):
        load_dataset(root)


def test_where_nothing_can_be_kept_a_folder_opens_all_the_same(root: Path, data: Path) -> None:
    data.write_text("a file where a folder should be")
    write_m4a(root / "bell" / "phone.m4a")
    assert len(load_dataset(root).clips) == 31


def test_a_sound_that_could_not_be_read_once_is_tried_again(
    root: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_decoder(path: Path) -> None:
        raise BadAudio(f"'{path}': no process could be started.")

    phone = write_m4a(root / "bell" / "phone.m4a", seconds=3)
    with monkeypatch.context() as broken:
        broken.setattr(lengths, "describe_file", no_decoder)
        assert all(clip.duration_s == 0 for clip in load_dataset(root).clips)
    (clip,) = (clip for clip in load_dataset(root).clips if phone.name in clip.path)
    assert clip.duration_s == pytest.approx(3, abs=0.1)
