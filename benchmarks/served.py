"""The app served for a benchmark, and the browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from urbansound.paths import PROJECT

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def served(data: Path, outputs: Path) -> Iterator[tuple[int, str]]:
    """The server's process number and address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true")
    places = {"URBANSOUND_DATA": str(data), "URBANSOUND_OUTPUTS": str(outputs)}
    with subprocess.Popen(
        [*command, f"--server.port={port}"],
        cwd=PROJECT,
        env=os.environ | places,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            yield server.pid, f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium or Chrome."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@contextmanager
def browser_page() -> Iterator[Page]:
    """An empty page of a browser of its own, 1280 wide."""
    with browser() as opened:
        yield opened.new_page(viewport=VIEWPORT)
