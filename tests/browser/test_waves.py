"""A person at the waveform player: hears it, clicks into it, steps through what was heard."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import be_still
from urbansound.paths import PROJECT

Serve = Callable[..., str]
PLAYER = PROJECT / "urbansound" / "ui" / "static" / "waves"
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


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def drag(page: Page, start: float, end: float, y: int = 200) -> None:
    """A drag from one share of the time axis to another."""
    page.locator(".place").scroll_into_view_if_needed()
    box = page.locator(".place").bounding_box()
    page.mouse.move(box["x"] + start * box["width"], box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + y, steps=5)
    page.mouse.up()


def shown(page: Page) -> list[tuple[float, float]]:
    """From when to when, in seconds, the waveform, the spectrogram and the MFCCs are shown."""
    view = page.locator("[part=scroll]").evaluate(
        "view => [view.scrollLeft, view.scrollLeft + view.clientWidth, view.scrollWidth]"
    )
    pictures = [page.locator(f"canvas[part={part}]") for part in ("spectrogram", "mfcc")]
    return [
        (20 * view[0] / view[2], 20 * view[1] / view[2]),
        *(
            picture.evaluate("({ dataset }) => [+dataset.from, +dataset.to]")
            for picture in pictures
        ),
    ]


def show_the_same(page: Page, start_s: float, end_s: float) -> None:
    for from_s, to_s in shown(page):
        assert from_s == pytest.approx(start_s, abs=0.05)
        assert to_s == pytest.approx(end_s, abs=0.05)
    boxes = [
        page.locator(f"canvas[part={part}]").bounding_box() for part in ("spectrogram", "mfcc")
    ]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["width"] == boxes[1]["width"]


def gain(page: Page) -> float:
    return float(page.evaluate(f"{SOUND}.gainNode.gain.value"))


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


def test_a_drag_over_the_whole_marks_a_stretch_and_shows_it_in_all_pictures(player: Page):
    show_the_same(player, 0, 20)
    drag(player, 0.4, 0.2)
    # Half a tenth of it is left on either side.
    show_the_same(player, 3.8, 8.2)
    assert not is_playing(player)
    assert now(player) == pytest.approx(4, abs=0.05)
    player.keyboard.press("0")
    show_the_same(player, 0, 20)


def test_keys_zoom_around_the_playhead_and_all_pictures_follow(player: Page):
    player.keyboard.press("+")
    show_the_same(player, 0, 10)
    player.keyboard.press("=")
    show_the_same(player, 0, 5)
    player.keyboard.press("-")
    show_the_same(player, 0, 10)


def test_a_finger_marks_a_stretch_while_all_is_shown(player: Page):
    player.locator(".place").scroll_into_view_if_needed()
    box = player.locator(".place").bounding_box()
    browser = player.context.new_cdp_session(player)
    browser.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind: str, share: float | None = None) -> None:
        at = [] if share is None else [{"x": box["x"] + share * box["width"], "y": box["y"] + 300}]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", 0.5)
    for share in (0.55, 0.6, 0.65, 0.7):
        touch("touchMove", share)
    touch("touchEnd")
    expect(player.get_by_role("button", name="Zoom out")).to_be_enabled()
    show_the_same(player, 9.8, 14.2)


def test_a_marked_stretch_is_played_alone_and_looped_when_asked(player: Page):
    drag(player, 0.25, 0.28)
    tool(player, "Loop").click()
    player.keyboard.press(" ")
    for _ in range(2):
        player.wait_for_function(f"{SOUND}.currentTime > 5.3")
        player.wait_for_function(f"{SOUND}.currentTime < 5.2")
    assert is_playing(player)
    player.keyboard.press("l")
    player.wait_for_function(f"{SOUND}.paused")
    assert now(player) == pytest.approx(5.6, abs=0.1)
    expect(player.get_by_text("ended: 0")).to_be_visible()


def test_keys_mark_from_here_and_to_here_and_escape_forgets_it(page: Page, address: str):
    page.goto(f"{address}?bare")
    drawn(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")
    marked = page.locator("[part=marked]")
    left, width = marked.evaluate("({ style }) => [style.left, style.width].map(parseFloat)")
    assert (left, width) == (pytest.approx(5, abs=0.1), pytest.approx(5, abs=0.1))
    page.keyboard.press("Escape")
    expect(marked).to_be_hidden()


def test_the_page_is_told_once_when_the_sound_is_over_and_never_while_it_loops(player: Page):
    tool(player, "Loop").click()
    click_at(player, 0.98)
    player.wait_for_function(f"{SOUND}.currentTime > 19.7")
    player.wait_for_function(f"!{SOUND}.paused && {SOUND}.currentTime < 5")
    tool(player, "Loop").click()
    click_at(player, 0.98)
    expect(player.get_by_text("ended: 1")).to_be_visible()
    assert not is_playing(player)
    click_at(player, 0.98)
    expect(player.get_by_text("ended: 2")).to_be_visible()


def test_going_to_the_end_without_playing_is_not_the_end(page: Page, address: str):
    page.goto(f"{address}?bare")
    drawn(page)
    page.keyboard.press("End")
    page.wait_for_function(f"{SOUND}.currentTime > 19.9")
    page.get_by_role("button", name="One more").click()
    expect(page.get_by_text("ended: 0")).to_be_visible()


def test_at_half_speed_the_same_takes_twice_as_long_at_the_same_pitch(player: Page):
    player.keyboard.press("s")
    click_at(player, 0.2)
    heard_moving(player)
    assert player.evaluate(f"[{SOUND}.playbackRate, {SOUND}.preservesPitch]") == [0.5, True]
    heard_s, passed_s = player.evaluate(
        f"""async () => {{
          const before = [{SOUND}.currentTime, performance.now()]
          await new Promise((done) => setTimeout(done, 2000))
          return [{SOUND}.currentTime - before[0], (performance.now() - before[1]) / 1000]
        }}"""
    )
    assert 0 < heard_s < 0.7 * passed_s
    player.keyboard.press("s")
    assert player.evaluate(f"{SOUND}.playbackRate") == 1


def test_the_same_loudness_is_a_gain_that_stays_for_the_next_sound_and_after_a_reload(player: Page):
    click_at(player, 0.1)
    heard_moving(player)
    assert player.evaluate(f"{SOUND}.gainNode") is None
    tool(player, "Same loudness").click()
    first = gain(player)
    expect(player.locator(".gain")).to_have_text(re.compile(r"[+−]\d+ dB"))
    player.get_by_role("button", name="Another sound").click()
    expect(tool(player, "Same loudness")).to_have_attribute("aria-pressed", "true")
    player.wait_for_function(f"{SOUND}.gainNode.gain.value !== {first}")
    player.reload()
    drawn(player)
    expect(tool(player, "Same loudness")).to_have_attribute("aria-pressed", "true")
    click_at(player, 0.1)
    heard_moving(player)
    assert gain(player) == pytest.approx(first, rel=1e-3)
    tool(player, "Same loudness").click()
    assert gain(player) == 1
    expect(player.locator(".gain")).to_be_hidden()


def test_what_is_turned_up_never_clips_and_what_is_soft_is_left_as_it_is(page: Page):
    script = (PLAYER / "loudness.js").read_text(encoding="utf-8")
    loud, soft = page.evaluate(
        f"""async () => {{
          const {{ limiterOf, factor }} = new Function({json.dumps(script)} +
            "\\nreturn {{ limiterOf, factor }}")()
          const peakOf = async (amplitude, gain) => {{
            const offline = new OfflineAudioContext(1, 44100, 44100)
            const tone = new OscillatorNode(offline, {{ frequency: 440 }})
            tone
              .connect(new GainNode(offline, {{ gain: amplitude * factor(gain) }}))
              .connect(limiterOf(offline))
            tone.start()
            const heard = (await offline.startRendering()).getChannelData(0)
            return heard.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
          }}
          return [await peakOf(1, 40), await peakOf(0.01, 30)]
        }}"""
    )
    assert 0.5 < loud < 1
    assert soft == pytest.approx(0.01 * 10 ** (30 / 20), rel=0.02)


def test_volume_and_silence_are_kept_and_a_browser_that_keeps_nothing_still_plays(
    page: Page, address: str
):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    )
    page.goto(f"{address}?bare")
    drawn(page)
    page.get_by_role("slider", name="Volume").fill("0.5")
    assert page.evaluate(f"{SOUND}.volume") == 0.5
    tool(page, "Sound off").click()
    assert page.evaluate(f"{SOUND}.muted")
    page.keyboard.press(" ")
    heard_moving(page)


def test_what_is_under_the_pointer_is_said(player: Page):
    player.locator(".place").scroll_into_view_if_needed()
    box = player.locator(".place").bounding_box()
    words = player.locator(".under")
    said = []
    for part in ("spectrogram", "mfcc"):
        picture = player.locator(f"canvas[part={part}]").bounding_box()
        player.mouse.move(box["x"] + 0.1 * box["width"], picture["y"] + 0.8 * picture["height"])
        said.append(words.inner_text())
    assert re.fullmatch(r"2\.0\d s · \d+ Hz · -?\d+ dB", said[0])
    assert re.fullmatch(r"(2\.0\d s) · coefficient 9 · [+−]\d\.\d std\. deviations", said[1])
    player.mouse.move(0, 0)
    expect(words).to_be_hidden()


def test_a_click_on_the_mfccs_plays_from_there(player: Page):
    click_at(player, 0.6, y=460)
    heard_moving(player)
    assert 11.5 < now(player) < 14


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
    tools = ["Loop", "Half speed", "Same loudness", "Sound off", "Volume", "Zoom in"]
    for name in tools:
        player.keyboard.press("Tab")
        assert player.evaluate(FOCUSED) == name
    player.keyboard.press("Tab")
    assert player.evaluate(FOCUSED).startswith("Position in street")
    player.keyboard.press(" ")
    player.wait_for_function(f"{SOUND}.paused")
    expect(player.get_by_role("slider", name="Position")).to_have_attribute("aria-valuemax", "20.0")


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
    for button in page.locator(".waves button:visible").all():
        target = button.bounding_box()
        assert min(target["width"], target["height"]) >= 44
        assert target["x"] + target["width"] <= 382


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
    be_still(page)
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
