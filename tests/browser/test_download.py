"""A person fetches the real sounds from the page, stops half-way, goes on, and they are there."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from faults.fetched import pack
from faults.range_server import Answer, RangeServer, running, serve_well
from urbansound.paths import PROJECT
from urbansound.wording import size_text

Serve = Callable[[Path], str]
# Every process of the app begins by this: only where from and what is fetched are others.
ELSEWHERE = """\
from urbansound.dataset import download, transfer
download.download.__kwdefaults__.update(url={url!r}, md5={md5!r}, n_bytes={n_bytes})
download.N_BYTES = {n_bytes}
"""


@pytest.fixture
def data(demo_data: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own, with the demo set in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "demo").symlink_to(demo_data / "demo")
    return folder


@pytest.fixture
def server(
    small_dataset: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RangeServer]:
    """Where the app fetches from: a server of a small dataset, silent after half of it."""
    files = {
        path.relative_to(small_dataset).as_posix(): path.read_bytes()
        for path in small_dataset.rglob("*")
        if path.is_file()
    }
    part = data / "UrbanSound8K.tar.gz.part"
    server = RangeServer(pack(files), lambda: part.stat().st_size if part.exists() else 0)
    server.last = partial(fall_silent, at=len(server.content) // 2)
    with running(server):
        what = {"url": server.url, "md5": server.md5, "n_bytes": len(server.content)}
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(ELSEWHERE.format(**what))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), str(PROJECT)]))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield server


def fall_silent(answer: Answer, *, at: int) -> None:
    start = answer.begin()
    answer.send(start, max(start, at))
    answer.stall()


def test_the_real_sounds_are_fetched_stopped_gone_on_with_and_heard(
    server: RangeServer, data: Path, page: Page, serve: Serve
) -> None:
    page.goto(serve(data))
    shown = page.get_by_test_id("stMain")
    shown.get_by_role("button", name="Download (6 GB)").click()
    expect(shown.get_by_text("Fetching …")).to_be_visible()
    page.reload()
    expect(shown.get_by_text("nothing came for")).to_be_visible()
    shown.get_by_role("button", name="Stop").click()
    half = f"{size_text(len(server.content) // 2)} of {size_text(len(server.content))}"
    expect(shown.get_by_text(f"{half} were fetched before and are kept.")).to_be_visible()
    server.last = serve_well
    shown.get_by_role("button", name="Go on downloading").click()
    expect(shown.get_by_text("Get the real sounds")).to_be_hidden()
    expect(shown.get_by_text("40 clips")).to_be_visible()
    assert set(server.fetched_again()) == {0}
