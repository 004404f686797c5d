"""A worker kept warm: it does a run as any other would, and is never in the way."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.runs.test_worker import wait_for, wait_for_epochs, wait_for_status
from urbansound.runs import spare as spare_module
from urbansound.runs.launch import resume_run, start_run
from urbansound.runs.saved import run_model
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import create_run
from urbansound.runs.weights import load_weights


@pytest.fixture
def spare() -> Iterator[SpareWorker]:
    kept = SpareWorker(rest_s=0.1)
    kept.warm_up()
    yield kept
    kept.close()


@pytest.fixture
def sent(monkeypatch):
    """The runs for which a worker of their own was started."""
    started = []
    monkeypatch.setattr(
        "urbansound.runs.launch.start_detached",
        lambda module, place, run_id, log_path: started.append(run_id),
    )
    return started


def is_gone(pid: int) -> bool:
    """True too for a process that has ended and that nobody has waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_a_run_given_to_the_spare_ends_as_any_other(outputs, spec, spare, sent):
    run = start_run(outputs, spec, spare)
    assert spare.pid is None
    wait_for_status(run, "finished")
    assert sent == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority instead")
def test_it_lets_the_pages_go_first(spare):
    pid, own = spare.pid, os.getpriority(os.PRIO_PROCESS, 0)
    wait_for(lambda: os.getpriority(os.PRIO_PROCESS, pid) > own, "the spare to step aside")


def test_its_weights_are_those_of_a_worker_of_its_own(outputs, spec, spare):
    ours, theirs = start_run(outputs, spec, spare), start_run(outputs, spec)
    for run in (ours, theirs):
        wait_for_status(run, "finished")
    one, other = load_weights(run_model(ours)), load_weights(run_model(theirs))
    assert all(torch.equal(one[key], other[key]) for key in other)
    assert run_model(ours).card.test == run_model(theirs).card.test


def test_without_a_spare_the_run_gets_a_worker_of_its_own(outputs, spec, sent):
    run = start_run(outputs, spec, SpareWorker())
    assert sent == [run.id]
    assert run.status() == "starting"


def test_a_killed_spare_is_not_sent_anywhere(outputs, spec, spare, sent):
    os.kill(spare.pid, signal.SIGKILL)
    wait_for(lambda: spare.pid is None, "the end of the spare")
    run = start_run(outputs, spec, spare)
    assert sent == [run.id]


def test_a_spare_that_dies_before_it_takes_the_run_is_replaced(outputs, spec, spare, sent):
    pid = spare.pid
    os.kill(pid, signal.SIGSTOP)
    run = start_run(outputs, spec, spare)
    assert sent == []
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: sent == [run.id], "a worker of its own")
    assert run.status() == "starting"


def test_what_the_worker_says_is_in_the_log_of_the_run(outputs, spec, spare):
    bad = replace(spec, protocol=replace(spec.protocol, test_folds=(12,)))
    run = start_run(outputs, bad, spare)
    wait_for_status(run, "failed")
    wait_for(lambda: "There is no fold 12" in run.log_path.read_text(), "a line in the log")


def test_a_stopped_run_goes_on_in_the_spare(outputs, long_spec, spare):
    run = start_run(outputs, long_spec, spare)
    wait_for_epochs(run, 1)
    run.request_stop()
    wait_for_status(run, "stopped")
    spare.warm_up()
    wait_for(lambda: spare.pid is not None, "another spare")
    n_done = len(run.epochs())
    resume_run(outputs, run, spare)
    wait_for_epochs(run, n_done + 1)
    run.request_stop()
    wait_for_status(run, "stopped")


def test_closing_ends_the_process(spare):
    pid = spare.pid
    spare.close()
    wait_for(lambda: is_gone(pid), "the end of the spare")


def test_nobody_asks_for_it_and_it_ends():
    spare = SpareWorker(idle_s=0.1)
    spare.warm_up()
    wait_for(lambda: spare.pid is None, "the end of the spare")


def test_many_who_ask_at_once_start_one(monkeypatch):
    spare, gate, pids = SpareWorker(), threading.Barrier(8), []
    start = spare_module._start

    def counted():
        process = start()
        pids.append(process.pid)
        return process

    def ask():
        gate.wait()
        spare.warm_up()

    monkeypatch.setattr(spare_module, "_start", counted)
    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert pids == [spare.pid]
    spare.close()


def test_one_that_died_by_itself_is_not_started_again_at_once(spare):
    os.kill(spare.pid, signal.SIGKILL)
    wait_for(lambda: spare.pid is None, "the end of the spare")
    for _ in range(2):
        spare.warm_up()
        assert spare.pid is None


def test_lines_that_libraries_print_are_not_taken_for_its_death(outputs, spec, sent, monkeypatch):
    chatty = "print('MKL WARNING', flush=True)\nfrom urbansound.runs.worker import wait_for_run\n"
    command = [sys.executable, "-c", f"{chatty}raise SystemExit(wait_for_run())"]
    monkeypatch.setattr(spare_module, "module_command", lambda module: command)
    spare = SpareWorker()
    spare.warm_up()
    run = start_run(outputs, spec, spare)
    wait_for_status(run, "finished")
    assert sent == []


def test_the_next_one_waits_until_the_training_has_begun(outputs, spec, sent):
    spare = SpareWorker(rest_s=3600)
    spare.warm_up()
    run = start_run(outputs, spec, spare)
    spare.warm_up()
    assert spare.pid is None
    wait_for_status(run, "finished")
    spare.close()


_SERVER = """
import os, signal, sys, time
from pathlib import Path
from urbansound.runs import spare as spare_module
from urbansound.runs.launch import resume_run
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import find_run
spare = SpareWorker()
spare.warm_up()
print(spare.pid, flush=True)
if len(sys.argv) > 1:
    outputs = Path(sys.argv[1])
    run = find_run(outputs, sys.argv[2])
    run.emit("stopped")
    resume_run(outputs, run, spare)
os.kill(os.getpid(), signal.SIGKILL)
"""


def serve_and_die(*arguments: object) -> int:
    """A server that is killed with a spare at hand; the spare's process number."""
    command = [sys.executable, "-c", _SERVER, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return int(ended.stdout)


def test_a_spare_ends_with_its_server():
    pid = serve_and_die()
    wait_for(lambda: is_gone(pid), "the end of the spare")


def test_a_run_in_the_spare_outlives_its_server(outputs, spec):
    run = create_run(outputs, replace(spec, train=replace(spec.train, epochs=300)))
    serve_and_die(outputs, run.id)
    wait_for_status(run, "finished")
    assert len([e for e in run.events() if e["event"] == "finished"]) == 1
