"""Home: ten sounds at once, or the way to them."""

from tests.app.conftest import write_dataset
from urbansound.dataset.download import N_BYTES
from urbansound.dataset.index import SYNTHETIC
from urbansound.ui import background, data
from urbansound.ui.opened import token_of


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
    assert "the real ones are below" in text(app)


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


def buttons(app):
    return {button.label: button for button in app.button}


def test_the_real_sounds_are_fetched_by_a_button(open_page, no_work):
    app = open_page("home")
    buttons(app)["Download (6 GB)"].click().run()
    assert "download" in no_work


def test_what_was_fetched_before_is_gone_on_with(open_page, places):
    with open(places / "UrbanSound8K.tar.gz.part", "wb") as part:
        part.truncate(1_200_000_000)
    app = open_page("home")
    assert "1.2 GB of 6.0 GB were fetched before and are kept." in text(app)
    assert "Go on downloading" in buttons(app)


def fetching(monkeypatch, **more):
    state = background.JobState("running", N_BYTES // 4, N_BYTES, **more)
    idle = background.JobState("idle")
    monkeypatch.setattr(
        background, "state", lambda name: state if name == background.DOWNLOAD else idle
    )


def test_a_download_says_how_far_it_is_and_can_be_stopped(open_page, monkeypatch):
    fetching(monkeypatch, message="Fetching … 1.51 of 6.02 GB · 12.3 MB/s · 6 min left")
    app = open_page("home")
    (bar,) = [element.proto for element in app.get("progress") if "Fetching" in element.proto.text]
    assert bar.text.startswith("Fetching … 1.51 of 6.02 GB · 12.3 MB/s")
    assert bar.value == 25
    assert not background.is_asked_to_stop(background.DOWNLOAD)
    buttons(app)["Stop"].click().run()
    assert background.is_asked_to_stop(background.DOWNLOAD)


def test_a_silent_server_is_named_and_no_time_is_promised(open_page, monkeypatch):
    fetching(monkeypatch, message="Fetching … 1.51 of 6.02 GB · 6 min left", silent_s=12.0)
    texts = [element.proto.text for element in open_page("home").get("progress")]
    assert "Fetching … 1.51 of 6.02 GB · nothing came for 12 s" in texts


def test_a_failed_download_says_why_and_can_be_tried_again(open_page, monkeypatch):
    failed = background.JobState("failed", message="The server answered 403.")
    monkeypatch.setattr(background, "state", lambda name: failed)
    app = open_page("home")
    assert "The server answered 403." in [error.value for error in app.error]
    assert "Download (6 GB)" in buttons(app)


def test_real_sounds_that_are_there_can_be_opened(open_page, real_set, places):
    write_dataset(places / "demo" / "UrbanSound8K")
    (places / "demo" / "UrbanSound8K" / SYNTHETIC).write_text("made\n")
    app = open_page("home", data=token_of(places / "demo" / "UrbanSound8K"))
    buttons(app)["Open the real sounds"].click().run()
    assert "Open the real sounds" not in buttons(app)
    assert token_of(real_set) == app.session_state["dataset_chosen"]
