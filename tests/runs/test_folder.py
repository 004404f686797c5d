"""A run's folder: its lines, its lock and the status they add up to."""

import os
import shutil
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbansound.errors import RunFailed
from urbansound.files import read_json_lines
from urbansound.runs import folder as folder_module
from urbansound.runs.folder import RunFolder, check_resumable, throttled
from urbansound.runs.store import create_run


def test_a_new_run_is_starting_until_its_worker_is_overdue(outputs, spec):
    run = create_run(outputs, spec)
    assert run.status() == "starting"
    overdue = time.time() - folder_module.STARTING_S - 1
    os.utime(run.path / "asked", (overdue, overdue))
    assert run.status() == "interrupted"


def test_status_follows_the_events_while_the_lock_is_held(outputs, spec):
    run = create_run(outputs, spec)
    with run.lock():
        assert run.status() == "starting"
        run.emit("queued")
        assert run.status() == "queued"
        run.emit("started")
        assert run.status() == "running"
    assert run.status() == "interrupted"


@pytest.mark.parametrize("ending", ["finished", "stopped", "failed"])
def test_an_ended_run_is_what_its_last_event_says(outputs, spec, ending):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("started")
        run.emit(ending)
    assert run.status() == ending


def test_a_resume_that_was_asked_for_shows_at_once(outputs, spec):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("stopped")
    run.request_stop()
    time.sleep(0.05)
    run.request_start()
    assert run.status() == "starting"
    assert not run.is_stop_requested


def test_looking_at_a_run_changes_nothing_about_it(outputs, spec):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("finished")
    before = {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()}
    for _ in range(3):
        assert run.status() == "finished"
        assert not run.is_alive()
    after = {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()}
    # What opening the lock does to its own times is the library's affair.
    assert {**after, "alive.lock": 0} == {**before, "alive.lock": 0}


def test_a_copied_run_is_still_what_it_was(outputs, spec, tmp_path):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("finished")
    shutil.copytree(run.path, tmp_path / run.id, ignore=shutil.ignore_patterns("*.lock"))
    assert RunFolder(tmp_path / run.id).status() == "finished"


@pytest.mark.parametrize("line", ["[]", "{}", '{"event": 3, "at": 4}', "{half"])
def test_an_odd_line_among_the_events_is_passed_over(outputs, spec, line):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("started")
        with open(run.path / "events.jsonl", "a") as file:
            file.write(f"{line}\n")
        assert run.status() in ("running", "starting")
        run.emit("failed", message="x" * 20_000)
    assert run.status() == "failed"
    assert [event["event"] for event in run.events()] == ["started", "failed"]


def test_a_finished_run_cannot_be_resumed(outputs, spec):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("finished")
    with pytest.raises(RunFailed, match="is finished"):
        check_resumable(run)


@given(cut=st.integers(0, 400))
def test_events_cut_at_any_byte_are_read_up_to_their_last_whole_line(tmp_path_factory, cut):
    run = RunFolder(tmp_path_factory.mktemp("run"))
    for epoch in range(5):
        run.emit("epoch", epoch=epoch)
    path = run.path / "events.jsonl"
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    assert len(read_json_lines(path)) == data.count(b"\n")
    run.drop_unfinished_line()
    run.emit("epoch", epoch=99)
    assert [event["epoch"] for event in run.events()] == [*range(data.count(b"\n")), 99]


def test_where_a_resume_repeats_an_epoch_the_later_line_counts(tmp_path):
    run = RunFolder(tmp_path)
    for epoch, loss in ((1, 0.9), (2, 0.8), (3, 0.7), (2, 0.5)):
        run.emit("epoch", epoch=epoch, train_loss=loss)
    assert [(e["epoch"], e["train_loss"]) for e in run.epochs()] == [(1, 0.9), (2, 0.5), (3, 0.7)]


def test_a_throttled_question_is_asked_seldom_and_a_yes_stays():
    answers = iter([False, True])
    ask = throttled(lambda: next(answers), every_s=0.0)
    assert [ask() for _ in range(4)] == [False, True, True, True]
    asked = []
    ask = throttled(lambda: bool(asked.append(1)), every_s=60.0)
    assert not any(ask() for _ in range(1000))
    assert len(asked) == 1


def test_a_clock_set_back_after_the_wish_hides_no_ending(outputs, spec, monkeypatch):
    run = create_run(outputs, spec)

    class Behind(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=400)

    monkeypatch.setattr("urbansound.runs.folder.datetime", Behind)
    run.emit("started")
    assert run.status() == "interrupted"
    run.emit("finished")
    assert run.status() == "finished"


def test_a_wish_from_the_future_is_not_waited_for(outputs, spec):
    run = create_run(outputs, spec)
    ahead = time.time() + 3600
    os.utime(run.path / "asked", (ahead, ahead))
    assert run.status() == "interrupted"


def test_events_that_cannot_be_read_are_as_none(outputs, spec):
    run = create_run(outputs, spec)
    (run.path / "events.jsonl").mkdir()
    assert run.events() == []
    assert run.status() == "starting"


def test_a_torn_last_line_hides_no_later_ending(outputs, spec):
    run = create_run(outputs, spec)
    run.emit("started")
    with open(run.path / "events.jsonl", "a") as file:
        file.write('{"event": "epo')
    run.request_start()
    run.drop_unfinished_line()
    run.emit("stopped")
    assert run.status() == "stopped"
