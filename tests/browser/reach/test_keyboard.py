"""A person without a mouse: every place is reached, seen, used, and left again."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import be_still
from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio

FOCUSED = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  if (!at || at === document.body) return null
  const around = [at]
  for (let up = at.parentElement; up && around.length < 9; up = up.parentElement) around.push(up)
  // A painted table marks its own cell, all else has an outline.
  const marked = at.matches("canvas") || around.some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const hasOutline = ["solid", "auto"].includes(outlineStyle) && parseFloat(outlineWidth) >= 2
    return hasOutline
  })
  const words = at.cloneNode(true)
  words.querySelectorAll("[aria-hidden=true]").forEach((icon) => icon.remove())
  const other = document.getElementById(at.getAttribute("aria-labelledby"))
  const label = at.getAttribute("aria-label") ?? (at.labels?.[0] ?? other ?? words).textContent
  const { top, left, right, width, height } = at.getBoundingClientRect()
  return {
    name: label.trim().slice(0, 60),
    role: at.getAttribute("role") ?? at.tagName.toLowerCase(),
    marked, left, width, height,
    top: top + document.querySelector("[data-testid=stMain]").scrollTop,
    shown: at.checkVisibility({ visibilityProperty: true }) && right > 0 && left < innerWidth,
  }
}"""
PAINTED = ("canvas", "grid")
PLAYING = "() => Boolean(window.urbansoundPlayer && !window.urbansoundPlayer.audio.paused)"


@dataclass(frozen=True)
class Stop:
    """Where Tab came to rest."""

    name: str
    role: str
    marked: bool
    shown: bool
    top: float
    left: float
    width: float
    height: float


def walk(page: Page, most: int = 120) -> list[Stop]:
    """Every place that Tab comes to, from the page's head until it leaves the page."""
    be_still(page)
    page.evaluate("document.activeElement?.blur()")
    stops: list[Stop] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or (stops and Stop(**found) == stops[0]):
            return stops
        stops.append(Stop(**found))
    pytest.fail(f"Tab did not leave the page: it ended among {[s.name for s in stops[-6:]]}")


def expect_good_walk(stops: list[Stop]) -> None:
    unseen = [stop.name for stop in stops if not stop.shown]
    assert not unseen, f"Tab comes to what nobody sees: {unseen}"
    unmarked = [f"{stop.role} '{stop.name}'" for stop in stops if not stop.marked]
    assert not unmarked, f"nothing marks the focus of {unmarked}"
    nameless = [stop for stop in stops if not stop.name and stop.role not in PAINTED]
    assert not nameless, f"a reader hears no name: {nameless}"
    # In a painted table Tab goes from cell to cell.
    moves = [pair for pair in pairwise(stops) if pair[0].role not in PAINTED]
    stuck = [one.name for one, other in moves if one == other]
    assert not stuck, f"Tab stays where it is: {stuck}"


def names(stops: list[Stop]) -> list[str]:
    return [stop.name for stop in stops]


def tab_to(page: Page, name: str, *, role: str = "", most: int = 80) -> None:
    """Presses Tab until what bears the name, and is of the role, has the focus."""
    be_still(page)
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        seen.append(found and found["name"])
        if found and re.match(name, found["name"]) and role in ("", found["role"]):
            return
    pytest.fail(f"Tab never came to '{name}', only to {seen}")


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("h1").first.wait_for()
    be_still(page)


def test_home_is_walked_played_and_left_by_keys(tab: Page, address: str) -> None:
    open_page(tab, address)
    expect(tab.locator(".card .wave.drawn")).to_have_count(10)
    stops = walk(tab)
    expect_good_walk(stops)
    cards = [stop for stop in stops if stop.name.startswith("Play ")]
    assert len(cards) == 10
    assert [(c.top, c.left) for c in cards] == sorted((c.top, c.left) for c in cards)
    assert names(stops).index("Explore") < names(stops).index(cards[0].name)
    tab_to(tab, "Play car horn")
    tab.keyboard.press("Enter")
    tab.wait_for_function(PLAYING)
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".card.playing")).to_contain_text("children playing")
    tab.keyboard.press("Space")
    tab.wait_for_function(f"() => !({PLAYING})()")
    tab_to(tab, "Teach a network")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Teach a network")).to_be_visible()


def test_explore_is_walked_and_typing_a_name_plays_nothing(tab: Page, address: str) -> None:
    open_page(tab, f"{address}/explore")
    expect(tab.locator("canvas").first).to_be_visible()
    expect_good_walk(walk(tab))
    tab_to(tab, "File or recording")
    tab.keyboard.type("a b c")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Space")
    assert tab.evaluate("document.activeElement.value") == "a b  c"
    assert not tab.evaluate(PLAYING)
    assert "clip=" not in tab.url


def test_every_part_of_explore_is_reached_by_arrows(tab: Page, address: str) -> None:
    open_page(tab, f"{address}/explore")
    tab_to(tab, "Sounds")
    for part in ("Balance", "Map", "Compare", "Guess", "Health"):
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
        expect(tab.get_by_role("tab", name=part)).to_be_focused()


@pytest.mark.parametrize("part", ["Balance", "Map", "Compare", "Guess", "Health"])
def test_each_part_of_explore_is_walked(tab: Page, address: str, part: str) -> None:
    open_page(tab, f"{address}/explore?view={part}")
    expect_good_walk(walk(tab))


def test_a_training_is_begun_by_keys(tab: Page, address: str) -> None:
    open_page(tab, f"{address}/train")
    expect(tab.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    stops = walk(tab)
    expect_good_walk(stops)
    assert any("Train" in name for name in names(stops))
    tab_to(tab, "Settings")
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("Epochs", exact=True)).to_be_visible()
    tab_to(tab, "Epochs")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("3")
    tab.keyboard.press("Enter")
    tab_to(tab, "Train$")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("clips it had never heard")).to_be_visible()


def test_a_sound_is_chosen_and_heard_by_keys(tab: Page, address: str, tmp_path: Path) -> None:
    time = np.arange(4 * 22050) / 22050
    sound = to_wav_bytes(Audio((0.2 * np.sin(3000 * time)).astype(np.float32), 22050))
    open_page(tab, f"{address}/classify")
    expect_good_walk(walk(tab))
    tab_to(tab, "Record")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Space")
    expect(tab.get_by_role("radio", name="Upload")).to_be_checked()
    expect(tab.locator("input[type=file]")).to_have_count(1)
    # The browser begins to watch for the dialog a moment after it is told to.
    with tab.expect_file_chooser() as chooser:
        tab_to(tab, "Upload", role="button")
        tab.keyboard.press("Enter")
    chooser.value.set_files({"name": "tone.wav", "mimeType": "audio/wav", "buffer": sound})
    expect(tab.locator(".heard .name")).to_be_visible()
    # Handing over a file by this means gives the focus to a field that Tab never comes to.
    tab.locator("h1").click()
    expect_good_walk(walk(tab))
    tab_to(tab, "Play")
    tab.keyboard.press("Enter")
    tab.wait_for_function("() => !document.querySelector('audio.urbansound-waves').paused")


def test_at_twice_the_size_nothing_is_cut_off(tab: Page, address: str) -> None:
    """A desk at 200 % is 640 px wide."""
    tab.set_viewport_size({"width": 640, "height": 450})
    for place in ("", "explore", "train", "runs", "classify"):
        open_page(tab, f"{address}/{place}")
        tab.wait_for_function(
            "() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
        )


def test_a_phone_passes_by_the_folded_navigation_and_opens_it(tab: Page, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    open_page(tab, address)
    expect(tab.locator(".card .wave.drawn")).to_have_count(10)
    stops = walk(tab)
    expect_good_walk(stops)
    assert "Explore" not in names(stops)
    tab_to(tab, "Expand sidebar")
    tab.keyboard.press("Enter")
    link = tab.get_by_test_id("stSidebarNavLink").filter(has_text="Explore")
    expect(link).to_be_visible()
    tab_to(tab, "Explore")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Explore", exact=True)).to_be_visible()


def test_who_asks_for_no_motion_gets_none(tab: Page, address: str) -> None:
    open_page(tab, address)
    expect(tab.locator(".card .wave.drawn")).to_have_count(10)
    slow = tab.evaluate(
        """() => {
          const all = []
          const walk = (root) => {
            for (const element of root.querySelectorAll("*")) {
              all.push(element)
              if (element.shadowRoot) walk(element.shadowRoot)
            }
          }
          walk(document.body)
          return all.filter((element) => {
            const style = getComputedStyle(element)
            const moves = style.animationName === "none" ? "0s" : style.animationDuration
            return [style.transitionDuration, moves]
              .some((times) => times.split(", ").some((time) => parseFloat(time) > 0.05))
          }).map((element) => element.outerHTML.slice(0, 120))
        }"""
    )
    assert not slow
