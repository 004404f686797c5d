"""Real worker processes: they finish, stop, wait, die and go on."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime

import pytest
import torch

from urbansound.errors import BadConfig, RunFailed
from urbansound.processes import start_detached
from urbansound.runs.folder import ACTIVE
from urbansound.runs.launch import resume_run, start_run
from urbansound.runs.saved import find_model, run_model, use_run
from urbansound.runs.store import create_run, list_runs
from urbansound.runs.weights import load_weights
from urbansound.runs.worker import work

PATIENCE_S = 60


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


def wait_for_status(run, *statuses):
    wait_for(lambda: run.status() in statuses, f"{statuses}, but {run.status()}: {run.events()}")


def wait_for_epochs(run, n):
    wait_for(lambda: len(run.epochs()) >= n, f"{n} epochs")


def test_a_started_run_finishes_and_becomes_the_saved_model(outputs, spec):
    run = start_run(outputs, spec)
    assert run.status() in ACTIVE
    wait_for_status(run, "finished")
    assert [event["epoch"] for event in run.epochs()] == [1, 2, 3, 4, 5]
    saved = find_model(outputs, "model1")
    assert saved.card.run_id == run.id
    assert saved.card.test.n == 40
    assert not run.checkpoint_path.exists()


def test_stop_is_heard_at_once_and_resume_ends_bit_equal(outputs, spec):
    spec = replace(spec, train=replace(spec.train, epochs=1500))
    whole = create_run(outputs, spec)
    work(outputs, whole)
    run = start_run(outputs, spec)
    wait_for_epochs(run, 20)
    run.request_stop()
    asked_at = time.time()
    wait_for_status(run, "stopped", "finished")
    assert run.status() == "stopped"
    stopped_at = datetime.fromisoformat(run.last_event()["at"]).timestamp()
    assert stopped_at - asked_at < 3
    resume_run(outputs, run)
    wait_for_status(run, "finished")
    ours, theirs = load_weights(run_model(run)), load_weights(run_model(whole))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    assert run_model(run).card.test == run_model(whole).card.test


@pytest.fixture
def pids(monkeypatch):
    """The process numbers of the workers that were sent."""
    sent = []

    def start(*arguments, **options):
        sent.append(start_detached(*arguments, **options))
        return sent[-1]

    monkeypatch.setattr("urbansound.runs.launch.start_detached", start)
    return sent


def test_a_killed_worker_leaves_an_interrupted_run_that_goes_on(outputs, spec, pids):
    spec = replace(spec, train=replace(spec.train, epochs=1500))
    whole = create_run(outputs, spec)
    work(outputs, whole)
    run = start_run(outputs, spec)
    wait_for(run.checkpoint_path.exists, "a checkpoint")
    os.kill(pids[-1], signal.SIGKILL)
    wait_for_status(run, "interrupted")
    n_done = len(run.epochs())
    resume_run(outputs, run)
    wait_for_status(run, "finished")
    started = [event for event in run.events() if event["event"] == "started"]
    assert 0 < started[-1]["from_epoch"] <= n_done
    ours, theirs = load_weights(run_model(run)), load_weights(run_model(whole))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_runs_take_turns_in_the_order_they_were_asked_for(outputs, long_spec, spec):
    first = start_run(outputs, long_spec)
    wait_for_epochs(first, 1)
    second, third = start_run(outputs, spec), start_run(outputs, spec)
    wait_for_status(second, "queued")
    wait_for_status(third, "queued")
    assert first.status() == "running"
    first.request_stop()
    wait_for_status(third, "finished")
    assert second.status() == "finished"
    assert second.events()[-1]["at"] < third.epochs()[0]["at"]


def test_a_queued_run_can_be_stopped(outputs, long_spec, spec):
    first = start_run(outputs, long_spec)
    wait_for_epochs(first, 1)
    second = start_run(outputs, spec)
    wait_for_status(second, "queued")
    second.request_stop()
    wait_for_status(second, "stopped")
    first.request_stop()
    wait_for_status(first, "stopped")


def test_a_run_that_is_to_stop_does_not_take_its_turn(outputs, spec):
    run = create_run(outputs, spec)
    run.request_stop()
    work(outputs, run)
    assert run.status() == "stopped"
    assert "turn" not in {event["event"] for event in run.events()}


def test_a_run_outlives_the_process_that_started_it(outputs, spec, long_spec):
    script = (
        "import sys; from pathlib import Path; from urbansound.runs.launch import resume_run;"
        "from urbansound.runs.store import find_run; outputs = Path(sys.argv[1]);"
        "run = find_run(outputs, sys.argv[2]); run.emit('stopped'); resume_run(outputs, run);"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = create_run(outputs, replace(long_spec, train=replace(spec.train, epochs=300)))
    ended = subprocess.run([sys.executable, "-c", script, outputs, run.id], check=False)
    assert ended.returncode == -signal.SIGKILL
    wait_for_status(run, "finished")


def test_one_run_is_never_worked_on_twice(outputs, long_spec):
    run = start_run(outputs, long_spec)
    wait_for_epochs(run, 1)
    with pytest.raises(RunFailed, match="at work already"):
        resume_run(outputs, run)
    run.request_stop()
    wait_for_status(run, "stopped")


@pytest.mark.parametrize(
    "damage", [lambda path: path.write_bytes(b"x" * 100), lambda path: path.mkdir()]
)
def test_a_damaged_checkpoint_starts_the_training_over(outputs, spec, damage):
    run = create_run(outputs, spec)
    damage(run.checkpoint_path)
    work(outputs, run)
    started = next(event for event in run.events() if event["event"] == "started")
    assert started["from_epoch"] == 0
    assert run.status() == "finished"


def test_stop_is_heard_while_features_are_extracted(outputs, spec, small_dataset):
    run = create_run(outputs, replace(spec, dataset=str(small_dataset)))
    run.request_stop()
    work(outputs, run)
    assert run.status() == "stopped"
    assert not [event for event in run.events() if event["event"] == "started"]


def test_what_went_wrong_stands_in_the_events_in_words(outputs, spec):
    bad = replace(spec, protocol=replace(spec.protocol, test_folds=(12,)))
    run = start_run(outputs, bad)
    wait_for_status(run, "failed")
    assert run.events()[-1]["message"].startswith("There is no fold 12 in this dataset.")
    with pytest.raises(BadConfig, match="no weights yet"):
        use_run(outputs, run)


def test_a_full_disk_fails_the_run_and_keeps_what_was_there(outputs, spec, monkeypatch):
    run = create_run(outputs, spec)
    work(outputs, run)
    before = (outputs / "model1.pth").read_bytes()
    second = create_run(outputs, replace(spec, train=replace(spec.train, seed=9)))

    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(RunFailed, match="disk is full"):
        work(outputs, second)
    assert second.status() == "failed"
    assert (outputs / "model1.pth").read_bytes() == before
    assert not list(outputs.rglob("*.part"))
    assert len(list_runs(outputs)) == 2
