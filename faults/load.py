"""Twenty people at once, and five hundred who come and go."""

import itertools
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.memory import PAGE_BYTES, processes
from benchmarks.served import ServedApp, served
from benchmarks.tab import tab
from faults.count import Count, Plan, Tally
from faults.home import scratch
from faults.workers import waited
from urbansound.dataset.demo import build_demo
from urbansound.dataset.index import load_dataset
from urbansound.features.spec import find_spec
from urbansound.records import RunSpec
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.runs.launch import start_run
from urbansound.training.config import find_preset

PAGES = ("", "explore", "train", "runs", "classify")
N_VISITORS, EVERY_S, _AT_THE_DOOR = 20, 5.0, 4
MOST_P95_S, MOST_GROWTH_MB, MOST_SHARE = 2.0, 100.0, 0.10
# Streamlit keeps the last 128 sessions for two minutes, should they come back.
_FORGET_S = 2
_END_S, _LOOK_EVERY_S = 60.0, 0.2


def suite(plan: Plan) -> Iterator[Count]:
    """A crowd at a server that trains; then one where visitors come and go."""
    with scratch() as folder:
        data, outputs = folder / "data", folder / "outputs"
        build_demo(data / "demo" / "UrbanSound8K")
        forget = f"--server.disconnectedSessionTTL={_FORGET_S}"
        with served(data, outputs, forget, log_path=folder / "server.log") as app:
            with ThreadPoolExecutor(_AT_THE_DOOR) as pool:
                list(pool.map(lambda number: _visit(app, number, 0.0), range(N_VISITORS)))
            with _training(data, outputs) as run:
                yield from _crowd(app, plan, run)
            yield _come_and_go(app, plan)


@contextmanager
def _training(data: Path, outputs: Path) -> Iterator[RunFolder]:
    """A training, begun as the page Train does, that lasts as long as the block."""
    index = load_dataset(data / "demo" / "UrbanSound8K")
    config = replace(find_preset("cnn"), epochs=10_000)
    spec = RunSpec(str(index.root), "cnn", find_spec("logmel"), config)
    run = start_run(outputs, spec)
    try:
        waited(lambda: len(run.epochs()) > 0 or run.status() not in ACTIVE)
        yield run
    finally:
        run.request_stop()
        deadline = time.monotonic() + _END_S
        while run.status() in ACTIVE and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)


def _crowd(app: ServedApp, plan: Plan, run: RunFolder) -> Iterator[Count]:
    """Twenty sessions, each with a page every five seconds."""
    for_s = plan.times(20, 600)
    before, n_epochs = resident_mb(app), len(run.epochs())
    with ThreadPoolExecutor(N_VISITORS) as pool:
        visits = list(pool.map(lambda number: _visit(app, number, for_s), range(N_VISITORS)))
    after = resident_mb(app)
    seconds = [took_s for visit in visits for took_s, _ in visit]
    shown = Tally("A page for one of 20 people, each asking every 5 s, while a network is trained")
    for _, failure in itertools.chain.from_iterable(visits):
        shown.note(failure)
    shown.wrong.extend(filter(None, [app.new_traceback()]))
    p95 = statistics.quantiles(seconds, n=20)[-1]
    yield shown.count(f"median {statistics.median(seconds):.2f} s, {for_s} s long")
    yield _limit("19 of 20 pages are there within 2 s", p95, MOST_P95_S, "s")
    yield _limit(
        f"The server grows by less than {MOST_GROWTH_MB:.0f} MB meanwhile",
        after - before,
        MOST_GROWTH_MB,
        "MB",
    )
    yield _went_on(run, n_epochs)


def _went_on(run: RunFolder, n_before: int) -> Count:
    n_more = len(run.epochs()) - n_before
    is_at_work = run.status() == "running" and n_before > 0 and n_more > 0
    wrong = () if is_at_work else (f"{n_before} epochs, {n_more} more, then {run.status()}",)
    return Count("The training goes on meanwhile", 1, wrong, f"{n_more:,} epochs")


def _visit(app: ServedApp, number: int, for_s: float) -> list[tuple[float, str]]:
    """How long each page took, and what was wrong with it; every page once where `for_s` is 0."""
    answers = []
    with tab(app.address) as page:
        if not for_s:
            return [(page.open(name), page.failure) for name in PAGES]
        page.open()
        page.stay(EVERY_S * number / N_VISITORS)
        until = time.monotonic() + for_s
        for turn in itertools.count(number):
            took_s = page.open(PAGES[turn % len(PAGES)])
            if time.monotonic() >= until:
                return [*answers, (took_s, page.failure)]
            page.stay(max(0.0, EVERY_S - took_s))
            answers.append((took_s, page.failure))
    return answers


def _come_and_go(app: ServedApp, plan: Plan) -> Count:
    """People who look at a page and leave, half of them before it is there."""
    first, n = plan.times(20, 50), plan.times(60, 500)
    comers = Tally("Somebody comes and goes, every other time before the page is there")
    random = plan.random("comers")
    early, threads = 0.0, 0
    for number in range(n):
        comers.note(_come(app, PAGES[number % len(PAGES)], is_hasty=random.random() < 0.5))
        if number + 1 == first:
            early, threads = _settled(app), _n_threads(app)
    late, more = _settled(app), _n_threads(app) - threads
    growth = late / early - 1
    comers.wrong.extend(filter(None, [app.new_traceback()]))
    if growth > MOST_SHARE:
        comers.wrong.append(f"memory grew from {early:.0f} to {late:.0f} MB")
    if more > N_VISITORS:
        comers.wrong.append(f"{more} threads stay")
    return comers.count(f"{early:.0f} MB after {first}, {late:.0f} MB ({growth:+.1%}) after {n}")


def _come(app: ServedApp, name: str, *, is_hasty: bool) -> str:
    with tab(app.address) as page:
        if is_hasty:
            page.ask(name)
            return ""
        page.open(name)
        return page.failure


def _settled(app: ServedApp) -> float:
    """The server's memory in MB once it has forgotten those who left."""
    time.sleep(2 * _FORGET_S)
    return resident_mb(app)


def resident_mb(app: ServedApp) -> float:
    """The memory of the server's own process, in MB."""
    own = app.pid
    return sum(pages for pid, _, pages in processes() if pid == own) * PAGE_BYTES / 1e6


def _n_threads(app: ServedApp) -> int:
    return len(list(Path(f"/proc/{app.pid}/task").iterdir()))


def _limit(what: str, value: float, most: float, unit: str) -> Count:
    said = f"{value:.2f} {unit}"
    return Count(what, 1, () if value < most else (f"{said} instead of {most:g}",), said)
