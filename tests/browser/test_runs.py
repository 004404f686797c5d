"""A person looks into a run: clicks what it mistook, hears why, steps on, comes by a link."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from urbansound.experiment.execute import execute
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import run_card
from urbansound.runs.store import create_run
from urbansound.ui.runs.confusion import cell_text, cells_of

Serve = Callable[[Path], str]
PLAYING = "() => Boolean(window.urbansoundPlayer && !window.urbansoundPlayer.audio.paused)"


@pytest.fixture
def heard(small_dataset: Path, tmp_path: Path) -> Path:
    """A data folder with forty clips that can be heard."""
    folder = tmp_path / "data"
    folder.mkdir()
    small_dataset.rename(folder / "UrbanSound8K")
    return folder


@pytest.fixture
def run(heard: Path, outputs: Path) -> RunFolder:
    """A training that was too short to be right: even folds train, odd ones test."""
    spec = RunSpec(
        str(heard / "UrbanSound8K"),
        "model1",
        train=TrainConfig(epochs=2, device="cpu"),
        protocol=Protocol("official", (1, 3, 5, 7, 9), ()),
    )
    run = create_run(outputs, spec)
    assert execute(run, outputs)
    return run


def square(page: Page, true: int, heard: int) -> Locator:
    squares = page.locator("[class*=st-key-runs_confusion] g.mark-rect path")
    expect(squares).to_have_count(100)
    return squares.nth(10 * true + heard)


def click_middle(page: Page, place: Locator) -> None:
    """A real click where the square is seen, whatever number stands on it."""
    place.evaluate("place => place.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(500)
    box = place.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_on_the_matrix_opens_its_clips_and_arrows_step_through_them(
    page: Page, serve: Serve, heard: Path, run: RunFolder
) -> None:
    card = run_card(run)
    assert card is not None
    assert card.test is not None
    cells = cells_of(card.test)
    full = max(cells[1:], key=lambda cell: card.test.confusion[cell[0]][cell[1]])
    page.goto(f"{serve(heard)}/runs?run={run.id}")
    choice = page.locator(".st-key-runs_cell input")
    expect(choice).to_have_value(cell_text(card.test, cells[0]))
    click_middle(page, square(page, *full))
    expect(choice).to_have_value(cell_text(card.test, full))
    expect(page.get_by_text("The most similar clip it learned from")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^1 of [2-9]"))).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"^2 of [2-9]"))).to_be_visible()
    page.wait_for_function(PLAYING)


def test_a_square_can_be_clicked_again_after_another_choice(
    page: Page, serve: Serve, heard: Path, run: RunFolder
) -> None:
    card = run_card(run)
    assert card is not None
    assert card.test is not None
    first, second, *_ = cells_of(card.test)
    page.goto(f"{serve(heard)}/runs?run={run.id}")
    choice = page.locator(".st-key-runs_cell input")
    click_middle(page, square(page, *second))
    expect(choice).to_have_value(cell_text(card.test, second))
    page.locator(f".st-key-runs_listen_{first[0]}_{first[1]} button").click()
    expect(choice).to_have_value(cell_text(card.test, first))
    click_middle(page, square(page, *second))
    expect(choice).to_have_value(cell_text(card.test, second))


def test_an_export_is_downloaded_with_its_recipe(
    page: Page, serve: Serve, heard: Path, run: RunFolder, tmp_path: Path
) -> None:
    page.goto(f"{serve(heard)}/runs?run={run.id}")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="ONNX").click()
    assert download.value.suggested_filename == "model1.onnx.zip"
    download.value.save_as(tmp_path / "model.zip")
    assert (tmp_path / "model.zip").stat().st_size > 10_000


def test_a_link_opens_the_part_of_the_run_that_it_names(
    page: Page, serve: Serve, heard: Path, run: RunFolder
) -> None:
    page.goto(f"{serve(heard)}/runs?run={run.id}&part=Where+it+fails")
    expect(page.get_by_role("heading", name="Where it fails")).to_be_visible()
    expect(page.get_by_text("Recording by recording, the worst first")).to_be_visible()
