"""A person at one clip: steps on with what was chosen, keeps its file, hears its neighbours."""

import io
import re
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import be_still

Serve = Callable[..., str]
SOUND = "document.querySelector('audio.urbansound-waves')"


@pytest.fixture
def clip(page: Page, serve: Serve, demo_data: Path) -> Page:
    page.goto(f"{serve(demo_data)}/explore")
    drawn(page)
    return page


def drawn(page: Page) -> None:
    expect(page.locator(".waves:not(.loading)")).to_be_visible()
    page.wait_for_function(f"{SOUND}?.readyState > 0")
    be_still(page)


def tool(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def step(page: Page) -> None:
    source = page.evaluate(f"{SOUND}.src")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{SOUND}.src.startsWith('blob:') && {SOUND}.src !== '{source}'")


def test_what_was_chosen_holds_from_clip_to_clip(clip: Page):
    tool(clip, "Half speed").click()
    tool(clip, "Same loudness").click()
    step(clip)
    clip.wait_for_function(f"!{SOUND}.paused && {SOUND}.playbackRate === 0.5")
    first = clip.evaluate(f"{SOUND}.gainNode.gain.value")
    expect(clip.locator(".gain")).to_have_text(re.compile(r"[+−]\d+ dB"))
    step(clip)
    clip.wait_for_function(f"{SOUND}.gainNode.gain.value !== {first}")
    assert clip.evaluate(f"{SOUND}.playbackRate") == 0.5
    expect(tool(clip, "Half speed")).to_have_attribute("aria-pressed", "true")


def test_waveform_spectrogram_and_mfccs_stand_under_one_another_on_one_axis(clip: Page):
    boxes = [
        clip.locator(part).first.bounding_box()
        for part in ("[part=canvases]", "canvas[part=spectrogram]", "canvas[part=mfcc]")
    ]
    assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)
    assert boxes[1]["x"] == boxes[2]["x"] == pytest.approx(boxes[0]["x"], abs=1)
    assert boxes[1]["width"] == boxes[2]["width"] == pytest.approx(boxes[0]["width"], abs=1)
    clip.keyboard.press("+")
    shown = [
        clip.locator(f"canvas[part={part}]").evaluate("({ dataset }) => ({ ...dataset })")
        for part in ("spectrogram", "mfcc")
    ]
    assert shown[0] == shown[1]
    assert float(shown[0]["to"]) - float(shown[0]["from"]) == pytest.approx(2, abs=0.05)


def test_play_all_goes_on_though_the_loop_was_on(clip: Page):
    tool(clip, "Loop").click()
    source = clip.evaluate(f"{SOUND}.src")
    clip.get_by_role("button", name="Play all").click()
    expect(tool(clip, "Loop")).to_have_attribute("aria-pressed", "false")
    clip.wait_for_function(f"{SOUND}.src.startsWith('blob:') && {SOUND}.src !== '{source}'")
    clip.get_by_role("button", name="Stop", exact=True).click()


def test_a_clip_is_kept_as_its_file_and_as_wav(clip: Page, demo_data: Path):
    files = {path.name: path for path in demo_data.rglob("*.wav")}
    with clip.expect_download() as kept:
        clip.get_by_role("button", name="Download", exact=True).click()
    name = kept.value.suggested_filename
    assert kept.value.path().read_bytes() == files[name].read_bytes()
    with clip.expect_download() as kept:
        clip.get_by_role("button", name="As WAV", exact=True).click()
    with wave.open(io.BytesIO(kept.value.path().read_bytes())) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone_nothing_is_cut(page: Page, serve: Serve, demo_data: Path, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{serve(demo_data)}/explore")
    drawn(page)
    page.locator("dl").scroll_into_view_if_needed()
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    rows = page.locator("dl > div").all()
    assert len(rows) >= 10
    for row in rows:
        box = row.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert row.evaluate("row => row.scrollWidth <= row.clientWidth + 1")
    # One column: no two lines side by side.
    assert len({row.bounding_box()["x"] for row in rows}) == 1
