"""Home: ten sounds at once, or the way to them."""

from urbansound.dataset.index import SYNTHETIC
from urbansound.ui import background, data


def cards(app):
    """What the sound grids and players of a page were given, in order."""
    import json

    return [json.loads(element.proto.json) for element in app.get("bidi_component")]


def text(app):
    return " ".join(element.value for element in app.markdown)


def test_without_data_the_demo_sounds_are_begun_and_skeletons_stand(open_page, no_work):
    app = open_page("home")
    assert not app.exception
    assert no_work == ["demo"]
    assert cards(app)[0]["skeletons"] == 10
    assert "python -m urbansound download" in app.code[0].value


def test_a_demo_set_that_could_not_be_made_says_why_and_can_be_tried_again(
    open_page, no_work, monkeypatch
):
    failed = background.JobState("failed", message="The disk is full.")
    monkeypatch.setattr(background, "state", lambda name: failed)
    app = open_page("home")
    assert app.error[0].value == "The disk is full."
    assert no_work == []
    next(button for button in app.button if button.label == "Try again").click().run()
    assert no_work == ["demo"]


def test_home_is_ten_sounds_and_one_bright_button(open_page, real_set):
    app = open_page("home")
    assert not app.exception
    assert app.title[0].value == "Ten kinds of city sound. Click one to hear it."
    grid = cards(app)[0]
    assert [card["title"] for card in grid["cards"]][:2] == ["air conditioner", "car horn"]
    assert len(grid["cards"]) == 10
    assert grid["hotkeys"] is True
    bright = [button.label for button in app.button if button.proto.type == "primary"]
    assert bright == ["Teach a network these sounds"]
    assert "40 clips · Model 1, Model 2, MLP and CNN ready · " in text(app)


def test_home_shows_loud_clips_first(open_page, real_set):
    index = data.current_dataset()
    shown = [int(card["id"]) for card in cards(open_page("home"))[0]["cards"]]
    assert all(index.clips[number].foreground for number in shown)


def test_synthetic_sound_is_always_called_so(open_page, real_set):
    (real_set / SYNTHETIC).write_text("made\n")
    app = open_page("home")
    assert "made by this app" in text(app)
    assert "get the real ones (6 GB)" in text(app)


def test_a_clip_that_cannot_be_read_spoils_one_card_only(open_page, real_set):
    index = data.current_dataset()
    index.audio_path(index.clips[0]).write_bytes(b"no sound")
    notes = [card["note"] for card in cards(open_page("home"))[0]["cards"]]
    assert notes[0] == "cannot be read"
    assert all(note.startswith("peak") for note in notes[1:])


def test_numbers_without_sound_say_so_and_can_still_teach(open_page, numbers_only):
    app = open_page("home")
    assert not app.exception
    assert "nothing to hear" in app.info[0].value
    assert "Teach a network these sounds" in [button.label for button in app.button]
