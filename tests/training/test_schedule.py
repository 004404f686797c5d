"""The learning rate of every step, and the batches of an epoch."""

import pytest

from urbansound.records import TrainConfig
from urbansound.training.schedule import batch_bounds, learning_rate

ONE_CYCLE = TrainConfig(lr=0.01, schedule="one-cycle")


def test_one_cycle_rises_to_the_rate_and_falls_to_a_thousandth():
    rates = [learning_rate(ONE_CYCLE, step, 101) for step in range(101)]
    assert rates[0] == pytest.approx(0.001)
    assert max(rates) == pytest.approx(0.01) == rates[20]
    assert rates[-1] == pytest.approx(1e-5)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)


@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_one_cycle_of_few_steps_stays_within_its_bounds(n_steps):
    for step in range(n_steps):
        assert 0 < learning_rate(ONE_CYCLE, step, n_steps) <= 0.01


def test_a_constant_rate_is_the_rate():
    assert learning_rate(TrainConfig(lr=0.3), 7, 10) == 0.3


def test_batches_cover_all_rows_or_only_whole_batches():
    assert batch_bounds(70, 32, only_whole=False) == [(0, 32), (32, 64), (64, 70)]
    assert batch_bounds(70, 32, only_whole=True) == [(0, 32), (32, 64)]
    assert batch_bounds(64, 32, only_whole=True) == [(0, 32), (32, 64)]
    assert batch_bounds(20, 32, only_whole=True) == [(0, 20)]
