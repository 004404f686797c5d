"""Every page in either look, on a desk and on a phone: nobody is kept out."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import be_still, upload
from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio
from urbansound.runs.store import list_runs

RATE = 22050
FITS = (Path(__file__).parent / "reach.js").read_text(encoding="utf-8")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# What is being drawn anew is shown faint for that moment.
AXE = "axe.run({ exclude: [['[data-stale=true]']] }, { resultTypes: ['violations'] })"


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("h1").first.wait_for()
    be_still(page)


def siren(seconds: float) -> bytes:
    """A tone that rises and falls, with a pause in the middle of a long one."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 0.3 * np.sin(2 * np.pi * np.cumsum(900 + 400 * np.sin(4.4 * time)) / RATE)
    if seconds > 8:
        wave[len(wave) // 3 : len(wave) // 2] = 0
    return to_wav_bytes(Audio(wave.astype(np.float32), RATE))


def home(page, address, outputs):
    go(page, address)
    expect(page.locator(".card .wave.drawn")).to_have_count(10)


def explore(tab: str):
    def open_tab(page, address, outputs):
        go(page, f"{address}/explore?view={tab}")
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")

    return open_tab


def train(page, address, outputs):
    go(page, f"{address}/train")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    page.get_by_text("Settings", exact=True).click()


def training(page, address, outputs):
    train(page, address, outputs)
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("90000")
    epochs.press("Enter")
    be_still(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"^epoch [1-9][\d,]* of 90,000"))).to_be_visible()


def trained(page, address, outputs):
    go(page, f"{address}/train?run={list_runs(outputs)[-1].id}")
    expect(page.get_by_role("button", name="See its mistakes")).to_be_visible()


def runs(page, address, outputs):
    go(page, f"{address}/runs")


def run_part(part: str):
    def open_run(page, address, outputs):
        go(page, f"{address}/runs?run={finished(outputs)[0]}&part={part}")
        for fold in page.get_by_test_id("stExpander").locator("summary").all():
            fold.click()

    return open_run


def finished(outputs: Path) -> list[str]:
    return [run.id for run in list_runs(outputs) if run.status() == "finished"]


def two_runs(page, address, outputs):
    one, other = finished(outputs)[:2]
    go(page, f"{address}/runs?run={one}&run={other}")


def classify(page, address, outputs):
    go(page, f"{address}/classify")


def answered(page, address, outputs):
    classify(page, address, outputs)
    upload(page, ("street.wav", siren(4)))
    expect(page.locator("dl.chances")).to_have_count(1)


def why(page, address, outputs):
    answered(page, address, outputs)
    for fold in ("What drove the answer", "Try to break it", "Similar sounds"):
        page.get_by_text(fold, exact=True).click()
        be_still(page)


def compared(page, address, outputs):
    answered(page, address, outputs)
    page.get_by_role("radio", name="Compare").click()
    expect(page.locator("table.chances")).to_be_visible()


def long_sound(page, address, outputs):
    classify(page, address, outputs)
    upload(page, ("long.wav", siren(20)))
    expect(page.get_by_role("heading", name="What was heard when")).to_be_visible()


def batch(page, address, outputs):
    classify(page, address, outputs)
    files = [(f"{n}.wav", siren(2 + n)) for n in range(3)]
    upload(page, *files, ("broken.wav", b"no sound"))
    expect(page.get_by_text("3 of 4 sounds heard")).to_be_visible()


def picked(page, address, outputs):
    classify(page, address, outputs)
    page.get_by_role("radio", name="Pick from the dataset").click()
    expect(page.get_by_text("In truth")).to_be_visible()


def live(page, address, outputs):
    classify(page, address, outputs)
    page.get_by_role("radio", name="Listen live").click()
    expect(page.get_by_role("button", name="Listen live")).to_be_visible()


PLACES: dict[str, Callable] = {
    "home": home,
    "explore-sounds": explore("Sounds"),
    "explore-balance": explore("Balance"),
    "explore-map": explore("Map"),
    "explore-compare": explore("Compare"),
    "explore-guess": explore("Guess"),
    "explore-health": explore("Health"),
    "train": train,
    "trained": trained,
    "runs": runs,
    "run-mistakes": run_part("Mistakes"),
    "run-sounds": run_part("Sounds"),
    "run-how-sure": run_part("How sure"),
    "run-where": run_part("Where it fails"),
    "run-passport": run_part("Passport"),
    "two-runs": two_runs,
    "classify": classify,
    "classify-answer": answered,
    "classify-why": why,
    "classify-compared": compared,
    "classify-long": long_sound,
    "classify-batch": batch,
    "classify-picked": picked,
    "classify-live": live,
    "training": training,
}


def _violations(page: Page) -> list[str]:
    """What axe finds serious or critical: its rule, how to mend it, and where."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE)["violations"]
    levels = os.environ.get("REACH_LEVELS", "serious critical").split()
    return [
        f"{each['impact']} {each['id']} at {' '.join(map(str, node['target']))}\n"
        f"    {node['html'][:200]}\n    {node['failureSummary']}"
        for each in found
        if each["impact"] in levels
        for node in each["nodes"]
    ]


def violations(page: Page) -> list[str]:
    """What axe finds twice, so that nothing is told of what was only being drawn."""
    first = _violations(page)
    if not first:
        return []
    page.wait_for_timeout(400)
    be_still(page)
    return [each for each in _violations(page) if each in first]


def look_at(page: Page, look: str, size: dict[str, int]) -> None:
    """Turns the tab to a look and a size, as its person might at any time."""
    page.emulate_media(color_scheme=look)
    page.set_viewport_size(size)
    page.wait_for_function(
        "look => getComputedStyle(document.querySelector('.stApp')).colorScheme === look", arg=look
    )
    page.wait_for_timeout(300)
    be_still(page)


@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_kept_out(tab: Page, address: str, lived_in: Path, place: str) -> None:
    PLACES[place](tab, address, lived_in)
    problems = []
    for look, size in (("light", DESK), ("light", PHONE), ("dark", PHONE), ("dark", DESK)):
        look_at(tab, look, size)
        where = f"{place}, {look}, {size['width']} px"
        problems += [f"[{where}] {each}" for each in violations(tab)]
        if size is PHONE:
            problems += [f"[{where}] {each}" for each in tab.evaluate(FITS)]
        if folder := os.environ.get("REACH_SHOTS"):
            height = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            tab.set_viewport_size({**size, "height": min(height, 6000)})
            tab.wait_for_timeout(500)
            tab.screenshot(path=f"{folder}/{place}-{look}-{size['width']}.png")
    assert not problems, "\n".join(problems)
