"""Health as a person meets it: the look at all files, hearing a copy, hiding it, and a phone."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, be_still
from tests.dataset.planted import Planted, build_clean, plant
from urbansound.dataset.index import TABLE, load_dataset

# Cards above are drawn one after the other, each a little higher than its place was.
SETTLED = """() => {
  const height = document.querySelector("[data-testid=stMain]").scrollHeight
  if (window.heightSeen !== height) [window.heightSeen, window.seenAt] = [height, performance.now()]
  return performance.now() - window.seenAt > 1000
}"""
SIDEWAYS = """() => [...document.querySelectorAll('*')].filter(
  part => part.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Planted]]:
    """A data folder with a planted set; what was planted."""
    data = tmp_path_factory.mktemp("planted")
    build_clean(data / "UrbanSound8K")
    return data, plant(data / "UrbanSound8K")


@pytest.fixture
def planted(garden: tuple[Path, list[Planted]], tmp_path: Path) -> tuple[Path, list[Planted]]:
    """A copy of it for one test."""
    shutil.copytree(garden[0], tmp_path / "data")
    return tmp_path / "data", garden[1]


def open_health(page: Page, address: str) -> None:
    page.goto(f"{address}/explore?view=Health")
    expect(page.get_by_text("faults found in")).to_be_visible()


def group(page: Page, title: str) -> None:
    page.locator("summary").filter(has_text=title).click()


def test_files_are_looked_at_by_themselves_and_a_copy_is_heard_hidden_and_brought_back(
    page: Page, serve: Serve, planted: tuple[Path, list[Planted]], outputs: Path
) -> None:
    data, faults = planted
    open_health(page, serve(data))
    expect(page.locator("summary")).to_have_count(len({fault.code for fault in faults}))
    # Single bad files come first, so the copies are to be opened.
    group(page, "The same sound under two names")
    copy = next(fault for fault in faults if fault.code == "same_sound_other_class")
    row = page.locator("[class*='st-key-health_row_same_sound_other_class_0']")
    expect(row).to_contain_text(Path(copy.clip).name)
    expect(row).to_contain_text(Path(copy.source).name)
    play = row.get_by_role("button", name="street music")
    play.click()
    expect(row.locator(".card.playing")).to_have_count(1)
    hide = row.get_by_role("button", name="Hide from training").first
    # In the middle of the window nothing lies over it, so the click itself scrolls nothing.
    hide.evaluate("button => button.scrollIntoView({ block: 'center' })")
    page.wait_for_function(SETTLED)
    be_still(page)
    before = row.bounding_box()
    hide.click()
    expect(page.get_by_text("Hidden: 1 clip")).to_be_visible()
    kept = json.loads((outputs / "exclusions" / "my exclusions.json").read_text())
    assert kept["clips"] == [copy.clip]
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    be_still(page)
    # The browser makes up for what is put in above within a frame or two.
    page.wait_for_function(SETTLED)
    assert row.bounding_box() == before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Hidden: 1 clip")).to_have_count(0)
    kept = json.loads((outputs / "exclusions" / "my exclusions.json").read_text())
    assert kept["clips"] == []


def test_what_was_found_is_taken_away_as_a_table(
    page: Page, serve: Serve, planted: tuple[Path, list[Planted]]
) -> None:
    data, faults = planted
    open_health(page, serve(data))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert sorted((row["code"], row["clip"]) for row in rows) == sorted(
        (fault.code, fault.clip) for fault in faults
    )


def test_another_look_finds_a_file_that_was_put_back(
    page: Page, serve: Serve, planted: tuple[Path, list[Planted]]
) -> None:
    data, faults = planted
    open_health(page, serve(data))
    missing = next(fault for fault in faults if fault.code == "missing")
    expect(page.locator("summary").filter(has_text="Missing files")).to_be_visible()
    root = data / "UrbanSound8K"
    clips = load_dataset(root).clips
    lost = next(clip for clip in clips if clip.path == missing.clip)
    twin = next(
        clip
        for clip in clips
        if clip.recording_id == lost.recording_id and (root / clip.path).exists()
    )
    shutil.copy(root / twin.path, root / lost.path)
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("summary").filter(has_text="Missing files")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_runs_out_sideways_however_long_a_name_is(
    page: Page, serve: Serve, planted: tuple[Path, list[Planted]], scheme: str
) -> None:
    data, faults = planted
    root = data / "UrbanSound8K"
    silent = root / next(fault.clip for fault in faults if fault.code == "silent")
    long_name = "a" * 180 + ".wav"
    silent.rename(silent.with_name(long_name))
    table = root / TABLE
    table.write_text(table.read_text().replace(silent.name, long_name))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_health(page, serve(data))
    for title in ("Nearly the same sound", "Missing files", "Recorded too loud"):
        group(page, title)
        expect(page.locator("summary").filter(has_text=title)).to_be_visible()
    expect(page.get_by_text(long_name).first).to_be_visible()
    assert page.evaluate(SIDEWAYS) == 0


def test_a_kind_is_opened_by_the_keyboard(
    page: Page, serve: Serve, planted: tuple[Path, list[Planted]]
) -> None:
    data, faults = planted
    open_health(page, serve(data))
    heading = page.locator("summary").filter(has_text="Cut-off files")
    heading.focus()
    page.keyboard.press("Enter")
    cut = next(fault for fault in faults if fault.code == "truncated")
    expect(page.get_by_text(Path(cut.clip).name).first).to_be_visible()
