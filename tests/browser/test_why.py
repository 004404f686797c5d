"""A person asks why, plays the part that decided, and breaks the answer with a slider."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

Serve = Callable[..., str]
SCRIPT = Path(__file__).parent / "why_page.py"
WHY, BREAKING = ".st-key-classify_why", ".st-key-classify_breaking"
BARS = "document.querySelector('dl.chances').textContent"


@pytest.fixture
def address(serve: Serve, tmp_path: Path) -> str:
    return serve(tmp_path, SCRIPT)


def play(page: Page, cards: Locator, number: int) -> None:
    """One card is played, and it alone."""
    cards.locator(".play").nth(number).click()
    expect(cards.nth(number)).to_contain_class("playing")
    expect(page.locator(".card.playing")).to_have_count(1)


def test_the_part_that_decided_and_everything_else_can_be_heard(page, address):
    page.goto(address)
    page.get_by_text("What drove the answer").click()
    picture = page.get_by_role("img", name="Spectrogram; the 25 %")
    expect(picture).to_be_visible()
    cards = page.locator(f"{WHY}_cards .card")
    expect(cards).to_have_count(4)
    for number in range(4):
        play(page, cards, number)
    before = picture.get_attribute("src")
    page.locator(f"{WHY}_share").get_by_role("slider").press("ArrowRight")
    other = page.get_by_role("img", name="Spectrogram; the 30 %")
    expect(other).to_be_visible()
    assert other.get_attribute("src") != before
    expect(page.get_by_text("The bright 30 % of the sound, played alone")).to_be_visible()


def test_a_perceptron_shows_its_numbers_and_hears_no_time(page, address):
    page.goto(f"{address}/?model=model1")
    page.get_by_text("What drove the answer").click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(page.get_by_text("Model 1 hears averages over time")).to_be_visible()
    expect(page.get_by_text("Steady noise with the same 40 averages")).to_be_visible()
    cards = page.locator(f"{WHY}_cards .card")
    expect(cards).to_have_count(3)
    play(page, cards, 2)


def test_bars_move_with_a_slider_the_changed_sound_plays_and_reset_takes_it_back(page, address):
    page.goto(address)
    page.get_by_text("Try to break it").click()
    bars = page.locator("dl.chances")
    expect(bars).to_be_visible()
    before = page.evaluate(BARS)
    page.locator(f"{BREAKING}_noise_db").get_by_role("slider").press("End")
    page.wait_for_function(f"{BARS} !== {before!r}")
    expect(page.locator(f"{BREAKING}_noise_db")).to_contain_text("+10 dB")
    play(page, page.locator(f"{BREAKING}_cards .card"), 1)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function(f"{BARS} === {before!r}")


def test_a_phone_shows_all_of_it_without_scrolling_sideways(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    page.get_by_text("What drove the answer").click()
    page.get_by_text("Try to break it").click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4)
    expect(page.locator(f"{WHY}_cards .card")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
