"""How often a password may be tried."""

import pytest

from urbansound.ui.gate.tries import BURST, BURST_OF_ALL, EVERY_S, EVERY_S_OF_ALL, Tries


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_hour_of_wrong_tries_is_bounded(clock):
    tries, n = Tries(clock), 0
    for _ in range(3600):
        clock.now += 1
        n += tries.take("a") == 0
    assert BURST <= n <= BURST + 3600 / EVERY_S


def test_many_addresses_together_are_bounded(clock):
    tries, n = Tries(clock), 0
    for second in range(3600):
        clock.now += 1
        n += sum(tries.take(f"{second}.{visitor}") == 0 for visitor in range(3))
    assert BURST_OF_ALL <= n <= BURST_OF_ALL + 3600 / EVERY_S_OF_ALL


def test_right_tries_cost_nothing(clock):
    tries = Tries(clock)
    for _ in range(1000):
        assert tries.take("a") == 0
        tries.give_back("a")


def test_addresses_that_came_long_ago_are_forgotten(clock):
    tries = Tries(clock)
    for number in range(10_000):
        tries.take(str(number))
    assert len(tries._each) <= 4096
