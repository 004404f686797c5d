"""A run, done anything to in any order: Hypothesis looks for an order that breaks a promise."""

import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import torch
from filelock import FileLock, Timeout
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, floats, integers

from faults.children import fork
from faults.count import Count, Plan, Tally
from faults.keepsakes import write_rows
from faults.workers import single, waited
from urbansound.errors import RunFailed, UrbanSoundError
from urbansound.runs.folder import ACTIVE, RunFolder, check_resumable
from urbansound.runs.saved import run_card
from urbansound.runs.store import (
    create_run,
    delete_run,
    device_lock_path,
    find_run,
    list_runs,
    restore_run,
)
from urbansound.runs.worker import work

_STATUSES = {*ACTIVE, "stopped", "interrupted", "finished", "failed"}
_ENDED = _STATUSES.difference(ACTIVE)
_MOMENT_S = 3.0
_STEPS = 12
_SETTLED_S = 60.0
_STARTING_S = 1.0


class Life(RuleBasedStateMachine):
    """Runs of an outputs folder; a worker is this process forked, so that it starts at once."""

    runs = Bundle("runs")
    rows: Path
    n_steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.outputs = Path(tempfile.mkdtemp(prefix="states-"))
        self.workers: dict[str, int] = {}
        self.told: dict[str, dict[int, float]] = {}
        self.deleted: set[str] = set()

    @initialize(target=runs)
    def first(self) -> str:
        """There is a run to begin with."""
        return self.start(epochs=400)

    @rule(target=runs, epochs=integers(1, 400))
    def start(self, epochs: int) -> str:
        """Somebody presses Train."""
        run = create_run(self.outputs, single(self.rows, epochs))
        self._send(run)
        return run.id

    @rule(run=runs, is_learning=booleans())
    def cancel(self, run: str, is_learning: bool) -> None:
        """Somebody presses Stop, whatever the run is doing."""
        if run not in self.deleted:
            self._wait_for(run, is_learning=is_learning)
            self._run(run).request_stop()

    @rule(run=runs, is_learning=booleans())
    def kill(self, run: str, is_learning: bool) -> None:
        """A power cut for one process."""
        self._wait_for(run, is_learning=is_learning)
        self._end(run)

    @rule(run=runs, is_killed=booleans())
    def interrupt_and_resume(self, run: str, is_killed: bool) -> None:
        """In the midst of learning, and at once on again."""
        if run in self.deleted:
            return
        (self.kill if is_killed else self.cancel)(run, is_learning=True)
        waited(lambda: self._run(run).status() in _ENDED, within_s=_MOMENT_S)
        self.resume(run)

    def _wait_for(self, run: str, *, is_learning: bool) -> None:
        """At once, or until it has learned something more."""
        if is_learning and run in self.workers:
            known = self._run(run)
            n_before = len(known.epochs())
            waited(
                lambda: len(known.epochs()) > n_before or known.status() in _ENDED,
                within_s=_MOMENT_S,
            )

    @rule(run=runs)
    def resume(self, run: str) -> None:
        """Somebody presses Go on; it is refused where there is nothing to go on with."""
        if run in self.deleted:
            return
        folder = self._run(run)
        try:
            check_resumable(folder)
        except RunFailed:
            return
        self._end(run)
        folder.request_start()
        self._send(folder)

    @rule(pause_s=floats(0, 0.2))
    def reload(self, pause_s: float) -> None:
        """Time goes by, and the page is drawn anew from what is on disk."""
        time.sleep(pause_s)
        for run in list_runs(self.outputs):
            self._remember(run)

    @rule(target=runs, run=consumes(runs))
    def delete_and_bring_back(self, run: str) -> str:
        """A run that is not at work can be deleted, and is then gone until it is brought back."""
        try:
            delete_run(self._run(run))
        except RunFailed:
            return run
        assert run not in {other.id for other in list_runs(self.outputs)}
        restore_run(self.outputs, run)
        return run

    @rule(run=consumes(runs))
    def delete(self, run: str) -> None:
        """For good, where it is not at work."""
        try:
            delete_run(self._run(run))
        except UrbanSoundError:
            return
        self.deleted.add(run)

    @invariant()
    def all_is_as_promised(self) -> None:
        """What holds at any moment."""
        type(self).n_steps += 1
        runs = list_runs(self.outputs)
        assert not self.deleted & {run.id for run in runs}
        for run in runs:
            status = run.status()
            assert status in _STATUSES, status
            self._remember(run)
            if status == "finished":
                card = run_card(run)
                assert card is not None
                assert card.run_id == run.id
                assert len(run.epochs()) == run.spec.train.epochs

    def _remember(self, run: RunFolder) -> None:
        """No epoch that was told is lost, and none comes to another loss when it is told again."""
        now = {int(event["epoch"]): float(event["train_loss"]) for event in run.epochs()}
        before = self.told.get(run.id, {})
        assert before.items() <= now.items(), f"{run.id} lost or changed epochs"
        assert sorted(now) == list(range(1, len(now) + 1)), f"{run.id} has gaps"
        self.told[run.id] = now

    def teardown(self) -> None:
        """All are stopped; then nobody is at work, and nothing is left that should not be."""
        try:
            for run in list_runs(self.outputs):
                run.request_stop()
            ended = waited(self._are_all_idle, within_s=_SETTLED_S)
            assert ended is not None, "a run does not end"
            for run in list(self.workers):
                self._end(run)
            with FileLock(device_lock_path(self.outputs)).acquire(timeout=0):
                assert not any(run.is_alive() for run in list_runs(self.outputs))
        except Timeout as error:
            raise AssertionError("nobody is at work, and the device is held") from error
        finally:
            for run in list(self.workers):
                self._end(run)
            shutil.rmtree(self.outputs, ignore_errors=True)

    def _are_all_idle(self) -> bool:
        for run in list(self.workers):
            if os.waitpid(self.workers[run], os.WNOHANG)[0]:
                del self.workers[run]
        return not any(run.status() in ACTIVE for run in list_runs(self.outputs))

    def _run(self, run: str) -> RunFolder:
        return find_run(self.outputs, run)

    def _send(self, run: RunFolder) -> None:
        self.workers[run.id] = fork(lambda: work(self.outputs, run), is_quiet=True)

    def _end(self, run: str) -> None:
        child = self.workers.pop(run, None)
        if child is not None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def suite(plan: Plan) -> Iterator[Count]:
    """One count: orders tried, of up to twelve steps each."""
    n = plan.times(15, 200)
    tally = Tally("orders of start, cancel, kill, resume, reload, delete")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    # A run whose worker was killed at once is given up sooner than by a person's app, and what
    # is saved each second there is saved each epoch, for these trainings are short.
    with (
        patch("urbansound.training.loop.CHECKPOINT_EVERY_S", 0.0),
        patch("urbansound.runs.folder.STARTING_S", _STARTING_S),
        tempfile.TemporaryDirectory() as folder,
    ):
        Life.rows = Path(folder) / "rows"
        write_rows(Life.rows)
        # All is imported before the first worker is forked.
        work(Path(folder), create_run(Path(folder), single(Life.rows, 1)))
        said = ""
        try:
            seeded(plan.seed)(Life)
            run_state_machine_as_test(Life, settings=_settings(n))  # type: ignore[no-untyped-call]
        except AssertionError as error:
            said = str(error) or "an assertion failed"
        except Flaky as error:
            # What breaks by the clock may hold when the same order is tried again.
            causes = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
            said = str(causes[0]) or "an assertion failed"
    for _ in range(n - 1):
        tally.note()
    tally.note(said)
    yield tally.count(f"{Life.n_steps:,} steps, after each of which all promises held")


def _settings(n: int) -> settings:
    return settings(
        max_examples=n,
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
