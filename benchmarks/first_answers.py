"""How long a person waits for the app's first answers, in a real browser on a real server.

    python -m benchmarks.first_answers [--data FOLDER] [--only start train waves pages crowd]

serves the app on a data folder (URBANSOUND_DATA; without one on the demo set, made for it),
with outputs of its own, and prints a Markdown table: from the act until what a person waits
for is drawn. The crowd of twenty speaks to the server as a page in a browser does, but draws
nothing; see `benchmarks.crowd`. Needs Chromium or Chrome.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.crowd import crowd_seconds
from benchmarks.machine import machine_text
from benchmarks.served import VIEWPORT, browser, served, starting
from benchmarks.table import Table, publish
from urbansound.dataset.demo import build_demo
from urbansound.dataset.index import load_dataset
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.runs.launch import start_run
from urbansound.runs.store import list_runs

HEADINGS = {
    "Home": "kinds of",
    "Explore": "Explore",
    "Train": "Teach a network",
    "Runs": "Runs",
    "Classify": "What is this sound",
}
N_VISITORS, EVERY_S, CROWD_S = 20, 5.0, 60.0
PATIENCE_MS = 120_000
Tabs = Callable[[], AbstractContextManager[Page]]
# What the visitors of the crowd ask for, in turn.
WALKS = {
    "Explore": ("explore",),
    "Train, with the curves of the training": ("train",),
    "from Home to Runs and back": ("", "runs"),
    "Classify": ("classify",),
}
READING_S = 5.0
# `timed` resolves to the seconds from an act until what it asks for is shown.
TIMER = """
const still = () => document.querySelector(
    "[data-testid=stApp][data-test-script-state=notRunning]")
  && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
const deep = (root, selector) => [...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].filter(e => e.shadowRoot)
    .flatMap(e => deep(e.shadowRoot, selector))]
const conditions = {
  heading: words => document.querySelector("h1")?.textContent.includes(words) && still(),
  waves: n => deep(document, ".wave.drawn").length >= n,
  point: () => document.querySelector(
    "[aria-label^='Accuracy by epoch'] g.mark-symbol.role-mark path"),
}
window.timed = (act, condition, of) => new Promise(resolve => {
  const begun = performance.now()
  act?.()
  const look = () => conditions[condition](of)
    ? resolve((performance.now() - begun) / 1000) : setTimeout(look, 8)
  look()
})
window.link = name => [...document.querySelectorAll("[data-testid=stTopNavLink]")]
  .find(link => link.textContent.includes(name))
window.deep = deep
window.still = still
window.button = name => [...document.querySelectorAll("button")]
  .find(button => button.textContent.trim().endsWith(name))
"""


@dataclass
class Row:
    """One figure: what is waited for, the limit that is asked, and the seconds it took."""

    what: str
    asked: str
    seconds: list[float] = field(default_factory=list)
    is_95th: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """As a row of the table."""
        last = float(np.quantile(self.seconds, 0.95)) if self.is_95th else max(self.seconds)
        middle = statistics.median(self.seconds)
        return (self.what, self.asked, f"{middle:.2f}", f"{last:.2f}", f"{len(self.seconds)}")


def measure_start(data: Path, outputs: Path, tab: Tabs) -> list[Row]:
    """From `streamlit run` to the first answer, and to Home drawn in a browser."""
    answer = Row("`streamlit run` to the first request's answer", "2 s")
    home = Row("`streamlit run` to Home's ten waveforms", "")
    for _ in range(5):
        begun = time.perf_counter()
        with starting(data, outputs) as app, tab() as page:
            wait_for_answer(app.address)
            answer.seconds.append(time.perf_counter() - begun)
            page.goto(app.address)
            page.evaluate("timed(null, 'waves', 10)")
            home.seconds.append(time.perf_counter() - begun)
    return [answer, home]


def wait_for_answer(address: str) -> None:
    """Ask for the first page until the server gives it."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                answer.read()
            return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.01)


def measure_train(data: Path, outputs: Path, tab: Tabs) -> list[Row]:
    """From the click on Train to the first point of the accuracy curve."""
    looked = Row(f"click on Train, {READING_S:.0f} s after its page, to the first point", "2.5 s")
    at_once = Row("the same, clicked as soon as its page is drawn", "")
    for row, reading_s in ((looked, READING_S), (at_once, 0.0)):
        for _ in range(5):
            with served(data, outputs) as app, tab() as page:
                row.seconds.append(click_train(page, app.address, reading_s))
                end_runs(outputs)
    return [looked, at_once]


def click_train(page: Page, address: str, reading_s: float) -> float:
    """Seconds from the click to the first point, on a page that was looked at so long."""
    page.goto(f"{address}/train")
    page.evaluate(f"timed(null, 'heading', '{HEADINGS['Train']}')")
    page.wait_for_timeout(1000 * reading_s)
    return float(page.evaluate("timed(() => button('Train').click(), 'point')"))


def end_runs(outputs: Path) -> None:
    """Stop what trains, and wait for its end."""
    for run in active_runs(outputs):
        run.request_stop()
    while active_runs(outputs):
        time.sleep(0.1)


def active_runs(outputs: Path) -> list[RunFolder]:
    """The runs that are at work or wait."""
    return [run for run in list_runs(outputs) if run.status() in ACTIVE]


def measure_waves(data: Path, outputs: Path, tab: Tabs) -> list[Row]:
    """Ten waveforms, from the click on the page's link: on a new server, and again."""
    rows = []
    for name in ("Explore", "Home"):
        cold, warm = Row(f"{name}'s ten waveforms, cold", "3 s"), Row("the same, warm", "1 s")
        other = "Home" if name == "Explore" else "Explore"
        for _ in range(3):
            with served(data, outputs) as app, tab() as page:
                place = name.lower().replace("home", "")
                cold.seconds.append(opened(page, f"{app.address}/{place}"))
                for _ in range(3):
                    go(page, other)
                    warm.seconds.append(waves_after_click(page, name))
        rows += [cold, warm]
    return rows


def opened(page: Page, address: str) -> float:
    """Seconds until the page at an address shows ten waveforms, the browser's load included."""
    begun = time.perf_counter()
    page.goto(address)
    page.evaluate("timed(null, 'waves', 10)")
    return time.perf_counter() - begun


def waves_after_click(page: Page, name: str) -> float:
    """Seconds from the click on a page's link until ten waveforms stand there."""
    page.wait_for_timeout(500)
    page.evaluate("deep(document, '.wave').forEach(wave => wave.classList.remove('drawn'))")
    return float(page.evaluate(f"timed(() => link('{name}').click(), 'waves', 10)"))


def go(page: Page, name: str) -> float:
    """Seconds from the click on a page's link until it is drawn."""
    page.wait_for_timeout(500)
    words = HEADINGS[name]
    return float(page.evaluate(f"timed(() => link('{name}').click(), 'heading', '{words}')"))


def measure_pages(data: Path, outputs: Path, tab: Tabs) -> list[Row]:
    """Every way from a page to another, three times, once all have been opened.

    Two trainings are done, so that Runs has something to show.
    """
    for _ in range(2):
        start_run(outputs, training(data, TrainConfig(epochs=50, device="cpu")))
    while active_runs(outputs):
        time.sleep(0.1)
    pairs = Row("page changes, all 20, from the click to the whole page", "0.4 s (median)")
    to_each = {name: Row(f"of these, to {name}", "") for name in HEADINGS}
    with served(data, outputs) as app, tab() as page:
        opened(page, app.address)
        for name in HEADINGS:
            if name != "Home":
                go(page, name)
        for _ in range(3):
            for first, second in itertools.permutations(HEADINGS, 2):
                if not page_is(page, first):
                    go(page, first)
                to_each[second].seconds.append(go(page, second))
    pairs.seconds = [second for row in to_each.values() for second in row.seconds]
    return [pairs, *to_each.values()]


def page_is(page: Page, name: str) -> bool:
    """Whether this page is open."""
    heading = page.evaluate("document.querySelector('h1').textContent")
    return HEADINGS[name] in heading


def measure_crowd(data: Path, outputs: Path, tab: Tabs) -> list[Row]:
    """Twenty sessions, each asking for a page every five seconds while a training runs.

    What is read is the server's answer to its last byte; no browser draws it.
    """
    del tab
    whole = Row(f"{N_VISITORS} sessions, a page each {EVERY_S:.0f} s, a training", "2 s", [], True)
    parts = {words: Row(f"of these, {words}", "", is_95th=True) for words in WALKS}
    kinds = [list(WALKS)[at % len(WALKS)] for at in range(N_VISITORS)]
    with served(data, outputs) as app:
        config = TrainConfig(epochs=100_000, batch_size=4, device="cpu")
        run = start_run(outputs, training(data, config))
        walks = [WALKS[kind] for kind in kinds]
        waited = crowd_seconds(app.address, walks, every_s=EVERY_S, for_s=CROWD_S)
        if run.status() != "running":
            raise SystemExit(f"The training did not go on: {run.last_event()}")
        end_runs(outputs)
    for kind, seconds in zip(kinds, waited, strict=True):
        parts[kind].seconds += seconds
        whole.seconds += seconds
    return [whole, *parts.values()]


def training(data: Path, config: TrainConfig) -> RunSpec:
    """Model 1 on the data at hand."""
    root = root_in(data)
    folds = load_dataset(root).folds
    return RunSpec(
        str(root.resolve()),
        "model1",
        train=config,
        protocol=Protocol("official", (folds[-1],), (folds[-2],)),
    )


def root_in(data: Path) -> Path:
    """The dataset in a data folder: the real one, else the demo set."""
    real, demo = data / "UrbanSound8K", data / "demo" / "UrbanSound8K"
    return real if real.is_dir() else demo


PARTS: dict[str, Callable[[Path, Path, Tabs], list[Row]]] = {
    "start": measure_start,
    "train": measure_train,
    "waves": measure_waves,
    "pages": measure_pages,
    "crowd": measure_crowd,
}


def first_answers(data: Path | None = None, only: Sequence[str] = ()) -> Iterator[Table]:
    """The table, of a data folder or the demo set, of all parts or some."""
    machine = machine_text("streamlit", "torch", "playwright")
    with tempfile.TemporaryDirectory() as folder, browser() as opened:
        data = data or _demo(Path(folder, "data"))
        n_clips = len(load_dataset(root_in(data)).clips)
        load_features(load_dataset(root_in(data)), MFCC40)
        tab = tabs_of(opened)
        rows = [
            row.cells
            for name in only or PARTS
            for row in PARTS[name](data, Path(folder, f"outputs_{name}"), tab)
        ]
        notes = (f"Seconds; {n_clips:,} clips; Chromium {opened.version}.",)
    head = ("what", "asked", "median", "worst, or of the crowd the 95th of 100", "n")
    yield Table("first answers", head, rows, machine, notes)


def _demo(data: Path) -> Path:
    build_demo(root_in(data))
    return data


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="a data folder")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[])
    args = parser.parse_args()
    for table in first_answers(args.data, args.only):
        publish(table, None)
    return 0


def tabs_of(opened: Browser) -> Tabs:
    """What opens a tab, with nothing kept from another; it closes with its block."""

    @contextmanager
    def tab() -> Iterator[Page]:
        context = opened.new_context(viewport=VIEWPORT)
        context.add_init_script(TIMER)
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
        context.close()

    return tab


if __name__ == "__main__":
    sys.exit(main())
