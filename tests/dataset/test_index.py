import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from urbansound.article_tensors import write_tensors
from urbansound.dataset import index as index_module
from urbansound.dataset.index import default_root, load_dataset
from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES

HEADER = "slice_file_name,fsID,start,end,salience,fold,classID,class"
DOG = "7-3-0-0.wav,7,0.5,4.5,2,5,3,dog_bark"
SIREN = "8-8-0-0.wav,8,0.0,4.0,1,1,8,siren"


def write_table(root: Path, *lines: str) -> Path:
    (root / "audio").mkdir(parents=True, exist_ok=True)
    (root / "metadata").mkdir(exist_ok=True)
    text = "\n".join(lines) + "\n"
    (root / "metadata" / "UrbanSound8K.csv").write_text(text, encoding="utf-8")
    return root


def write_three_tensors(folder: Path, labels: list[int], folds: list[int]) -> None:
    features = np.ones((len(labels), 40), dtype=np.float32)
    write_tensors(folder, features, np.array(labels), np.array(folds))


def test_clips_come_in_the_order_of_the_table_with_every_field(tmp_path: Path) -> None:
    index = load_dataset(write_table(tmp_path, HEADER, SIREN, DOG))
    dog = index.clips[1]
    assert [clip.name for clip in index.clips] == ["8-8-0-0.wav", "7-3-0-0.wav"]
    assert dog.path == "audio/fold5/7-3-0-0.wav"
    assert (dog.fold, dog.class_id, dog.recording_id) == (5, 3, 7)
    assert (dog.start_s, dog.end_s, dog.foreground) == (0.5, 4.5, False)
    assert index.clips[0].foreground
    assert index.folds == (1, 5)
    assert index.has_audio


def test_columns_are_found_by_name_in_any_order_among_others(tmp_path: Path) -> None:
    header = "class,note,fold,classID,end,start,salience,fsID,slice_file_name"
    row = 'siren,"a, b",1,8,4.0,0.0,1,8,8-8-0-0.wav'
    shuffled = load_dataset(write_table(tmp_path / "a", header, row))
    plain = load_dataset(write_table(tmp_path / "b", HEADER, SIREN))
    assert shuffled.clips == plain.clips


def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    root = write_table(tmp_path, HEADER)
    text = "\ufeff" + "\r\n".join([HEADER, SIREN, ""]) + "\r\n"
    (root / "metadata" / "UrbanSound8K.csv").write_bytes(text.encode())
    assert len(load_dataset(root).clips) == 1


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    root = write_table(tmp_path, HEADER.replace("fold", "group"), SIREN)
    with pytest.raises(BadDataset, match=r"no column 'fold'.*'group'"):
        load_dataset(root)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("8-8-0-0.wav,8,0.0,4.0,1,one,8,siren", "line 3: fold is 'one'; expected a whole"),
        ("8-8-0-0.wav,8,0.0,4.0,1,0,8,siren", "line 3: fold is 0"),
        ("8-8-0-0.wav,8,0.0,4.0,1,-1,8,siren", "line 3: fold is -1"),
        ("8-8-0-0.wav,x,0.0,4.0,1,1,8,siren", "line 3: fsID is 'x'"),
        ("8-8-0-0.wav,8,soon,4.0,1,1,8,siren", "line 3: start is 'soon'"),
        ("8-8-0-0.wav,8,0.0,nan,1,1,8,siren", "line 3: end is 'nan'"),
        ("8-8-0-0.wav,8,0.0,4.0,3,1,8,siren", "line 3: salience is 3"),
        ("8-8-0-0.wav,8,0.0,4.0,1,1,-8,siren", "line 3: classID is -8"),
        ("8-8-0-0.wav,8,0.0,4.0,1,1,99999999999,siren", "line 3: classID is 99999999999"),
        ("8-8-0-0.wav,8,0.0,4.0,1,1,8,", "line 3: class is empty"),
        ("8-8-0-0.wav,8,0.0", "line 3: it has 3 of the header"),
        ("8-8-0-0.wav,8,0.0,4.0,1,1,8,car_horn", "class 8 is 'car_horn' here, 'siren' above"),
        ("8-8-0-0.wav,8,0.0,4.0,1,1,7,siren", "'siren' is class 7 here, 8 above"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(BadDataset, match=said):
        load_dataset(write_table(tmp_path, HEADER, SIREN, row))


@pytest.mark.parametrize(
    "name",
    ["../../secret.wav", "/etc/passwd", "..", ".", "", "a\\b.wav", "C:a.wav", "a\tb.wav", "a\0b"],
)
def test_a_file_name_never_leads_out_of_the_dataset(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadDataset):
        load_dataset(write_table(tmp_path, HEADER, SIREN.replace("8-8-0-0.wav", name)))


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\x00", HEADER.encode()])
def test_a_table_without_clips_is_refused(tmp_path: Path, data: bytes) -> None:
    root = write_table(tmp_path, HEADER)
    (root / "metadata" / "UrbanSound8K.csv").write_bytes(data)
    with pytest.raises(BadDataset, match=r"UrbanSound8K\.csv"):
        load_dataset(root)


def test_a_file_listed_twice_is_one_clip(tmp_path: Path) -> None:
    assert len(load_dataset(write_table(tmp_path, HEADER, SIREN, DOG, SIREN)).clips) == 2


def test_a_subset_keeps_the_ten_official_names(tmp_path: Path) -> None:
    assert load_dataset(write_table(tmp_path, HEADER, SIREN)).class_names == URBAN_SOUND_NAMES


def test_a_dataset_brings_its_own_classes(tmp_path: Path) -> None:
    rows = ["a.wav,1,0,1,1,1,0,rain", "b.wav,2,0,1,1,1,2,wind"]
    index = load_dataset(write_table(tmp_path, HEADER, *rows))
    assert index.class_names == ("rain", "class_1", "wind")
    assert index.name == tmp_path.name


def test_names_tell_the_real_set_from_the_demo(small_dataset: Path) -> None:
    real = load_dataset(small_dataset)
    (small_dataset / "metadata" / "SYNTHETIC.txt").write_text("made here")
    demo = load_dataset(small_dataset)
    assert (real.name, real.is_synthetic) == ("UrbanSound8K", False)
    assert (demo.name, demo.is_synthetic) == ("Demo sounds", True)


def test_every_clip_of_a_dataset_lies_where_the_index_says(small_dataset: Path) -> None:
    index = load_dataset(small_dataset)
    assert len(index.clips) == 40
    assert all(index.audio_path(clip).is_file() for clip in index.clips)


def test_three_tensors_alone_are_a_dataset_without_sound(tmp_path: Path) -> None:
    write_three_tensors(tmp_path, [3, 9], [10, 1])
    index = load_dataset(tmp_path)
    assert [(c.path, c.class_id, c.fold) for c in index.clips] == [("", 3, 10), ("", 9, 1)]
    assert index.clips[0].recording_id is None
    assert not index.has_audio
    assert index.class_names == URBAN_SOUND_NAMES


def test_tensors_beside_a_dataset_are_another_dataset(small_dataset: Path) -> None:
    write_three_tensors(small_dataset.parent, [3], [10])
    assert load_dataset(small_dataset).has_audio
    assert not load_dataset(small_dataset.parent).has_audio


def test_tensors_with_more_classes_number_them(tmp_path: Path) -> None:
    write_three_tensors(tmp_path, [0, 11], [1, 2])
    names = load_dataset(tmp_path).class_names
    assert len(names) == 12
    assert names[11] == "class_11"


@pytest.mark.parametrize("label", [-1, 10**12])
def test_labels_that_are_no_class_numbers_are_refused(tmp_path: Path, label: int) -> None:
    write_three_tensors(tmp_path, [0, label], [1, 2])
    with pytest.raises(BadDataset, match="expected class numbers"):
        load_dataset(tmp_path)


def test_half_a_dataset_says_which_half_is_missing(small_dataset: Path, tmp_path: Path) -> None:
    (small_dataset / "audio").rename(tmp_path / "aside")
    with pytest.raises(BadDataset, match="has its table but no audio/"):
        load_dataset(small_dataset)
    (tmp_path / "aside").rename(small_dataset / "audio")
    (small_dataset / "metadata" / "UrbanSound8K.csv").unlink()
    with pytest.raises(BadDataset, match="has audio/ but not its table"):
        load_dataset(small_dataset)


def test_two_of_three_tensors_say_which_is_missing(tmp_path: Path) -> None:
    write_three_tensors(tmp_path, [3], [10])
    (tmp_path / "labels.pt").unlink()
    with pytest.raises(BadDataset, match=r"but not labels\.pt"):
        load_dataset(tmp_path)


def test_no_dataset_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root, said in [
        (tmp_path / "nowhere", "There is no folder"),
        (tmp_path / "file", "is a file"),
        (tmp_path, "holds no dataset"),
    ]:
        with pytest.raises(BadDataset, match=rf"{said}.*urbansound demo.*download.*--data"):
            load_dataset(root)


def test_the_folder_around_a_dataset_points_to_it(small_dataset: Path) -> None:
    with pytest.raises(BadDataset, match=r"UrbanSound8K' instead"):
        load_dataset(small_dataset.parent)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_without_data_there_is_no_default(data_dir: Path) -> None:
    assert default_root() is None


def test_the_real_set_is_the_default_before_tensors(data_dir: Path) -> None:
    data_dir.mkdir()
    write_three_tensors(data_dir, [3], [10])
    assert default_root() == data_dir
    write_table(data_dir / "UrbanSound8K", HEADER, SIREN)
    assert default_root() == data_dir / "UrbanSound8K"


def test_a_cache_whose_dataset_has_gone_is_no_default(data_dir: Path) -> None:
    data_dir.mkdir()
    write_three_tensors(data_dir, [3], [10])
    (data_dir / "features.json").write_text("{}")
    assert default_root() is None


def test_only_a_whole_demo_set_is_the_default(data_dir: Path) -> None:
    write_table(data_dir / "demo" / "UrbanSound8K", HEADER, SIREN)
    assert default_root() is None


def test_finding_a_dataset_imports_neither_torch_nor_librosa(
    small_dataset: Path,
) -> None:
    code = (
        "import sys; from pathlib import Path; from urbansound.dataset import index;"
        f"index.load_dataset(Path({str(small_dataset)!r})); index.default_root();"
        "sys.exit(', '.join({'torch', 'librosa', 'pandas'} & set(sys.modules)) or 0)"
    )
    root = Path(index_module.__file__).parent.parent.parent
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""


@pytest.mark.real_data
def test_the_official_table_is_read_whole(real_data: Path, tmp_path: Path) -> None:
    lines = (real_data / "UrbanSound8K.csv").read_text().splitlines()
    index = load_dataset(write_table(tmp_path / "UrbanSound8K", *lines))
    assert len(index.clips) == 8732
    assert index.folds == tuple(range(1, 11))
    assert index.class_names == URBAN_SOUND_NAMES
    assert index.name == "UrbanSound8K"
    rows = list(csv.DictReader(lines))
    assert sum(clip.foreground for clip in index.clips) == sum(r["salience"] == "1" for r in rows)
