"""What is new to a model: proven by its card, or not claimed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.unheard import held_out_clips, unheard_clips
from urbansound.records import (
    Calibration,
    Card,
    Clip,
    ClipResults,
    DatasetIndex,
    FoldScores,
    Protocol,
    RunSpec,
    Scores,
)

NAMES = ("bell", "drum")
DIGEST = "d" * 64


def index_of(folds=(1, 2, 3), *, name="mine", recordings=None, **more):
    clips = [
        Clip(f"{fold}/{k}.wav", fold, k, 10 * fold + k) for fold in folds for k in range(len(NAMES))
    ]
    if recordings is not None:
        clips = [replace(clip, recording_id=r) for clip, r in zip(clips, recordings, strict=True)]
    return DatasetIndex(name, Path(), tuple(clips), NAMES, **more)


def card_of(protocol=None, *, name="mine", **more):
    protocol = protocol or Protocol("official", (3,), (2,))
    card = Card(
        run_id="run",
        spec=RunSpec("there", "model1", protocol=protocol),
        class_names=NAMES,
        dataset_name=name,
        is_synthetic=False,
        validation=None,
        test=None,
        calibration=Calibration(),
        epoch=1,
        data_digest=DIGEST,
        sha256="",
        n_train=2,
        n_parameters=1,
        versions={},
        created="",
        intended_use="",
        limits="",
    )
    return replace(card, **more)


def new_folds(card, index, digest=DIGEST):
    columns = columns_of(index)
    found = unheard_clips(card, index, columns, digest)
    assert found.is_empty == (not found.mask.any())
    return sorted(set(columns.folds[found.mask].tolist())), found.reason


def test_only_the_test_fold_is_new_neither_training_nor_validation():
    assert new_folds(card_of(), index_of()) == ([3], "")


def test_a_recording_that_also_lies_in_a_heard_fold_is_not_new():
    index = index_of(recordings=(1, 2, 3, 4, 1, 6))
    found = unheard_clips(card_of(), index, columns_of(index), DIGEST)
    assert np.flatnonzero(found.mask).tolist() == [5]


def test_a_random_split_has_no_clip_that_is_new():
    folds, reason = new_folds(card_of(Protocol("random", (), ())), index_of())
    assert folds == []
    assert "recordings that it knew" in reason


def test_other_classes_are_refused():
    folds, reason = new_folds(card_of(class_names=("drum", "bell")), index_of())
    assert folds == []
    assert "other classes" in reason


def test_without_proof_that_the_files_are_the_same_nothing_is_claimed():
    folds, reason = new_folds(card_of(), index_of(), digest="e" * 64)
    assert folds == []
    assert "have changed" in reason


def test_a_dataset_of_another_name_may_hold_the_same_recordings():
    folds, reason = new_folds(card_of(name="UrbanSound8K"), index_of(), digest="")
    assert folds == []
    assert "UrbanSound8K" in reason


def test_the_same_files_under_another_name_keep_their_folds():
    assert new_folds(card_of(name="elsewhere"), index_of())[0] == [3]


def test_parts_of_the_official_set_keep_its_folds():
    index = index_of((2, 3, 4), name="UrbanSound8K")
    assert new_folds(card_of(name="UrbanSound8K"), index, digest="")[0] == [3]


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_a_model_of_real_sounds_has_heard_no_made_ones_and_the_other_way(is_synthetic):
    card = card_of(is_synthetic=not is_synthetic)
    assert new_folds(card, index_of(is_synthetic=is_synthetic), digest="")[0] == [1, 2, 3]


def test_weights_that_learned_from_three_folds_in_the_end_know_only_these():
    scores = Scores(0.5, 1.0, 0.5, (), (), n=6)
    folds = tuple(FoldScores(fold, (), scores) for fold in (1, 2, 3))
    card = card_of(Protocol("official", (), ()), folds=folds, test=scores, n_train=6)
    assert new_folds(card, index_of((1, 2, 3)))[0] == []
    assert new_folds(card, index_of((1, 2, 3, 4)))[0] == [4]


def results_of(index, numbers, is_test=True):
    clips = [index.clips[number] for number in numbers]
    n = len(clips)
    return ClipResults(
        paths=np.array([clip.path for clip in clips]),
        clip_numbers=np.array(numbers, np.int64),
        labels=np.zeros(n, np.int64),
        folds=np.array([clip.fold for clip in clips]),
        recordings=np.array([clip.recording_id for clip in clips]),
        durations_s=np.ones(n, np.float32),
        is_loud=np.ones(n, bool),
        is_test=np.full(n, is_test),
        probabilities=np.full((n, 2), 0.5, np.float32),
    )


def test_a_ten_fold_answers_for_the_clips_it_held_out():
    index = index_of()
    found = held_out_clips(
        card_of(), results_of(index, [0, 3, 4]), index, columns_of(index), DIGEST
    )
    assert np.flatnonzero(found.mask).tolist() == [0, 3, 4]


def test_a_ten_fold_does_not_answer_for_a_recording_of_several_folds():
    index = index_of(recordings=(1, 2, 3, 4, 1, 6))
    found = held_out_clips(
        card_of(), results_of(index, [0, 3, 4]), index, columns_of(index), DIGEST
    )
    assert np.flatnonzero(found.mask).tolist() == [3]


def test_clips_are_found_by_path_when_there_are_more_now():
    before = index_of((2, 3), name="UrbanSound8K")
    now = index_of((1, 2, 3), name="UrbanSound8K")
    card = card_of(name="UrbanSound8K")
    found = held_out_clips(card, results_of(before, [0, 1]), now, columns_of(now), "")
    assert np.flatnonzero(found.mask).tolist() == [2, 3]


def test_validation_answers_prove_nothing():
    index = index_of()
    results = results_of(index, [0, 1], is_test=False)
    assert held_out_clips(card_of(), results, index, columns_of(index), DIGEST).is_empty
