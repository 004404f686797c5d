"""The layouts with a table: ESC-50's, and the official one with other classes, folds, names."""

from pathlib import Path

import pytest

from tests.dataset.layouts import (
    COLUMNS,
    ESC50_COLUMNS,
    write_esc50,
    write_official,
    write_rows,
    write_sound,
)
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES

ROW = ("1-7-A-0.wav", 1, 0, "dog", "True", 7, "A")


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))


def write_meta(root: Path, *rows: tuple[object, ...]) -> Path:
    (root / "audio").mkdir(parents=True, exist_ok=True)
    write_rows(root / "meta" / "esc50.csv", rows)
    return root


def test_esc_50_is_recognised_with_its_folds_and_sources(tmp_path: Path) -> None:
    index = load_dataset(write_esc50(tmp_path / "ESC-50-master"))
    assert (index.layout, index.name) == ("esc50", "ESC-50-master")
    assert index.class_names == ("dog", "rain", "sea_waves")
    assert index.folds == (1, 2, 3, 4, 5)
    first = index.clips[0]
    assert (first.path, first.fold, first.class_id) == ("audio/1-0-A-0.wav", 1, 0)
    assert (first.start_s, first.end_s, first.file) == (0.0, 5.0, "")
    assert [clip.recording_id for clip in index.clips[:6]] == [0, 1, 2, 3, 4, 0]


def test_a_file_that_is_missing_is_a_clip_of_no_length(tmp_path: Path) -> None:
    index = load_dataset(write_meta(tmp_path, ESC50_COLUMNS, ROW))
    assert [(clip.path, clip.end_s) for clip in index.clips] == [("audio/1-7-A-0.wav", 0.0)]


def test_esc_50_s_table_alone_says_which_half_is_missing(tmp_path: Path) -> None:
    write_rows(tmp_path / "meta" / "esc50.csv", [ESC50_COLUMNS, ROW])
    with pytest.raises(BadDataset, match="has its table but no audio/"):
        load_dataset(tmp_path)


def test_a_source_without_a_number_has_one_of_its_own(tmp_path: Path) -> None:
    rows = [
        ("a.wav", 1, 0, "dog", "True", "yard.flac", "A"),
        ("b.wav", 2, 0, "dog", "True", "park.flac", "A"),
    ]
    ids = [
        clip.recording_id for clip in load_dataset(write_meta(tmp_path, ESC50_COLUMNS, *rows)).clips
    ]
    assert ids[0] != ids[1]
    assert all(number is not None and number >= 10**9 for number in ids)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("../x.wav", *ROW[1:]), "line 2: filename"),
        (("a.wav", 0, *ROW[2:]), "line 2: fold is 0"),
        (("a.wav", 1, "x", *ROW[3:]), "line 2: target is 'x'"),
        (("a.wav", 1, 0, " ", *ROW[4:]), "line 2: category is empty"),
        (("a.wav", 1), "line 2: it has fewer fields"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: tuple[object, ...], said: str) -> None:
    with pytest.raises(BadDataset, match=said):
        load_dataset(write_meta(tmp_path, ESC50_COLUMNS, row))


def test_two_names_of_one_class_are_refused(tmp_path: Path) -> None:
    rows = (ROW, ("b.wav", 1, 0, "cat", "True", 8, "A"))
    with pytest.raises(BadDataset, match="class 0 is 'cat' here, 'dog' above"):
        load_dataset(write_meta(tmp_path, ESC50_COLUMNS, *rows))


def test_a_missing_column_and_an_empty_table_are_named(tmp_path: Path) -> None:
    columns = tuple(name for name in ESC50_COLUMNS if name != "src_file")
    with pytest.raises(BadDataset, match=r"no column 'src_file'.*filename, fold.*Expected"):
        load_dataset(write_meta(tmp_path, columns))
    with pytest.raises(BadDataset, match="lists no clips"):
        load_dataset(write_meta(tmp_path, ESC50_COLUMNS))


def test_the_official_layout_may_have_other_classes_and_folds(tmp_path: Path) -> None:
    index = load_dataset(write_official(tmp_path / "mine", 12, (3, 7, 40)))
    assert (index.layout, index.name) == ("official", "mine")
    assert index.class_names == tuple(f"sound {number}" for number in range(12))
    assert index.folds == (3, 7, 40)


def test_the_table_may_have_another_name(tmp_path: Path) -> None:
    root = write_official(tmp_path / "mine", 2, (1, 2))
    metadata = root / "metadata"
    (metadata / "UrbanSound8K.csv").rename(metadata / "my sounds.csv")
    (metadata / "notes.csv").write_text("who,when\nme,now\n")
    (metadata / "._my sounds.csv").write_bytes(b"\0\5\x16\7")
    assert len(load_dataset(root).clips) == 4


def test_two_tables_are_ambiguous_unless_one_has_the_official_name(tmp_path: Path) -> None:
    root = write_official(tmp_path / "mine", 2, (1, 2))
    metadata = root / "metadata"
    text = (metadata / "UrbanSound8K.csv").read_text()
    (metadata / "more.csv").write_text(text)
    assert len(load_dataset(root).clips) == 4
    (metadata / "UrbanSound8K.csv").rename(metadata / "less.csv")
    with pytest.raises(BadDataset, match=r"several tables: 'less\.csv', 'more\.csv'.*Expected one"):
        load_dataset(root)


def test_a_table_with_other_columns_is_named_with_those_expected(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    write_rows(tmp_path / "metadata" / "my.csv", [("file", "label"), ("a.wav", "dog")])
    with pytest.raises(BadDataset, match=rf"'my\.csv' is none: it has not {COLUMNS[0]}"):
        load_dataset(tmp_path)


def test_the_ten_keep_their_names_and_the_official_layout_its_own(small_dataset: Path) -> None:
    index = load_dataset(small_dataset)
    assert (index.layout, index.class_names) == ("official", URBAN_SOUND_NAMES)


def test_the_folder_around_esc_50_points_to_it(tmp_path: Path) -> None:
    write_esc50(tmp_path / "downloads" / "ESC-50-master")
    write_sound(tmp_path / "downloads" / "other" / "a.wav")
    with pytest.raises(BadDataset, match=r"ESC-50-master' instead"):
        load_dataset(tmp_path / "downloads")
