"""Downloads that are cut, killed, stopped and lied to: all correct, or a sentence says why not."""

import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from faults.bad_servers import FAULTS, Bad, try_bad, try_redirect
from faults.count import Count, Plan, Tally
from faults.fetched import Fetched, ended, make_sounds, pack, was_killed
from faults.range_server import Answer, RangeServer, running
from urbansound.dataset.transfer import BLOCK
from urbansound.ui.background import STOPPING_S

N_BYTES = 3_000_000
# A process ends a moment after it was asked to; these machines are busy.
_LEAVE_S = STOPPING_S + 5.0
_AT_ONCE = 4
_PATIENCE_S = 60.0


def suite(plan: Plan) -> Iterator[Count]:
    """All kinds of ends that a download comes to, and what a server may do to it."""
    files = make_sounds(plan.random("sounds"), N_BYTES)
    yield _cuts(plan, files)
    yield _late_kills(plan, files)
    yield _stops(plan, files)
    yield from _lies(plan, files)
    yield _redirects(plan, files)


class _Trial:
    """One folder and one server; a process may be known to the server, to be killed by it."""

    def __init__(self, folder: Path, files: dict[str, bytes]) -> None:
        self.fetched = Fetched(folder, files)
        self.server = RangeServer(pack(files), self.fetched.n_written)
        self.process: subprocess.Popen[str] | None = None

    def cut(self, answer: Answer, *, at: int, how: str) -> None:
        """Serve until this byte of the file, then break the connection, or kill who asks."""
        start = answer.begin()
        answer.send(start, max(start, at))
        if how == "kill" and self.process is not None:
            self.process.kill()
        elif how == "reset":
            answer.reset()
        elif how == "stall":
            answer.stall()


def _cuts(plan: Plan, files: dict[str, bytes]) -> Count:
    tally, n_cuts, most = Tally("cut at random bytes, half of them by SIGKILL"), 0, 0
    n = plan.times(12, 100)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seeds = [(number, plan.random(f"cut {number}")) for number in range(n)]
        for problem, again in pool.map(lambda one: _cut_one(files, *one), seeds):
            tally.note(problem)
            n_cuts += len(again)
            most = max([most, *again])
    return tally.count(f"{n_cuts} cuts; at most {most / 1024:.0f} KiB fetched again at one")


def _cut_one(files: dict[str, bytes], number: int, rng: random.Random) -> tuple[str, list[int]]:
    with tempfile.TemporaryDirectory() as place:
        trial = _Trial(Path(place), files)
        server, fetched = trial.server, trial.fetched
        is_killed = number % 2 == 0
        places = sorted(rng.randrange(len(server.content)) for _ in range(rng.randint(1, 3)))
        kinds = ["kill"] if is_killed else ["close", "reset"]
        server.acts = [partial(trial.cut, at=at, how=rng.choice(kinds)) for at in places]
        how = "page" if number % 4 < 2 else "command"
        n_kills = 0
        with running(server):
            code = -signal.SIGKILL
            while was_killed(code):
                trial.process = fetched.start(server, how)
                code, said = ended(trial.process)
                n_kills += was_killed(code)
        again = server.fetched_again()
        problem = "" if code == 0 else f"ended with {code}: {said}"
        if n_kills != len(places) * is_killed or len(again) != len(places):
            problem += f" {n_kills} kills and {len(again)} cuts of {len(places)} came about"
        if any(not 0 <= n <= BLOCK for n in again):
            problem += f" fetched again: {again}"
        return f"{problem} {fetched.find_fault()}".strip(), again


def _late_kills(plan: Plan, files: dict[str, bytes]) -> Count:
    """All bytes are there: none is fetched again, and nothing half unpacked stays."""
    tally, rng = Tally("killed while checking or unpacking"), plan.random("late kills")
    for number in range(plan.times(4, 40)):
        with tempfile.TemporaryDirectory() as place:
            trial = _Trial(Path(place), files)
            count = rng.randint(1, len(files)) if number % 2 else 1
            death = ("unpack" if number % 2 else "verify", str(count))
            with running(trial.server):
                code, said = trial.fetched.run(trial.server, "command", *death)
                n_served = trial.server.n_served
                again, words = trial.fetched.run(trial.server, "command")
            tally.note(
                "" if was_killed(code) else f"was not killed: {said}",
                "" if again == 0 else f"ended with {again}: {words}",
                "" if trial.server.n_served == n_served else "fetched again",
                trial.fetched.find_fault(),
            )
    return tally.count("0 bytes fetched again")


def _stops(plan: Plan, files: dict[str, bytes]) -> Count:
    """Stopped on the page and gone on with by command, and the other way round."""
    tally = Tally("stopped by one of page and command, gone on with by the other")
    n, slowest = plan.times(4, 40), 0.0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seeds = [(number, plan.random(f"stop {number}")) for number in range(n)]
        for problem, took_s in pool.map(lambda one: _stop_one(files, *one), seeds):
            tally.note(problem)
            slowest = max(slowest, took_s)
    return tally.count(f"gone within {slowest:.1f} s, also where the server was silent")


def _stop_one(files: dict[str, bytes], number: int, rng: random.Random) -> tuple[str, float]:
    with tempfile.TemporaryDirectory() as place:
        trial = _Trial(Path(place), files)
        first, second = ("page", "command") if number % 2 else ("command", "page")
        at = rng.randrange(1, len(trial.server.content))
        trial.server.acts = [partial(trial.cut, at=at, how="stall")]
        with running(trial.server):
            process = trial.fetched.start(trial.server, first)
            _wait_until(lambda: trial.fetched.n_written() == at)
            took_s = _stop(trial.fetched, process, first)
            code, said = trial.fetched.run(trial.server, second)
        again = trial.server.fetched_again()
        return (
            " ".join(
                filter(
                    None,
                    [
                        "" if process.returncode in (1, 130) else f"left by {process.returncode}",
                        "" if took_s < _LEAVE_S else f"left after {took_s:.1f} s",
                        "" if code == 0 else f"ended with {code}: {said}",
                        "" if again == [0] else f"fetched again: {again}",
                        trial.fetched.find_fault(),
                    ],
                )
            ),
            took_s,
        )


def _stop(fetched: Fetched, process: "subprocess.Popen[str]", how: str) -> float:
    """Stop it as a person does; the seconds until it was gone."""
    began = time.monotonic()
    if how == "command":
        process.send_signal(signal.SIGINT)
    else:
        (fetched.folder / ".jobs" / "download.stop").touch()
    ended(process)
    return time.monotonic() - began


def _wait_until(is_so: Callable[[], bool]) -> None:
    """Return once it is so, or after a long while: what follows then says what is wrong."""
    ends = time.monotonic() + _PATIENCE_S
    while not is_so() and time.monotonic() < ends:
        time.sleep(0.01)


def _lies(plan: Plan, files: dict[str, bytes]) -> Iterator[Count]:
    """Each kind of bad server: the right file, or a sentence, and nothing in between."""
    asked = [(fault.what, bad) for fault in FAULTS for bad in fault.kinds] * plan.times(1, 10)

    def try_one(number: int, bad: Bad) -> Sequence[str]:
        with tempfile.TemporaryDirectory() as place:
            return try_bad(Path(place), files, bad, plan.random(f"bad server {number}"))

    tallies = {fault.what: Tally(fault.what) for fault in FAULTS}
    with ThreadPoolExecutor(2 * _AT_ONCE) as pool:
        done = pool.map(try_one, range(len(asked)), (bad for _, bad in asked))
        for (what, _), problems in zip(asked, done, strict=True):
            tallies[what].note(*problems)
    for what, tally in tallies.items():
        n_refused = sum(bool(bad.error) for name, bad in asked if name == what)
        yield tally.count(f"{tally.n - n_refused} right files, {n_refused} sentences")


def _redirects(plan: Plan, files: dict[str, bytes]) -> Count:
    tally, rng = Tally("one that leads from https to http"), plan.random("redirects")
    for number in range(plan.times(2, 10)):
        with tempfile.TemporaryDirectory() as place:
            how = "page" if number % 2 else "command"
            tally.note(*try_redirect(Path(place), files, rng, how))
    return tally.count("no byte asked for without encryption")
