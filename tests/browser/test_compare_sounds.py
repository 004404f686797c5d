"""A person compares two sounds: finds what is confused with drilling, hears both in turn."""

import re

from playwright.sync_api import expect


def test_a_newcomer_finds_what_is_most_confused_with_drilling(serve, page, demo_data):
    page.goto(f"{serve(demo_data)}/explore")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("combobox", name=re.compile("One")).click()
    page.get_by_role("option", name="drilling").click()
    expect(page.get_by_text("Most often confused with drilling: jackhammer")).to_be_visible()
    page.get_by_role("button", name="jackhammer").first.click()
    expect(
        page.get_by_text(re.compile("CNN heard .* drilling clips as jackhammer"))
    ).to_be_visible()
    assert "one=drilling" in page.url
    assert "other=jackhammer" in page.url


def open_pair(page, address, **more):
    query = "&".join(f"{key}={value}" for key, value in more.items())
    page.goto(f"{address}/explore?view=Compare&{query}")


def test_both_play_in_turn_with_who_plays_and_space_stops(serve, page, demo_data):
    open_pair(page, serve(demo_data), one="car_horn", other="gun_shot")
    both = page.get_by_role("group", name="Both in turn")
    both.get_by_role("button", name="Play both in turn").click()
    first = both.get_by_role("button", name="Play car horn")
    second = both.get_by_role("button", name="Play gun shot")
    expect(first).to_contain_text("plays")
    expect(second).to_contain_text("plays")
    expect(first).not_to_contain_text("plays")
    page.keyboard.press(" ")
    expect(both.get_by_role("button", name="Play both in turn")).to_be_visible()


def test_which_was_that_keeps_the_score_and_tells_only_after_the_answer(serve, page, demo_data):
    open_pair(page, serve(demo_data), one="car_horn", other="siren")
    both = page.get_by_role("group", name="Both in turn")
    both.get_by_role("button", name="Which was that?").click()
    expect(both.get_by_role("button", name="Stop")).to_be_visible()
    expect(both.get_by_text("plays", exact=True)).to_have_count(0)
    expect(both.get_by_text("it was this")).to_have_count(0)
    page.keyboard.press("a")
    expect(both.get_by_text("it was this")).to_be_visible()
    expect(both.get_by_text(re.compile("[01] of 1 right"))).to_be_visible()


def test_a_card_that_plays_silences_the_turns(serve, page, demo_data):
    open_pair(page, serve(demo_data), one="car_horn", other="siren")
    both = page.get_by_role("group", name="Both in turn")
    both.get_by_role("button", name="Play both in turn").click()
    expect(both.get_by_text("plays", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Play siren, peak")).first.click()
    expect(page.get_by_role("button", name=re.compile("^Pause siren, peak"))).to_be_visible()
    expect(both.get_by_text("plays", exact=True)).to_have_count(0)


def test_two_clips_are_switched_at_the_same_moment_by_keyboard(serve, page, demo_data):
    open_pair(page, serve(demo_data), between="Two+clips")
    duet = page.get_by_role("group", name="Both clips")
    one = duet.get_by_role("button", name=re.compile("^Hear A"))
    other = duet.get_by_role("button", name=re.compile("^Hear B"))
    expect(one).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("l")
    expect(duet.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(" ")
    expect(duet.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].some(host => "
        "parseFloat(host.shadowRoot?.querySelector('.track .line')?.style.left) > 12)"
    )
    before = _place(duet)
    page.keyboard.press("b")
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(duet.get_by_role("button", name="Pause")).to_be_visible()
    assert _place(duet) >= before
    page.keyboard.press(" ")
    expect(duet.get_by_role("button", name="Play", exact=True)).to_be_visible()


def _place(duet):
    return float(
        duet.locator(".track .line").first.evaluate("line => parseFloat(line.style.left) || 0")
    )


def test_a_narrow_page_shows_all_of_it(serve, page, demo_data):
    page.set_viewport_size({"width": 390, "height": 844})
    open_pair(page, serve(demo_data), between="Two+clips")
    duet = page.get_by_role("group", name="Both clips")
    expect(duet).to_be_visible()
    for button in duet.get_by_role("button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
