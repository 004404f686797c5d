"""Sounds that attack their decoder, uploads that fill the memory, and names that run."""

import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from benchmarks.hostile_files import hostile_files, sound
from benchmarks.hostile_sounds import MUTATED, OUTCOMES, count_outcomes, mutant
from benchmarks.memory import resident_bytes, watching_memory
from benchmarks.served import ServedApp, browser_page, served
from faults.count import Count, Plan, Tally
from faults.injections import PLACES, SCRIPTS
from faults.keepsakes import write_sounds
from urbansound.audio.signal import to_wav_bytes
from urbansound.dataset.index import TABLE
from urbansound.experiment.execute import execute
from urbansound.features.spec import MFCC40
from urbansound.paths import PROJECT
from urbansound.records import Audio, Protocol, RunSpec, TrainConfig
from urbansound.runs.store import create_run

_LARGEST_MB = 199
# With the processes that hear them. Six of the largest are 1,194 MB.
_MOST_MB = 700.0
_FREED_MB = 300.0
_FREED_WITHIN_S = 180.0
_PATIENCE_MS = 120_000
# Time for the last bytes to come and the page to begin with them.
_AFTER_MS = 5_000
_ROOMS = ("", "explore", "explore?view=Balance", "explore?view=Compare", "explore?view=Guess")
_PAGES = (*_ROOMS, "train", "runs", "classify")


def suite(plan: Plan) -> Iterator[Count]:
    """Files first, then a server with a browser."""
    yield _decoded(plan)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _name_all(folder)
        with (
            served(folder / "data", folder / "outputs") as app,
            browser_page() as page,
        ):
            page.goto(app.address)
            expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=_PATIENCE_MS)
            yield _names_of_classes(page, app.address)
            yield _names_of_uploads(page, app.address, folder, plan)
            yield _largest(page, app, folder, plan)


def _decoded(plan: Plan) -> Count:
    """The hostile corpus and mutants of good files, each by the decoder of uploads."""
    first = plan.seed * 1_000_000
    n_each = plan.times(25, 10_000)
    counts = count_outcomes(hostile_files().values(), jobs=4)
    for kind in MUTATED.values():
        data, seeds = sound(kind), range(first, first + n_each)
        counts += count_outcomes((mutant(data, seed) for seed in seeds), jobs=4)
    unnamed = [f"{n} ended as '{end}'" for end, n in counts.items() if end not in OUTCOMES]
    refused = sum(n for end, n in counts.items() if end not in ("ok", "partial"))
    return Count(
        "hostile sounds and mutants",
        counts.total(),
        unnamed,
        f"{refused:,} refused by name, {counts['partial']:,} heard in part, {counts['ok']:,} whole",
    )


def _name_all(folder: Path) -> None:
    """A dataset whose ten classes have such names, and a model that was taught them."""
    root = folder / "data" / "UrbanSound8K"
    write_sounds(root)
    with open(root / TABLE, newline="") as file:
        head, *rows = csv.reader(file)
    with open(root / TABLE, "w", newline="") as file:
        csv.writer(file).writerows([head, *([*row[:-1], SCRIPTS[int(row[-2])]] for row in rows)])
    config = TrainConfig(epochs=1, device="cpu")
    spec = RunSpec(str(root), "model1", MFCC40, config, Protocol("official", (10,), (9,)))
    assert execute(create_run(folder / "outputs", spec), folder / "outputs")


def _names_of_classes(page: Page, address: str) -> Count:
    """Every page of a dataset with such classes, and a run of it opened."""
    tally = Tally("pages over classes named like scripts")
    page.set_content(SCRIPTS[6])
    page.wait_for_timeout(300)
    tally.note("" if _has_run(page) else "a script that runs would not be noticed")
    for place in _PAGES:
        page.goto(f"{address}/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=_PATIENCE_MS)
        _settle(page)
        tally.note(_has_run(page))
    return tally.count("no script ran")


def _names_of_uploads(page: Page, address: str, folder: Path, plan: Plan) -> Count:
    """One upload of each name, and where the files are afterwards."""
    tally, before = Tally("uploads named like scripts and places"), _listing(folder)
    names = [f"{name}.wav" for name in (*SCRIPTS, *PLACES)]
    data = to_wav_bytes(Audio(_noise(1.0), 22_050))
    page.goto(f"{address}/classify")
    page.get_by_role("radio", name="Upload").click()
    _settle(page)
    for name in names if plan.is_long else names[:: max(1, len(names) // 12)]:
        file = {"name": name, "mimeType": "audio/wav", "buffer": data}
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        _settle(page)
        new = _listing(folder) - before
        tally.note(_has_run(page), f"{name[:40]!r} wrote {sorted(new)[:3]}" if new else "")
    return tally.count("no script ran, no file written beside the app's own")


def _largest(page: Page, app: ServedApp, folder: Path, plan: Plan) -> Count:
    """Uploads as large as are allowed: one by one in a session, all at once; then it ends."""
    tally = Tally("uploads of the largest size from one session, one by one and at once")
    paths = [folder / f"large {number}.wav" for number in range(plan.times(3, 6))]
    seconds = _LARGEST_MB * 1e6 / 2 / 44_100
    paths[0].write_bytes(to_wav_bytes(Audio(_noise(seconds, 44_100), 44_100)))
    for path in paths[1:]:
        path.hardlink_to(paths[0])
    before = resident_bytes(app.pid)
    with watching_memory(app.pid) as memory:
        for choice in ([[path] for path in paths], [paths]):
            page.goto(f"{app.address}/classify")
            page.get_by_role("radio", name="Upload").click()
            _settle(page)
            for chosen in choice:
                fault, risen = _send(page, chosen), (memory.highest - before) / 1e6
                tally.note(fault, f"{risen:.0f} MB above idle" if risen > _MOST_MB else "")
    highest = (memory.highest - before) / 1e6
    page.goto("about:blank")
    left = _left_mb(app.pid, before, _FREED_WITHIN_S)
    tally.note(f"{left:.0f} MB are not freed" if left > _FREED_MB else "")
    about = f"{_LARGEST_MB} MB each: at most {highest:.0f} MB above idle"
    return tally.count(f"{about}, {left:.0f} MB when the session was over")


def _send(page: Page, paths: list[Path]) -> str:
    """Upload the files beside those that are there; why they are not all taken."""
    chips = page.get_by_test_id("stFileChip")
    n_now = chips.count() + len(paths)
    page.locator("input[type=file]").set_input_files(paths)
    try:
        expect(chips).to_have_count(n_now, timeout=_PATIENCE_MS)
        expect(page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0, timeout=_PATIENCE_MS)
        expect(page.get_by_test_id("stFileChipIconError")).to_have_count(0)
    except AssertionError:
        return f"of {n_now} uploads {chips.count()} are there"
    page.wait_for_timeout(_AFTER_MS)
    _settle(page)
    return ""


def _left_mb(pid: int, before: int, within_s: float) -> float:
    until = time.monotonic() + within_s
    while (left := (resident_bytes(pid) - before) / 1e6) > _FREED_MB and time.monotonic() < until:
        time.sleep(1)
    return left


def _settle(page: Page) -> None:
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')",
        timeout=_PATIENCE_MS,
    )
    page.wait_for_timeout(300)


def _has_run(page: Page) -> str:
    return "a script ran" if page.evaluate("() => window.ran !== undefined") else ""


def _listing(folder: Path) -> set[str]:
    """Files where uploads never belong: all but those of the app's own work, here and around."""
    own = (path for path in folder.rglob("*") if ".jobs" not in path.parts)
    around = {*PROJECT.parents, PROJECT, Path.home(), Path(tempfile.gettempdir()), folder.parent}
    return set(map(str, own)) | {str(path) for one in around for path in one.glob("*escaped*")}


def _noise(seconds: float, rate: int = 22_050) -> np.ndarray:
    random = np.random.default_rng(0)
    return (0.1 * random.standard_normal(int(seconds * rate))).astype(np.float32)
