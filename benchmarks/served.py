"""The app served on folders of its own, and the browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from urbansound.paths import PROJECT

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_S, _END_S, _LOOK_EVERY_S = 90.0, 20.0, 0.1
_TRACEBACK = "Traceback (most recent call last)"


@dataclass
class ServedApp:
    """A server at work."""

    process: "subprocess.Popen[bytes]"
    port: int
    log_path: Path
    _told: int = 0

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.process.pid

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote so far; nothing where it was given no file to write to."""
        return self.log_path.read_text("utf-8", errors="replace")

    def new_traceback(self) -> str:
        """How the first traceback in its log since the last call ends; empty without one."""
        log = self.log
        _, found, rest = log[self._told :].partition(_TRACEBACK)
        self._told = len(log)
        ends = [line for line in rest.splitlines()[1:] if line and not line.startswith(" ")]
        return f"the log has a traceback: {(ends or [rest[-200:]])[0]}" if found else ""

    def status_of(self, path: str) -> int:
        """The status with which it answers a path of its own."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def wait_until_healthy(self) -> None:
        """RuntimeError where it ended, or did not answer in a minute and a half."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.status_of("/_stcore/health") == 200:
                    return
            except OSError:
                pass
            time.sleep(_LOOK_EVERY_S)
        raise RuntimeError(f"The app did not start: {self.log}")


@contextmanager
def starting(
    data: Path,
    outputs: Path,
    *options: str,
    log_path: Path = Path(os.devnull),
    script: str = "app.py",
    **more: str,
) -> Iterator[ServedApp]:
    """The app on these folders, as `make app` starts it, not yet answering; it ends with the block.

    `options` are the server's, `more` is put into its environment; `script` is another to serve.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "streamlit", "run", script, "--server.headless=true")
    places = {"URBANSOUND_DATA": str(data), "URBANSOUND_OUTPUTS": str(outputs)}
    with open(log_path, "ab") as log:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", *options],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | places | more,
        )
    try:
        yield ServedApp(process, port, log_path)
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def served(
    data: Path,
    outputs: Path,
    *options: str,
    log_path: Path = Path(os.devnull),
    script: str = "app.py",
    **more: str,
) -> Iterator[ServedApp]:
    """The same, once it answers."""
    with starting(data, outputs, *options, log_path=log_path, script=script, **more) as app:
        app.wait_until_healthy()
        yield app


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
