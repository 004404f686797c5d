"""A person at the map: points and hears, draws around clips, colours them, goes by keys."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import write_small_dataset
from urbansound.dataset.index import load_dataset
from urbansound.experiment.layout import load_layout
from urbansound.labels import class_title
from urbansound.records import DatasetIndex
from urbansound.ui.explore.map_canvas import FULL, to_places

Serve = Callable[..., str]
VIEW = "/explore?view=Map"
SOUND = "document.querySelector('audio.urbansound-map')"
PLAYING = """() => [...document.querySelectorAll('audio')].filter(one => !one.paused).length
  + (window.urbansoundPlayer && !window.urbansoundPlayer.audio.paused ? 1 : 0)"""
COLORS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const counts = {}
  for (let at = 0; at < data.length; at += 4) {
    const color = data.slice(at, at + 3).join()
    counts[color] = (counts[color] ?? 0) + 1
  }
  return counts
}"""
MARGIN_PX = 28
MAP_OF_40 = re.compile("^Map of 40 clips")


@dataclass(frozen=True, eq=False)
class Mapped:
    """A data folder whose demo clips have been laid out, and where each lies on the map."""

    data: Path
    index: DatasetIndex
    xy: np.ndarray

    def spots(self, page: Page) -> np.ndarray:
        """Each clip's place on the page, in pixels [n, 2], while the whole map is shown."""
        box = page.locator("canvas.over").bounding_box()
        room = np.array([box["width"], box["height"]])
        low, high = self.xy.min(axis=0).astype(float), self.xy.max(axis=0).astype(float)
        step = min(*((room - 2 * MARGIN_PX) / (high - low)), (room[0] - 2 * MARGIN_PX) / FULL * 8)
        return (self.xy - (low + high) / 2) * step + room / 2 + (box["x"], box["y"])

    def loneliest(self, page: Page) -> int:
        """The clip with most room around it."""
        spots = self.spots(page)
        far = np.square(spots[:, None] - spots[None]).sum(axis=2)
        np.fill_diagonal(far, np.inf)
        return int(far.min(axis=1).argmax())


@pytest.fixture(scope="module")
def mapped(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    data = tmp_path_factory.mktemp("mapped") / "data"
    shutil.copytree(demo_data / "demo", data / "demo", copy_function=os.link)
    index = load_dataset(data / "demo" / "UrbanSound8K")
    load_layout(index, "pca:statistics")
    layout = load_layout(index, "tsne:statistics")
    return Mapped(data, index, to_places(layout.positions))


@pytest.fixture
def shown(page: Page, serve: Serve, mapped: Mapped) -> Page:
    page.goto(serve(mapped.data) + VIEW)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    expect(page.locator(".map:not(.loading)")).to_be_visible()
    expect(page.locator(".labels > div").first).to_be_visible()
    page.locator("canvas.over").scroll_into_view_if_needed()
    page.wait_for_timeout(300)


def n_colors(page: Page) -> int:
    """How many colours are seen often."""
    counts = page.locator("canvas.dots").evaluate(COLORS)
    return sum(count > 20 for count in counts.values())


def title_of(mapped: Mapped, number: int) -> str:
    clip = mapped.index.clips[number]
    return class_title(mapped.index.class_names[clip.class_id])


def heard_moving(page: Page) -> None:
    page.wait_for_function(f"{SOUND}.currentTime > 0.05 && !{SOUND}.paused")
    before = page.evaluate(f"{SOUND}.currentTime")
    page.wait_for_function(f"{SOUND}.currentTime > {before}")


def test_pointing_at_a_clip_says_what_it_is(shown: Page, mapped: Mapped):
    number = mapped.loneliest(shown)
    shown.mouse.move(*mapped.spots(shown)[number])
    tip = shown.locator(".tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(title_of(mapped, number))
    clip = mapped.index.clips[number]
    expect(tip).to_contain_text(f"fold {clip.fold}")
    expect(tip).to_contain_text(f"recording {clip.recording_id}")
    shown.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_a_click_plays_at_once_and_shows_the_clip_and_its_neighbours(shown: Page, mapped: Mapped):
    number = mapped.loneliest(shown)
    shown.mouse.click(*mapped.spots(shown)[number])
    heard_moving(shown)
    expect(shown.get_by_role("button", name="Look inside")).to_be_visible()
    expect(shown.get_by_text(mapped.index.clips[number].name)).to_be_visible()
    expect(shown.get_by_text("Nearest on the map")).to_be_visible()
    expect(shown.locator(".cards.grid .card")).to_have_count(5)
    shown.locator(".cards.grid .play").first.click()
    shown.wait_for_function("window.urbansoundPlayer && !window.urbansoundPlayer.audio.paused")
    assert shown.evaluate(PLAYING) == 1
    assert shown.evaluate(f"{SOUND}.paused")


def test_look_inside_turns_to_the_clip(shown: Page, mapped: Mapped):
    number = mapped.loneliest(shown)
    shown.mouse.click(*mapped.spots(shown)[number])
    shown.get_by_role("button", name="Look inside").click()
    expect(shown.get_by_role("tab", name="Sounds")).to_have_attribute("aria-selected", "true")
    expect(shown.get_by_text(mapped.index.clips[number].name).first).to_be_visible()


def draw_around(page: Page, corners: list[tuple[float, float]]) -> None:
    page.keyboard.down("Shift")
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
    page.mouse.up()
    page.keyboard.up("Shift")


def upper_left(page: Page, mapped: Mapped) -> tuple[list[tuple[float, float]], int]:
    """A square around the upper left of the map that passes between clips; how many it holds."""
    spots = mapped.spots(page)
    edges = [widest_gap(spots[:, axis]) for axis in (0, 1)]
    left, top = spots.min(axis=0) - 12
    corners = [(left, top), (edges[0], top), (edges[0], edges[1]), (left, edges[1])]
    inside = int(((spots[:, 0] < edges[0]) & (spots[:, 1] < edges[1])).sum())
    return [(float(x), float(y)) for x, y in corners], inside


def widest_gap(values: np.ndarray) -> float:
    """The middle of the widest gap in the inner half of the values."""
    inner = np.sort(values)[len(values) // 4 : -len(values) // 4]
    at = int(np.diff(inner).argmax())
    return float(inner[at : at + 2].mean())


def test_drawing_around_clips_chooses_exactly_those_and_shows_them_in_the_table(
    shown: Page, mapped: Mapped
):
    corners, n = upper_left(shown, mapped)
    assert 3 < n < len(mapped.xy)
    draw_around(shown, corners)
    expect(shown.locator(".map ~ .said")).to_have_text(f"{n} clips chosen")
    expect(shown.get_by_text(f"{n} clips", exact=True)).to_be_visible()
    expect(shown.get_by_role("button", name="Clear")).to_be_in_viewport()
    shown.get_by_role("button", name="Show ten to hear").click()
    expect(shown.locator(".cards.grid .card")).to_have_count(10)
    expect(shown.locator(".cards.grid .card").last).to_be_in_viewport()
    expect(shown.locator(".card.playing")).to_have_count(0)
    shown.get_by_role("button", name="Show in the table").click()
    expect(shown.get_by_role("tab", name="Sounds")).to_have_attribute("aria-selected", "true")
    expect(shown.get_by_text(f"{n} clips chosen on the map").first).to_be_visible()
    expect(shown.get_by_text(f"of {n} clips").first).to_be_visible()


def test_the_lasso_button_draws_without_a_key_and_escape_lets_go(shown: Page, mapped: Mapped):
    corners, n = upper_left(shown, mapped)
    shown.get_by_role("button", name="Draw around clips").click()
    shown.mouse.move(*corners[0])
    shown.mouse.down()
    for corner in corners[1:]:
        shown.mouse.move(*corner)
    shown.mouse.up()
    expect(shown.get_by_text(f"{n} clips", exact=True)).to_be_visible()
    shown.locator("canvas.over").focus()
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Show in the table")).to_have_count(0)


def test_colouring_by_recording_lets_go_of_what_was_drawn_around(shown: Page, mapped: Mapped):
    corners, _ = upper_left(shown, mapped)
    draw_around(shown, corners)
    expect(shown.get_by_role("button", name="Show in the table")).to_be_visible()
    shown.get_by_role("radio", name="Recording").click()
    expect(shown.get_by_role("button", name="Show in the table")).to_have_count(0)


def test_the_server_counts_what_lies_inside_as_the_browser_does(shown: Page, mapped: Mapped):
    rng = np.random.default_rng(0)
    spots = mapped.spots(shown)
    corners = [tuple(map(float, spots[row] + 0.3)) for row in rng.choice(len(spots), 9)]
    draw_around(shown, corners)
    said = shown.locator(".map ~ .said")
    expect(said).to_contain_text("chosen")
    n = int(said.inner_text().split()[0])
    assert n > 3
    expect(shown.get_by_text(f"{n} clips", exact=True)).to_be_visible()


def test_colouring_by_recording_shows_the_leak(shown: Page):
    before = n_colors(shown)
    shown.get_by_role("radio", name="Recording").click()
    expect(shown.get_by_text("that is why a random split leaks")).to_be_visible()
    expect(shown.get_by_text("one colour is one recording")).to_be_visible()
    shown.wait_for_timeout(300)
    assert n_colors(shown) > before


def test_a_class_in_the_legend_is_put_before_the_others(shown: Page, mapped: Mapped):
    title = title_of(mapped, 0)
    entry = shown.locator(".legend").get_by_role("button", name=title)
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "true")
    expect(shown.locator(".labels > div.faded").first).to_be_attached()
    entry.click()
    expect(shown.locator(".labels > div.faded")).to_have_count(0)


def test_by_keys_alone_one_goes_from_clip_to_clip_and_hears_them(shown: Page):
    said = shown.locator(".map ~ .said")
    shown.locator("canvas.over").focus()
    shown.keyboard.press("ArrowRight")
    expect(said).to_contain_text("fold")
    first = said.inner_text()
    shown.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(first)
    shown.keyboard.press("Enter")
    heard_moving(shown)
    expect(shown.get_by_text("Nearest on the map")).to_be_visible()


def test_zooming_in_shows_less_and_the_whole_map_comes_back(shown: Page):
    place = "element => element.style.transform"
    label = shown.locator(".labels > div").first
    before = label.evaluate(place)
    shown.get_by_role("button", name="Zoom in").click()
    expect(shown.locator("canvas.over.zoomed")).to_be_visible()
    shown.get_by_role("button", name="Show the whole map").click()
    expect(shown.locator("canvas.over.zoomed")).to_have_count(0)
    assert label.evaluate(place) == before


def test_the_map_comes_by_itself_where_nothing_was_measured(
    page: Page, serve: Serve, tmp_path: Path
):
    write_small_dataset(tmp_path / "data" / "UrbanSound8K")
    page.goto(serve(tmp_path / "data") + VIEW)
    drawn(page)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator("canvas.over")).to_have_attribute("aria-label", MAP_OF_40)


def test_on_a_phone_the_map_is_square_and_says_all_on_the_screen(
    page: Page, serve: Serve, mapped: Mapped
):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(serve(mapped.data) + VIEW)
    drawn(page)
    box = page.locator("canvas.over").bounding_box()
    assert abs(box["width"] - box["height"]) <= 3
    spots = mapped.spots(page)
    for row in (int(spots[:, 0].argmax()), int(spots[:, 0].argmin())):
        page.mouse.move(*spots[row])
        tip = page.locator(".tip").bounding_box()
        assert tip["x"] >= 0
        assert tip["x"] + tip["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
