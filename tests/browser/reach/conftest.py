"""One app that lasts for all tests of reach: the demo set, two finished runs, one tab a test."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from urbansound.experiment.execute import execute
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import ACTIVE
from urbansound.runs.store import create_run, list_runs

PATIENCE_MS = 60_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def lived_in(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An outputs folder with two finished runs and their saved models."""
    outputs = tmp_path_factory.mktemp("lived-in")
    for model in ("model1", "mlp"):
        spec = RunSpec(
            str(demo_data / "demo" / "UrbanSound8K"),
            model,
            train=TrainConfig(epochs=20, device="cpu"),
            protocol=Protocol("official", (10,), (9,)),
        )
        assert execute(create_run(outputs, spec), outputs)
    yield outputs
    for run in list_runs(outputs):
        if run.status() in ACTIVE:
            run.request_stop()
    deadline = time.monotonic() + 60
    while any(run.status() in ACTIVE for run in list_runs(outputs)):
        assert time.monotonic() < deadline, "a training did not stop when it was asked to"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def address(serve_all: Callable[[Path, Path], str], demo_data: Path, lived_in: Path) -> str:
    """Where the app is that has been used before."""
    return serve_all(demo_data, lived_in)


@pytest.fixture(scope="module")
def one_browser(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    """A browser with a microphone that beeps."""
    browser = playwright.chromium.launch(
        executable_path=browser_path,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def tab(one_browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab, 1280 wide and light, of a person who asks for no motion."""
    context = one_browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    folder = os.environ.get("REACH_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"end-{request.node.name}.png", full_page=True)
    context.close()
