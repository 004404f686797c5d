"""A person at the app: the real server, a real browser, and what must never be seen there.

`serve` starts the app on empty outputs and returns its address; `page` is a browser tab
with a microphone that plays `microphone`'s file. A test fails when the page shows an
exception or the browser's console an error, and leaves a screenshot where it failed.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from urbansound.audio.signal import to_wav_bytes
from urbansound.files import write_bytes
from urbansound.paths import PROJECT
from urbansound.records import Audio
from urbansound.runs.folder import ACTIVE
from urbansound.runs.store import list_runs

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STREAMLIT = (sys.executable, "-m", "streamlit", "run", "--server.headless=true")
START_S = 60.0
PATIENCE_MS = 60_000
APP_FAILED = "Something in the app went wrong here"
# What the browser says of itself, not of the app.
HARMLESS = ("favicon", "preload", "Failed to decode downloaded font", "WebGL", "DevTools")
# Opened at /train, Streamlit's own page first asks below that address, then at the root.
PROBES = ("/_stcore/health", "/_stcore/host-config")

STILL = "[data-testid=stApp][data-test-script-state=notRunning]"

Serve = Callable[..., str]
REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


def be_still(page: Page) -> None:
    """Waits until the app has answered and drawn.

    Until then a part that moved may stand there twice, once as it was.
    """
    page.wait_for_function(
        f"""() => document.querySelector("{STILL}")
              && !document.querySelector("[data-testid=stSkeleton], .skeleton, [data-stale=true]")
              && document.fonts.status === "loaded" """
    )


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    """Has Classify hear these files: names and contents.

    Only once the page stands: a rerun under way may put a new, empty field in the place of the
    one that was given them.
    """
    page.get_by_role("radio", name="Upload").click()
    be_still(page)
    page.locator("input[type=file]").set_input_files(
        [{"name": n, "mimeType": "application/octet-stream", "buffer": data} for n, data in files]
    )


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser at hand; without one the test is skipped, or fails where one is required."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    reason = f"no browser found: none of {', '.join(BROWSERS)} is installed"
    if os.environ.get("URBANSOUND_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The browser's driver. While it is there, an event loop runs in the tests' own thread:
    it ends with the file, so that tests elsewhere may run theirs."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the demo set, built once for all tests."""
    from urbansound.dataset.demo import build_demo

    data = tmp_path_factory.mktemp("data")
    build_demo(data / "demo" / "UrbanSound8K")
    return data


@pytest.fixture
def outputs(tmp_path: Path) -> Iterator[Path]:
    """An outputs folder whose trainings end with the test."""
    folder = tmp_path / "outputs"
    yield folder
    for run in list_runs(folder):
        if run.status() in ACTIVE:
            run.request_stop()
    deadline = time.monotonic() + START_S
    while any(run.status() in ACTIVE for run in list_runs(folder)):
        assert time.monotonic() < deadline, "a training did not stop when it was asked to"
        time.sleep(0.1)


@pytest.fixture
def serve(tmp_path: Path, outputs: Path) -> Iterator[Serve]:
    """Starts the app, or another script, on a data folder and returns its address.

    It ends with the test.
    """
    with serving(tmp_path, outputs) as start:
        yield start


@contextmanager
def serving(logs: Path, outputs: Path) -> Iterator[Serve]:
    """What starts servers on an outputs folder; they end with the block."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(data: Path, script: str | Path = "app.py") -> str:
        port = _free_port()
        log_path = logs / f"server-{port}.log"
        with open(log_path, "wb") as log:
            servers.append(
                subprocess.Popen(
                    [*STREAMLIT, f"--server.port={port}", str(script)],
                    cwd=PROJECT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=os.environ
                    | {"URBANSOUND_DATA": str(data), "URBANSOUND_OUTPUTS": str(outputs)},
                )
            )
        _wait_until_healthy(port, servers[-1], log_path)
        return f"http://127.0.0.1:{port}"

    try:
        yield start
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(timeout=20)


@pytest.fixture(scope="session")
def serve_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path, Path], str]]:
    """Starts the app on a data and an outputs folder; it lasts for all tests."""
    with ExitStack() as stack:
        yield lambda data, outputs: stack.enter_context(
            serving(tmp_path_factory.mktemp("served"), outputs)
        )(data)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log_path.read_text(errors='replace')}")


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """What the browser's microphone hears: two seconds of a tone. Override it by a fixture."""
    seconds = np.arange(2 * 44100) / 44100
    tone = (0.3 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
    write_bytes(tmp_path / "microphone.wav", to_wav_bytes(Audio(tone, 44100)))
    return tmp_path / "microphone.wav"


@pytest.fixture
def browser(playwright: Playwright, browser_path: str, microphone: Path) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=browser_path,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def page(
    browser: Browser, serve: Serve, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Page]:
    """A tab, 1280 wide, that waits patiently and whose errors fail the test.

    It asks for `serve` so that the tab is closed before the server ends.
    """
    del serve
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.extend(_complaints(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    report = request.node.stash.get(REPORTS, {}).get("call")
    if report is None or report.failed:
        page.screenshot(path=tmp_path / "failed.png", full_page=True)
        print(f"Screenshot: {tmp_path / 'failed.png'}")
    shown = page.get_by_test_id("stException").all_inner_texts()
    has_failed = page.get_by_text(APP_FAILED).count() > 0
    context.close()
    assert not shown, f"the page showed an exception: {shown}"
    assert not has_failed, "the page said that something in the app went wrong"
    assert not complaints, f"the browser complained: {complaints}"


def _complaints(message: ConsoleMessage) -> list[str]:
    address = message.location.get("url", "")
    is_harmless = any(word in message.text for word in HARMLESS) or address.endswith(PROBES)
    return [f"{message.text} ({address})"] if message.type == "error" and not is_harmless else []
