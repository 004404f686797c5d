"""Take README's screenshots: python docs/screenshots.py (needs Chromium or Chrome).

The app is served for real on the demo set, a model is trained in it, and each page is
photographed as a person sees it.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 1280, "height": 860}


def main() -> None:
    """One PNG a page into docs/screenshots."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit("No browser found. Install Chromium or Chrome first.")
    expect.set_options(timeout=120_000)
    FOLDER.mkdir(exist_ok=True)
    with served() as (address, data), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.goto(address)
        photograph_all(page)
        photograph_street(page, data)
        browser.close()


def photograph_all(page: Page) -> None:
    """The way of a first visit, page by page."""
    expect(page.get_by_role("button", name="Teach a network these sounds")).to_be_visible()
    take(page, "home")
    open_page(page, "Explore")
    expect(page.get_by_text("What the networks see")).to_be_visible()
    take(page, "explore", height=1500)
    page.get_by_role("tab", name="Map").click()
    photograph_map(page)
    open_page(page, "Train")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Test it")).to_be_visible()
    take(page, "train")
    open_page(page, "Runs")
    take(page, "runs", height=1400)
    open_page(page, "Classify")
    page.get_by_text("Pick from the dataset").click()
    expect(page.get_by_text("In truth")).to_be_visible()
    take(page, "classify")


def photograph_map(page: Page) -> None:
    """All clips on a plane, once they have been laid out."""
    laying = page.get_by_text("Laying out")
    expect(page.get_by_text("Near means alike")).to_be_visible()
    page.wait_for_timeout(3000)
    expect(laying).to_have_count(0)
    take(page, "map", height=1180)


def photograph_street(page: Page, data: Path) -> None:
    """A recording of many sounds, on its timeline."""
    page.get_by_role("radio", name="Model 1").click()
    page.get_by_role("button", name="Use the Model 1 that was taught here").click()
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(street(data))
    heading = page.get_by_role("heading", name="What was heard when")
    expect(heading).to_be_visible()
    page.set_viewport_size({"width": SIZE["width"], "height": 900})
    page.wait_for_timeout(4000)
    heading.evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / "timeline.png")


def street(data: Path) -> Path:
    """Clips of the demo set one after the other, as one recording beside it."""
    clips = sorted((data / "demo" / "UrbanSound8K" / "audio" / "fold10").glob("*.wav"))
    with wave.open(str(data / "street.wav"), "wb") as out:
        for number, clip in enumerate(clips[::7]):
            with wave.open(str(clip), "rb") as sound:
                if number == 0:
                    out.setparams(sound.getparams())
                out.writeframes(sound.readframes(sound.getnframes()))
    return data / "street.wav"


def open_page(page: Page, name: str) -> None:
    """Go to a page by the navigation."""
    page.get_by_role("link", name=name).first.click()


def take(page: Page, name: str, *, height: int = SIZE["height"]) -> None:
    """Photograph the page once nothing moves any more."""
    page.set_viewport_size({"width": SIZE["width"], "height": height})
    page.wait_for_timeout(4000)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.set_viewport_size(SIZE)


@contextlib.contextmanager
def served() -> Iterator[tuple[str, Path]]:
    """The app's address and data, on fresh folders; the first start makes the demo set."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [f"--server.port={port}", "--server.headless=true"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        places = {
            "URBANSOUND_DATA": f"{folder}/data",
            "URBANSOUND_OUTPUTS": f"{folder}/outputs",
        }
        server = subprocess.Popen([*command, *options], cwd=PROJECT, env={**os.environ, **places})
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", Path(folder) / "data"
        finally:
            server.terminate()
            server.wait()


def wait_until_healthy(address: str) -> None:
    """Return once the server answers."""
    for _ in range(120):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health"):
            return
        time.sleep(0.5)
    sys.exit("The app did not start.")


if __name__ == "__main__":
    main()
