"""The web server killed while a run it started is at work."""

import os
import signal
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.served import browser_page, served
from faults.count import Count, Plan, Tally
from faults.keepsakes import write_rows
from faults.workers import waited
from urbansound.article_tensors import TENSOR_FILES
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import list_runs

_SHOWN_WITHIN_S = 5.0
_LONGEST_S = 1.0


def server_killed(folder: Path, n: int, plan: Plan) -> Count:
    """One run, begun in a browser; the server is killed `n` times under it and started again."""
    tally, slowest = Tally("SIGKILL of the web server while a run is at work"), 0.0
    numbers = plan.random("servers")
    data, outputs = folder / "served", folder / "served-outputs"
    data.mkdir()
    write_rows(data / "rows", n=8_000)
    for name in TENSOR_FILES:
        (data / "rows" / name).rename(data / name)
    run: RunFolder | None = None
    with browser_page() as page:
        for _ in range(n + 1):
            with served(data, outputs) as app:
                page.goto(f"{app.address}/train", wait_until="commit")
                if run is None:
                    run = _begun(page, outputs)
                else:
                    shown_s = _shown(page)
                    slowest = max(slowest, shown_s)
                    is_soon = shown_s <= plan.within(_SHOWN_WITHIN_S)
                    late = "" if is_soon else f"shown after {shown_s:.1f} s"
                    tally.note(late, _goes_on(run), _alone(outputs, run))
                time.sleep(numbers.uniform(0, _LONGEST_S))
                os.kill(app.pid, signal.SIGKILL)
    assert run is not None
    run.request_stop()
    ended = waited(lambda: run.status() == "stopped", within_s=30)
    if ended is None:
        tally.note(f"the run did not stop: {run.status()}")
    return tally.count(f"shown again {slowest:.1f} s after the server answers")


def _begun(page: Page, outputs: Path) -> RunFolder:
    """A training of a hundred thousand epochs, by the page's own button."""
    main = page.get_by_test_id("stMain")
    button = main.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled(timeout=60_000)
    field = page.get_by_label("Epochs", exact=True)
    if not field.is_visible():
        page.get_by_text("Settings", exact=True).click()
    field.fill("90000")
    field.press("Enter")
    page.wait_for_timeout(1500)
    button.click()
    expect(main.get_by_role("button", name="Stop training", exact=True)).to_be_visible(
        timeout=60_000
    )
    (run,) = list_runs(outputs)
    waited(lambda: len(run.epochs()) > 0)
    return run


def _shown(page: Page) -> float:
    """Seconds from the request until the page shows the run at work."""
    began = time.monotonic()
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop training", exact=True)
    expect(stop).to_be_visible(timeout=60_000)
    return time.monotonic() - began


def _goes_on(run: RunFolder) -> str:
    n_before = len(run.epochs())
    went_on = waited(lambda: len(run.epochs()) > n_before, within_s=20)
    return "" if went_on is not None else f"the run does not go on: {run.status()}"


def _alone(outputs: Path, run: RunFolder) -> str:
    """Nothing twice: one run, begun once, each epoch told once."""
    runs, events = list_runs(outputs), run.events()
    n_started = sum(event["event"] == "started" for event in events)
    epochs = [event["epoch"] for event in events if event["event"] == "epoch"]
    is_one = len(runs) == 1 and n_started == 1 and len(epochs) == len(set(epochs))
    return "" if is_one else f"{len(runs)} runs, started {n_started} times"
