"""Stages of the work, on a clock that goes only when it is told to."""

import threading

import pytest

from urbansound import stages
from urbansound.stages import (
    OTHER,
    WAITING,
    Stopwatch,
    each_in_stage,
    stage,
    staged,
    stopwatch_in_force,
    timing_stages,
)


class Clock:
    """Seconds that pass by being added."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stages, "time", clock)
    return clock


def seconds_and_calls(stopwatch: Stopwatch) -> dict[str, tuple[float, int]]:
    return {row.stage: (row.seconds, row.calls) for row in stopwatch.profile().stages}


def test_a_stage_counts_its_seconds_and_calls_and_the_rest_is_other(clock: Clock) -> None:
    with timing_stages() as stopwatch:
        for _ in range(3):
            with stage("read"):
                clock.now += 2
        clock.now += 4
    profile = stopwatch.profile()
    assert seconds_and_calls(stopwatch) == {"read": (6, 3), OTHER: (4, 1)}
    assert [row.share for row in profile.stages] == pytest.approx([0.6, 0.4])
    assert (profile.wall_s, profile.n_processes) == (10, 0)


def test_a_stage_inside_another_is_not_counted_twice(clock: Clock) -> None:
    with timing_stages() as stopwatch, stage("outer"):
        clock.now += 1
        with stage("inner"):
            clock.now += 5
            with stage("innermost"):
                clock.now += 7
        clock.now += 2
    assert seconds_and_calls(stopwatch) == {
        "outer": (3, 1), "inner": (5, 1), "innermost": (7, 1), OTHER: (0, 1),
    }  # fmt: skip


def test_a_stage_inside_itself_counts_each_second_once(clock: Clock) -> None:
    with timing_stages() as stopwatch, stage("joining"):
        clock.now += 1
        with stage("joining"):
            clock.now += 2
    assert seconds_and_calls(stopwatch)["joining"] == (3, 2)


def test_a_function_can_be_a_stage_and_stays_what_it_was(clock: Clock) -> None:
    @staged("double")
    def double(number: int, *, more: int = 0) -> int:
        """Twice the number."""
        clock.now += 3
        return 2 * number + more

    assert double(1) == 2
    with timing_stages() as stopwatch:
        assert double(2, more=1) == 5
    assert seconds_and_calls(stopwatch)["double"] == (3, 1)
    assert (double.__name__, double.__doc__) == ("double", "Twice the number.")


def test_waiting_for_items_is_a_stage_but_not_what_is_done_with_them(clock: Clock) -> None:
    def slow_items():
        for number in range(3):
            clock.now += 2
            yield number

    with timing_stages() as stopwatch:
        for _ in each_in_stage("drawing", slow_items()):
            clock.now += 10
    measured = seconds_and_calls(stopwatch)
    assert measured["drawing"][0] == 6
    assert measured[OTHER] == (30, 1)


def test_where_no_stopwatch_is_in_force_nothing_is_written_down(clock: Clock) -> None:
    with timing_stages() as stopwatch:
        pass
    assert stopwatch_in_force() is None
    with stage("read"):
        clock.now += 1
    assert list(each_in_stage("read", [1, 2])) == [1, 2]
    assert stopwatch.spent == {}


def test_another_thread_does_not_count_on_this_stopwatch() -> None:
    found = []
    with timing_stages():
        thread = threading.Thread(target=lambda: found.append(stopwatch_in_force()))
        thread.start()
        thread.join()
    assert found == [None]


def test_an_error_inside_a_stage_is_counted_and_passes(clock: Clock) -> None:
    @staged("inner")
    def fail() -> None:
        clock.now += 2
        raise ValueError("broken")

    @staged("outer")
    def fail_inside() -> None:
        clock.now += 1
        fail()

    with timing_stages() as stopwatch:
        with pytest.raises(ValueError, match="broken"):
            fail_inside()
        with stage("after"):
            clock.now += 4
    assert seconds_and_calls(stopwatch) == {
        "outer": (1, 1), "inner": (2, 1), "after": (4, 1), OTHER: (0, 1),
    }  # fmt: skip
    assert stopwatch_in_force() is None


def test_the_device_is_waited_for_where_a_stage_begins_and_ends(clock: Clock) -> None:
    def settle() -> None:
        clock.now += 5

    with timing_stages() as stopwatch:
        stopwatch.settle = settle
        with stage("forward"):
            clock.now += 1
    assert seconds_and_calls(stopwatch) == {"forward": (6, 1), OTHER: (5, 1)}


def test_what_processes_did_stands_for_the_time_they_were_waited_for(clock: Clock) -> None:
    with timing_stages() as stopwatch:
        with stage(WAITING):
            clock.now += 10
        for process in (1, 2):
            stopwatch.merge({"process": process, "seconds": 8.0, "stages": {"read": [6.0, 3]}})
        with stage("joining"):
            clock.now += 4
    profile = stopwatch.profile()
    assert seconds_and_calls(stopwatch) == {"read": (12, 6), "joining": (4, 1), OTHER: (4, 1)}
    assert sum(row.share for row in profile.stages) == pytest.approx(1)
    assert (profile.wall_s, profile.n_processes) == (14, 2)
    assert profile.busy == pytest.approx(16 / 20)


def test_a_stopwatch_travels_to_another_process(clock: Clock) -> None:
    with timing_stages() as helper, stage("read"):
        clock.now += 3
    mine = Stopwatch()
    mine.merge(helper.as_json())
    mine.merge(helper.as_json())
    assert seconds_and_calls(mine)["read"] == (6, 2)
    assert mine.profile().n_processes == 1


def test_seconds_can_turn_out_to_be_another_stages(clock: Clock) -> None:
    with timing_stages() as stopwatch, stage(WAITING):
        clock.now += 10
    stopwatch.move(4, WAITING, "starting")
    stopwatch.move(100, WAITING, "starting")
    assert seconds_and_calls(stopwatch)["starting"] == (10, 2)
    assert stopwatch.spent[WAITING].seconds == 0


def test_waiting_is_shown_where_nobody_said_what_was_done_meanwhile(clock: Clock) -> None:
    with timing_stages() as stopwatch, stage(WAITING):
        clock.now += 10
    assert seconds_and_calls(stopwatch) == {WAITING: (10, 1), OTHER: (0, 1)}
