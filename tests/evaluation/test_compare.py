"""Two models in pairs: matching, folds, flips, and tests against another library's."""

import numpy as np
import pytest
from scipy.stats import binomtest, wilcoxon

from urbansound.errors import BadConfig
from urbansound.evaluation.compare import (
    FoldPair,
    clip_test,
    compare,
    fold_test,
    match_clips,
    recording_test,
    sign_flip_p,
)


def fold_pairs(differences):
    return tuple(FoldPair(k, 100, 0.5 + d, 0.5) for k, d in enumerate(differences, start=1))


def test_only_clips_that_both_tested_are_paired(make_results):
    a = make_results([0, 1, 2, 0], [0] * 4, is_test=[True, True, True, False])
    b = make_results([2, 1, 0], [0] * 3, paths=a.paths[[2, 1, 3]])
    rows_a, rows_b = match_clips(a, b)
    assert (rows_a.tolist(), rows_b.tolist()) == ([1, 2], [1, 0])


def test_without_audio_clips_are_paired_by_number(make_results):
    paths = np.array(["", "", ""])
    a = make_results([0, 1, 2], [0] * 3, paths=paths, clip_numbers=[4, 5, 6])
    b = make_results([2, 1, 0], [0] * 3, paths=paths, clip_numbers=[6, 5, 9])
    rows_a, rows_b = match_clips(a, b)
    assert (rows_a.tolist(), rows_b.tolist()) == ([1, 2], [1, 0])


def test_clips_of_another_fold_or_label_are_other_clips(make_results):
    a = make_results([0, 1, 2], [0] * 3)
    b = make_results([0, 1, 1], [0] * 3, folds=[2, 1, 1])
    assert match_clips(a, b)[0].tolist() == [1]


def test_runs_without_a_common_test_clip_are_refused_in_words(make_results):
    a = make_results([0], [0], folds=[1])
    with pytest.raises(BadConfig, match="no clip in common"):
        compare(a, make_results([0], [0], folds=[2]))


def test_folds_and_flipped_clips_by_hand(make_results):
    folds = [1, 1, 2, 2, 3, 3]
    a = make_results([0] * 6, [0, 0, 0, 1, 1, 1], folds=folds)
    b = make_results([0] * 6, [0, 1, 1, 0, 0, 1], folds=folds).take(np.arange(6)[::-1])
    found = compare(a, b)
    assert (found.won, found.tied, found.lost) == (1, 1, 1)
    assert found.folds[0] == FoldPair(1, 2, 1.0, 0.5)
    assert found.only_a_right.tolist() == [1, 2]
    assert found.only_b_right.tolist() == [3, 4]
    assert found.rows_b[found.only_a_right].tolist() == [4, 3]
    assert found.accuracy_a == found.accuracy_b == 0.5
    assert (found.n, found.n_recordings) == (6, 6)


@pytest.mark.parametrize(
    ("n_folds", "known", "across_folds", "names"),
    [
        (10, True, True, ["Wilcoxon", "sign-flip", "McNemar"]),
        (10, True, False, ["sign-flip", "McNemar"]),
        (5, True, True, ["sign-flip", "McNemar"]),
        (1, False, True, ["McNemar"]),
    ],
)
def test_the_test_to_quote_is_the_strictest_that_the_data_allows(
    make_results, n_folds, known, across_folds, names
):
    columns = {
        "folds": np.arange(20) % n_folds + 1,
        "recordings": np.arange(20) if known else np.full(20, -1),
    }
    a, b = (make_results([0] * 20, said, **columns) for said in ([0] * 20, [0, 1] * 10))
    found = compare(a, b, across_folds=across_folds)
    assert [test.name.split()[0].removesuffix("'s") for test in found.tests] == names
    assert found.test is found.tests[0]


@pytest.mark.parametrize("seed", range(5))
def test_the_test_over_folds_equals_anothers(seed):
    differences = np.random.default_rng(seed).normal(0.02, 0.04, 10)
    found = fold_test(fold_pairs(differences))
    assert found.p_value == pytest.approx(wilcoxon(differences, method="exact").pvalue)
    assert found.n == 10


def test_equal_folds_are_left_out_and_equal_differences_share_a_rank():
    found = fold_test(fold_pairs([0.0, 0.1, 0.1, -0.1, 0.2, 0.3]))
    # Ranks 2, 2, -2, 4, 5 sum to 11 of 15; 4 of 32 signs reach that, and as many minus that.
    assert (found.n, found.p_value) == (5, 8 / 32)


def test_ten_folds_won_leave_two_in_1024_for_luck():
    assert fold_test(fold_pairs(np.linspace(0.01, 0.1, 10))).p_value == 2 / 1024


def test_equal_models_differ_by_luck_alone(make_results):
    results = make_results([0, 1, 2], [0, 1, 0])
    found = compare(results, results)
    assert [test.p_value for test in found.tests] == [1.0, 1.0]
    assert not len(found.only_a_right)
    assert fold_test(fold_pairs([0.0] * 10)).p_value == 1.0


@pytest.mark.parametrize(("n_a", "n_b"), [(9, 2), (1, 8), (4, 4), (30, 15)])
def test_the_test_over_clips_equals_anothers(n_a, n_b):
    right_a = np.r_[np.ones(n_a, bool), np.zeros(n_b, bool), np.ones(5, bool)]
    right_b = np.r_[np.zeros(n_a, bool), np.ones(n_b + 5, bool)]
    found = clip_test(right_a, right_b)
    assert found.p_value == pytest.approx(binomtest(n_a, n_a + n_b).pvalue)
    assert found.n == n_a + n_b


def test_twins_count_once_in_the_test_over_recordings():
    recordings = np.repeat(np.arange(4), 25)
    right_a, right_b = np.ones(100, bool), np.zeros(100, bool)
    assert recording_test(recordings, right_a, right_b).p_value == 2 / 16
    assert clip_test(right_a, right_b).p_value < 1e-20


def test_many_recordings_are_drawn_from_a_seed_near_the_exact_answer():
    differences = np.ones(20)
    differences[:6] = -1
    exact = binomtest(6, 20).pvalue
    drawn = sign_flip_p(differences, seed=3)
    assert drawn == sign_flip_p(differences, seed=3)
    assert drawn != sign_flip_p(differences, seed=4)
    assert drawn == pytest.approx(exact, abs=0.015)


def test_a_drawn_p_is_never_zero():
    assert 0 < sign_flip_p(np.ones(200)) < 0.001
