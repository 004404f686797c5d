import pytest

from urbansound.dataset.pace import Pace

MB, TOTAL = 1_000_000, 6_000_000_000


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def after(pace: Pace, clock: Clock, seconds: float, stage: str, done: int) -> str:
    clock.now += seconds
    return pace.text(stage, done, TOTAL)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def test_nothing_is_guessed_before_there_is_a_rate(pace: Pace, clock: Clock) -> None:
    assert after(pace, clock, 0, "fetch", 0) == "Fetching … 0.00 of 6.00 GB"
    assert after(pace, clock, 0.6, "fetch", 5 * MB) == "Fetching … 0.01 of 6.00 GB"


def test_rate_and_time_left_are_of_what_came_just_now(pace: Pace, clock: Clock) -> None:
    after(pace, clock, 0, "fetch", 3000 * MB)
    said = [after(pace, clock, 1, "fetch", (3000 + 10 * n) * MB) for n in range(1, 101)]
    assert said[-1] == "Fetching … 4.00 of 6.00 GB · 10.0 MB/s · 3 min left"
    slower = [after(pace, clock, 1, "fetch", (4000 + n) * MB) for n in range(1, 31)]
    assert slower[-1] == "Fetching … 4.03 of 6.00 GB · 1.0 MB/s · 33 min left"


def test_a_server_that_gives_nothing_is_waited_for(pace: Pace, clock: Clock) -> None:
    for _ in range(20):
        said = after(pace, clock, 1, "fetch", 600 * MB)
    assert said == "Fetching … 0.60 of 6.00 GB · waiting for the server"


def test_a_new_stage_and_a_new_beginning_have_a_rate_of_their_own(pace: Pace, clock: Clock) -> None:
    after(pace, clock, 0, "fetch", 0)
    assert "MB/s" in after(pace, clock, 2, "fetch", 100 * MB)
    assert after(pace, clock, 1, "fetch", 1 * MB) == "Fetching … 0.00 of 6.00 GB"
    assert after(pace, clock, 1, "verify", 500 * MB) == "Checking … 0.50 of 6.00 GB"
    assert after(pace, clock, 1, "verify", 700 * MB).endswith("200.0 MB/s · 26 s left")
    assert after(pace, clock, 1, "unpack", 1 * MB) == "Unpacking … 0.00 of 6.00 GB"
