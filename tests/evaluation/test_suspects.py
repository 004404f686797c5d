"""Which labels to listen to again."""

import numpy as np
import pytest

from urbansound.evaluation.suspects import rank_suspects


def test_the_most_doubted_label_comes_first(make_results):
    results = make_results(
        [0, 1, 2, 0], [0, 2, 1, 1], chance=np.array([0.9, 0.6, 0.98, 0.8], dtype=np.float32)
    )
    found = rank_suspects(results)
    assert found.rows.tolist() == [2, 3, 1]
    assert found.labels.tolist() == [2, 0, 1]
    assert found.proposed.tolist() == [1, 1, 2]
    assert found.chances == pytest.approx([0.98, 0.8, 0.6])
    assert found.losses == pytest.approx(-np.log([0.01, 0.1, 0.2]), rel=1e-4)


def test_clips_that_chose_an_epoch_are_not_ranked(make_results):
    results = make_results([0, 0, 0], [1, 1, 1], is_test=[False, True, False])
    assert rank_suspects(results).rows.tolist() == [1]


def test_planted_label_errors_are_found_first(make_results):
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 200)
    labels = truth.copy()
    wrong = generator.choice(200, 10, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 3
    chance = generator.uniform(0.5, 0.99, 200).astype(np.float32)
    found = rank_suspects(make_results(labels, truth, chance=chance))
    assert set(found.rows.tolist()) == set(wrong.tolist())
    assert (found.proposed == truth[found.rows]).all()
    assert (np.diff(found.losses) <= 0).all()
    assert len(found) == 10
