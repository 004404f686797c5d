"""A person at the waveform player: hears it, clicks into it, steps through what was heard."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

Serve = Callable[..., str]
SCRIPT = Path(__file__).parent / "waves_page.py"
SOUND = "document.querySelector('audio.urbansound-waves')"
COLORS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const seen = new Set()
  for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join())
  return seen.size
}"""

FOCUSED = """() => {
  let at = document.activeElement
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at.getAttribute("aria-label")
}"""


@pytest.fixture
def address(serve: Serve, tmp_path: Path) -> str:
    return serve(tmp_path, SCRIPT)


@pytest.fixture
def player(page: Page, address: str) -> Page:
    page.goto(address)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    expect(page.locator(".waves:not(.loading)")).to_be_visible()
    page.wait_for_function(f"{SOUND}?.readyState > 0")


def now(page: Page) -> float:
    return float(page.evaluate(f"{SOUND}.currentTime"))


def is_playing(page: Page) -> bool:
    return bool(page.evaluate(f"!{SOUND}.paused"))


def heard_moving(page: Page) -> None:
    page.wait_for_function(f"!{SOUND}.paused")
    before = now(page)
    page.wait_for_function(f"{SOUND}.currentTime > {before}")


def click_at(page: Page, share: float, y: int = 200) -> None:
    """A click that far along the time axis, on the spectrogram unless `y` says otherwise."""
    width = page.locator(".place").bounding_box()["width"]
    page.locator(".place").click(position={"x": share * width, "y": y})


def bar(page: Page, lane: int, number: int) -> Locator:
    return page.locator("[part=lane]").nth(lane).locator("[part~=bar]").nth(number)


def test_waveform_and_spectrogram_are_drawn_and_nobody_else_is_asked(page: Page, address: str):
    asked: set[str | None] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    page.goto(address)
    drawn(page)
    assert page.locator("canvas[part=spectrogram]").evaluate(COLORS) > 30
    assert page.locator("[part=canvases] canvas").first.evaluate(COLORS) >= 2
    assert page.locator("[part=region-label], [part~=over]").first.inner_text().endswith("siren")
    page.get_by_role("button", name="Play street").click()
    heard_moving(page)
    assert asked - {None} <= {"127.0.0.1", ""}


def test_a_click_plays_from_there_and_space_pauses_and_goes_on(player: Page):
    click_at(player, 0.7)
    heard_moving(player)
    assert 13.5 < now(player) < 16
    player.keyboard.press(" ")
    player.wait_for_function(f"{SOUND}.paused")
    stood = now(player)
    player.keyboard.press(" ")
    heard_moving(player)
    assert stood <= now(player) < stood + 3


def test_a_stretch_is_played_alone_and_the_page_is_told(player: Page):
    bar(player, 0, 0).click()
    heard_moving(player)
    assert 2 <= now(player) < 4
    expect(player.get_by_text("chosen: siren in Model 1")).to_be_visible()
    player.wait_for_function(f"{SOUND}.paused")
    assert now(player) == pytest.approx(4.0, abs=0.05)


def test_arrows_step_through_what_was_heard_and_say_it(player: Page):
    player.keyboard.press("ArrowRight")
    heard_moving(player)
    expect(player.get_by_text("chosen: siren in None")).to_be_visible()
    player.keyboard.press("ArrowRight")
    player.wait_for_function(f"{SOUND}.currentTime >= 8")
    expect(player.locator(".said")).to_have_text("<img src=x onerror=alert(1)>, 8.0 s to 11.0 s")
    player.keyboard.press("ArrowLeft")
    player.wait_for_function(f"{SOUND}.currentTime < 4")
    player.keyboard.press("End")
    player.wait_for_function(f"{SOUND}.currentTime >= 8")
    assert player.locator(".waves img").count() == 0


def test_without_stretches_arrows_go_on_by_a_second(page: Page, address: str):
    page.goto(f"{address}?bare")
    drawn(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{SOUND}.currentTime === 1")
    page.keyboard.press("End")
    page.wait_for_function(f"{SOUND}.currentTime > 19")
    page.keyboard.press("Home")
    page.wait_for_function(f"{SOUND}.currentTime === 0")
    assert not is_playing(page)


def test_stretches_come_in_while_it_plays_and_is_zoomed(player: Page):
    player.get_by_role("button", name="Zoom in").click()
    player.get_by_role("button", name="Zoom in").click()
    expect(player.get_by_role("button", name="Zoom out")).to_be_enabled()
    click_at(player, 0.5)
    heard_moving(player)
    before = now(player)
    expect(player.locator("[part=lane]").first.locator("[part~=bar]")).to_have_count(2)
    player.get_by_role("button", name="One more").click()
    expect(player.locator("[part=lane]").first.locator("[part~=bar]")).to_have_count(3)
    heard_moving(player)
    assert now(player) > before
    expect(player.get_by_role("button", name="Zoom out")).to_be_enabled()
    player.get_by_role("button", name="Show the whole sound").click()
    expect(player.get_by_role("button", name="Zoom out")).to_be_disabled()


def test_a_drag_moves_what_is_shown_and_plays_nothing(player: Page):
    for _ in range(3):
        player.get_by_role("button", name="Zoom in").click()
    view = player.locator("[part=scroll]")
    before = view.evaluate("view => view.scrollLeft")
    box = player.locator(".place").bounding_box()
    player.mouse.move(box["x"] + 300, box["y"] + 200)
    player.mouse.down()
    player.mouse.move(box["x"] + 100, box["y"] + 200, steps=4)
    player.mouse.up()
    assert view.evaluate("view => view.scrollLeft") == pytest.approx(before + 200, abs=3)
    assert not is_playing(player)


def test_the_page_asks_for_a_stretch_and_it_is_heard(player: Page):
    player.get_by_role("button", name="Hear the second").click()
    heard_moving(player)
    assert 8 <= now(player) < 11


def test_another_sound_takes_its_place_and_the_old_one_falls_silent(player: Page):
    click_at(player, 0.5)
    heard_moving(player)
    source = player.evaluate(f"{SOUND}.src")
    player.get_by_role("button", name="Another sound").click()
    player.wait_for_function(f"{SOUND}.src !== '{source}'")
    assert not is_playing(player)
    assert player.locator("audio.urbansound-waves").count() == 1


def test_only_one_sound_plays_and_leaving_ends_it(player: Page):
    click_at(player, 0.5)
    heard_moving(player)
    player.get_by_test_id("stAudio").evaluate("audio => audio.play()")
    click_at(player, 0.2)
    heard_moving(player)
    assert player.get_by_test_id("stAudio").evaluate("audio => audio.paused")
    player.get_by_role("button", name="No player").click()
    expect(player.locator("audio.urbansound-waves")).to_have_count(0)


def test_it_is_worked_by_keys_alone(player: Page):
    player.get_by_role("button", name="Play street").focus()
    player.keyboard.press("Enter")
    heard_moving(player)
    player.keyboard.press("Tab")
    assert player.evaluate(FOCUSED) == "Zoom in"
    player.keyboard.press("Tab")
    assert player.evaluate(FOCUSED).startswith("Position in street")
    player.keyboard.press(" ")
    player.wait_for_function(f"{SOUND}.paused")
    expect(player.get_by_role("slider")).to_have_attribute("aria-valuemax", "20.0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_shows_all_of_it(page: Page, address: str, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    drawn(page)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    box = page.locator(".waves").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    play = page.get_by_role("button", name="Play street").bounding_box()
    assert min(play["width"], play["height"]) >= 40


def test_the_height_is_the_same_before_and_after_it_is_drawn(page: Page, address: str):
    page.goto(address)
    page.locator(".waves").wait_for()
    before = page.locator(".waves").bounding_box()["height"]
    drawn(page)
    page.get_by_role("button", name="Zoom in").click()
    assert page.locator(".waves").bounding_box()["height"] == before


@pytest.fixture
def explore(page: Page, serve: Serve, demo_data: Path) -> Page:
    page.goto(serve(demo_data))
    page.get_by_role("link", name="Explore").click()
    drawn(page)
    return page


def test_in_explore_arrows_step_from_clip_to_clip_and_each_is_heard(explore: Page):
    click_at(explore, 0.5)
    heard_moving(explore)
    assert now(explore) > 1.5
    source = explore.evaluate(f"{SOUND}.src")
    explore.keyboard.press("ArrowRight")
    explore.wait_for_function(f"{SOUND}.src.startsWith('blob:') && {SOUND}.src !== '{source}'")
    heard_moving(explore)
    assert "clip=" in explore.url


def test_a_card_that_is_played_silences_the_player_and_the_other_way_round(explore: Page):
    click_at(explore, 0.1)
    heard_moving(explore)
    explore.get_by_role("button", name="Play air conditioner").first.click()
    explore.wait_for_function(f"{SOUND}.paused && !window.urbansoundPlayer.audio.paused")
    click_at(explore, 0.1)
    heard_moving(explore)
    explore.wait_for_function("window.urbansoundPlayer.audio.paused")
