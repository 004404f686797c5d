"""Accuracy by kind of clip, counted by hand."""

import numpy as np

from urbansound.evaluation.slices import (
    RecordingSlice,
    Slice,
    right_clips,
    slice_by_duration,
    slice_by_loudness,
    slice_by_recording,
)


def test_loud_and_faint_clips(make_results):
    results = make_results(
        [0, 1, 2, 0], [0, 1, 0, 1], is_loud=[True, True, True, False], recordings=[5, 5, 6, 7]
    )
    assert right_clips(results).tolist() == [True, True, False, False]
    assert slice_by_loudness(results) == (Slice("loud", 2 / 3, 3, 2), Slice("faint", 0.0, 1, 1))


def test_durations_meet_at_their_bounds(make_results):
    lasts = np.array([0.2, 1.0, 1.99, 2.0, 3.98, 3.9999, 4.0], dtype=np.float32)
    found = slice_by_duration(make_results([0] * 7, [0] * 7, durations_s=lasts))
    assert [(one.name, one.n) for one in found] == [
        ("under 1 s", 1),
        ("1 to 2 s", 2),
        ("2 to 4 s", 2),
        ("4 s", 2),
    ]


def test_kinds_without_clips_are_left_out(make_results):
    assert [one.name for one in slice_by_duration(make_results([0], [0]))] == ["4 s"]
    assert [one.name for one in slice_by_loudness(make_results([0], [0]))] == ["loud"]


def test_the_worst_recordings_come_first_and_each_class_of_one_counts_for_itself(make_results):
    results = make_results(
        [0, 0, 1, 1, 2, 2, 2, 0], [0, 1, 1, 1, 0, 0, 0, 1], recordings=[5, 5, 5, 5, 8, 8, 8, -1]
    )
    assert slice_by_recording(results) == (
        RecordingSlice(8, 2, 0.0, 3),
        RecordingSlice(5, 0, 0.5, 2),
        RecordingSlice(5, 1, 1.0, 2),
    )


def test_no_known_recording_gives_no_slices(make_results):
    assert slice_by_recording(make_results([0, 1], [0, 1], recordings=[-1, -1])) == ()
