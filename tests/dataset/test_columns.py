"""All clips as arrays: each row says of its clip what the clip says."""

from pathlib import Path

from urbansound.dataset.columns import UNKNOWN, columns_of
from urbansound.records import Clip, DatasetIndex

CLIPS = (
    Clip("audio/fold3/a.wav", 3, 1, recording_id=7, start_s=0.5, end_s=2.0, foreground=False),
    Clip("audio/fold9/b.wav", 9, 0, recording_id=7, start_s=2.0, end_s=6.0),
    Clip("audio/fold9/a.wav", 9, 1, recording_id=8, end_s=4.0),
    Clip("audio/fold3/C.wav", 3, 2),
)


def index_of(*clips: Clip) -> DatasetIndex:
    return DatasetIndex("few", Path("/few"), clips, ("x", "y", "z"))


def test_each_row_is_its_clip():
    columns = columns_of(index_of(*CLIPS))
    assert len(columns) == 4
    assert columns.class_ids.tolist() == [1, 0, 1, 2]
    assert columns.folds.tolist() == [3, 9, 9, 3]
    assert columns.is_loud.tolist() == [False, True, True, True]
    assert columns.durations_s.tolist() == [1.5, 4.0, 4.0, 0.0]
    assert columns.starts_s.tolist() == [0.5, 2.0, 0.0, 0.0]
    assert columns.fold_numbers == (3, 9)


def test_siblings_are_the_clips_of_one_recording_and_none_where_it_is_unknown():
    columns = columns_of(index_of(*CLIPS))
    assert columns.recordings.tolist() == [7, 7, 8, UNKNOWN]
    assert columns.n_siblings.tolist() == [2, 2, 1, 0]


def test_a_name_finds_the_first_clip_that_bears_it_and_a_path_its_own():
    columns = columns_of(index_of(*CLIPS))
    assert columns.by_name["a.wav"] == 0
    assert columns.by_path["audio/fold9/a.wav"] == 2
    assert columns.searched[3] == "audio/fold3/c.wav"


def test_recording_numbers_of_any_size_are_told_apart():
    huge = [Clip(f"{n}.wav", 1, 0, recording_id=10**30 + n % 2) for n in range(4)]
    columns = columns_of(index_of(*huge))
    assert columns.n_siblings.tolist() == [2, 2, 2, 2]
    assert len(set(columns.recordings.tolist())) == 2


def test_another_dataset_has_its_own_columns():
    assert columns_of(index_of(*CLIPS)) is not columns_of(index_of(*CLIPS[:2]))
    index = index_of(*CLIPS)
    assert columns_of(index) is columns_of(index)


def test_a_dataset_of_no_clips_has_empty_columns():
    assert len(columns_of(index_of())) == 0
