"""A person guesses by ear: one click a sound, the keyboard alone, and the end."""

import re

from playwright.sync_api import expect

from urbansound.labels import URBAN_SOUNDS


def begin(page, address):
    page.goto(f"{address}/explore?view=Guess")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Sound 1 of 10")).to_be_visible()


def test_a_round_by_keyboard_from_the_first_sound_to_the_models_answers(serve, page, demo_data):
    begin(page, serve(demo_data))
    expect(page.get_by_role("button", name="Stop the sound")).to_be_visible()
    for number in range(10):
        expect(page.get_by_text(f"Sound {number + 1} of 10")).to_be_visible()
        page.keyboard.press(str((number + 1) % 10))
    expect(page.get_by_text(re.compile(r"You named \d+ of 10 right"))).to_be_visible()
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader", name="CNN")).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(11)
    expect(page.get_by_text("nothing of them is written down")).to_be_visible()


def test_answers_as_fast_as_keys_come_are_all_taken(serve, page, demo_data):
    begin(page, serve(demo_data))
    page.keyboard.type("1234567890", delay=5)
    expect(page.get_by_text(re.compile(r"You named \d+ of 10 right"))).to_be_visible()
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader", name="CNN")).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(11)
    said = table.locator("td:nth-child(3)").all_inner_texts()
    names = "\n".join(said)
    assert len(said) == 10
    assert all(sound.title in names for sound in URBAN_SOUNDS)


def test_a_click_answers_and_goes_on_and_space_plays_again(serve, page, demo_data):
    begin(page, serve(demo_data))
    page.get_by_role("button", name="siren").click()
    expect(page.get_by_text("Sound 2 of 10")).to_be_visible()
    page.get_by_role("button", name="Stop the sound").click()
    expect(page.get_by_role("button", name="Play the sound")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Stop the sound")).to_be_visible()
    expect(page.get_by_text("Sound 2 of 10")).to_be_visible()


def test_the_stage_shows_no_colour_or_name_of_the_clip(serve, page, demo_data):
    begin(page, serve(demo_data))
    stage = page.get_by_role("group", name="Guess the sound")
    assert ".wav" not in stage.inner_html()
    expect(stage.get_by_role("button", name="Stop the sound")).to_be_visible()
    colors = stage.locator("canvas").evaluate(
        """canvas => {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
            const seen = new Set()
            for (let at = 0; at < data.length; at += 4)
                if (data[at + 3] >= 128) seen.add([data[at], data[at + 1], data[at + 2]].join())
            return [...seen]
        }"""
    )
    # A short sound's columns are narrower than a pixel: what is half clear has rounded channels.
    seen = [tuple(map(int, color.split(","))) for color in colors]
    grey = (116, 128, 141)
    assert seen
    assert all(abs(a - b) <= 8 for color in seen for a, b in zip(color, grey, strict=True))


def test_the_whole_stage_is_seen_on_a_phone(serve, page, demo_data):
    page.set_viewport_size({"width": 390, "height": 844})
    begin(page, serve(demo_data))
    last = page.get_by_role("button", name="street music").bounding_box()
    leave = page.get_by_role("button", name="Stop this round").bounding_box()
    assert last["x"] + last["width"] <= 390
    assert last["y"] + last["height"] <= leave["y"]


def test_the_sounds_can_be_heard_again_at_the_end(serve, page, demo_data):
    begin(page, serve(demo_data))
    page.keyboard.type("1111111111", delay=30)
    table = page.get_by_role("table")
    first = table.get_by_role("button").first
    first.focus()
    page.keyboard.press("Enter")
    expect(table.get_by_role("button", name=re.compile("^Stop sound 1"))).to_be_visible()
    page.get_by_role("button", name="Another round").click()
    expect(page.get_by_text("Sound 1 of 10")).to_be_visible()
