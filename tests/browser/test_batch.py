"""Many sounds at once: a zip goes in, answers and named errors come out, and one is heard."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import upload
from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio

Serve = Callable[..., str]
RATE = 22050
N, N_BROKEN = 60, 6


@pytest.fixture(scope="module")
def files() -> list[tuple[str, bytes]]:
    """Names and bytes of 60 files, of which every tenth is broken."""
    rng = np.random.default_rng(0)
    noise = [(0.1 * rng.standard_normal(2 * RATE)).astype(np.float32) for _ in range(5)]
    whole = [to_wav_bytes(Audio(samples, RATE)) for samples in noise]
    broken = (b"", b"no sound at all", whole[0][:30])
    return [
        (f"{n:02}.wav", broken[n % 3] if n % 10 == 4 else whole[n % 5]) for n in range(N)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def zipped(files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(f"street/{name}", data)
    return buffer.getvalue()


@pytest.fixture
def classify(serve: Serve, tmp_path: Path, page: Page) -> Page:
    """The tab, on Classify, with the upload open and the fastest model listening."""
    page.goto(serve(tmp_path / "data"))
    page.get_by_role("link", name="Classify").click()
    page.get_by_role("radio", name="Upload").click()
    page.get_by_role("radio", name="Model 1").click()
    expect(page.locator("input[type=file]")).to_have_count(1)
    return page


def test_a_zip_with_broken_files_gives_an_answer_or_a_named_error_for_each(
    classify: Page, zipped: bytes
):
    upload(classify, ("sounds.zip", zipped))
    said = classify.get_by_text(
        f"{N - N_BROKEN} of {N} sounds heard, {N_BROKEN} could not be read."
    )
    expect(said).to_be_visible()
    with classify.expect_download() as download:
        classify.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert len({row["file"] for row in rows if row["part"] == "whole"}) == N - N_BROKEN
    errors = [row for row in rows if row["part"] == "error"]
    assert [row["file"] for row in errors] == [f"street/{n:02}.wav" for n in range(4, N, 10)]
    assert {row["error_code"] for row in errors} <= {"empty", "not_sound", "no_sound"}
    with classify.expect_download() as download:
        classify.get_by_role("button", name="Save as Audacity labels").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == N - N_BROKEN

    classify.get_by_role("radio", name="could not be read").click()
    table = classify.get_by_test_id("stDataFrame")
    expect(table.locator("tbody tr")).to_have_count(N_BROKEN)
    classify.get_by_role("link", name="Home").click()
    expect(said).to_have_count(0)
    classify.get_by_role("link", name="Classify").click()
    expect(said).to_be_visible()


def test_one_of_several_uploads_is_shown_and_played_where_its_row_is_ticked(classify: Page, files):
    upload(classify, *files[:3])
    expect(classify.get_by_text("3 of 3 sounds heard.")).to_be_visible()
    table = classify.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    # The table is painted: only its place can be clicked.
    table.click(position={"x": 15, "y": 35 * 2 + 18})
    player = classify.locator(".st-key-classify_batch_player")
    expect(player.get_by_text("01.wav")).to_be_visible()
    expect(classify.locator(".heard")).to_be_visible()


def noise(seconds: float, rate: int = RATE) -> bytes:
    samples = 0.1 * np.random.default_rng(1).standard_normal(round(seconds * rate))
    return to_wav_bytes(Audio(samples.astype(np.float32), rate))


def test_what_was_stopped_goes_on_to_the_end(classify: Page):
    buffer, long = io.BytesIO(), noise(60, 8000)
    with zipfile.ZipFile(buffer, "w") as archive:
        for n in range(45):
            archive.writestr(f"{n:02}.wav", long)
    upload(classify, ("long.zip", buffer.getvalue()))
    classify.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(classify.get_by_text("Stopped. ")).to_be_visible()
    classify.get_by_role("button", name="Hear the other").click()
    expect(classify.get_by_text("45 of 45 sounds heard.")).to_be_visible()
    with classify.expect_download() as download:
        classify.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    wholes = [row["file"] for row in rows if row["part"] == "whole"]
    assert wholes == [f"{n:02}.wav" for n in range(45)]


def test_an_event_that_is_ticked_is_played(classify: Page):
    upload(classify, ("a.wav", noise(12)), ("b.wav", noise(14)))
    expect(classify.get_by_text("2 of 2 sounds heard.")).to_be_visible()
    classify.get_by_role("radio", name="events").click()
    # The table of files stands there until that of the events takes its place.
    expect(classify.get_by_text("Tick a row to hear that stretch.")).to_be_visible()
    table = classify.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 15, "y": 35 + 18})
    player = classify.locator(".st-key-classify_batch_player")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
