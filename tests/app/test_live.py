"""What a listening browser sends, honest or hostile, and what the page makes of it."""

import base64
import math
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from urbansound.article_tensors import write_tensors
from urbansound.errors import BadAudio, BadWeights
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.labels import NOT_SURE, SILENCE, URBAN_SOUND_NAMES
from urbansound.paths import outputs_dir
from urbansound.records import Calibration, Card, Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import replace_saved
from urbansound.ui.classify.ear import Ear
from urbansound.ui.classify.history import LISTED, SHOWN_S, History, events_html, strip_html
from urbansound.ui.microphone import MAX_CHUNK_S, MAX_TAKE_S, parse_chunk, parse_take

pytestmark = pytest.mark.usefixtures("no_work")

RATE = 44_100
Pcm = np.ndarray


def noise(seconds: float, peak: float = 0.5, seed: int = 0) -> Pcm:
    wave = np.random.default_rng(seed).uniform(-peak, peak, round(seconds * RATE))
    return np.rint(wave * 32767).astype("<i2")


def message(number: int, sound: Pcm, /, **about: object) -> dict[str, object]:
    """What a browser sends: a stretch that follows on stretches of the same length."""
    return {
        "session": "a session",
        "number": number,
        "start": max(0, number - 1) * len(sound),
        "rate": RATE,
        "pcm": base64.b64encode(sound.tobytes()).decode(),
        "is_last": False,
    } | about


def fed(n: int, pcm: Pcm | None = None) -> Ear:
    """An ear that has been listening for n half seconds."""
    ear = Ear()
    ear.take(message(0, noise(0)))
    for number in range(1, n + 1):
        ear.take(message(number, noise(0.5, seed=number) if pcm is None else pcm))
    return ear


def test_samples_arrive_as_they_were_sent():
    pcm = np.array([0, 1, -1, 32767, -32768], "<i2")
    audio = parse_take({"id": "x", "rate": RATE, "pcm": base64.b64encode(pcm.tobytes()).decode()})
    assert audio.sample_rate == RATE
    assert audio.samples.dtype == np.float32
    np.testing.assert_array_equal(audio.samples, pcm / np.float32(32768))


HOSTILE = {
    "nothing": None,
    "a list": [1, 2],
    "a text": "pcm",
    "no fields": {},
    "no base64": message(1, noise(0.5), pcm="*" * 400),
    "base64 with junk in it": message(1, noise(0.5), pcm="AAA\nAAA="),
    "no ASCII": message(1, noise(0.5), pcm="é" * 40),
    "half a sample": message(1, noise(0.5), pcm=base64.b64encode(b"abc").decode()),
    "samples that are no text": message(1, noise(0.5), pcm=[0.0, math.nan]),
    "a huge stretch": message(1, noise(MAX_CHUNK_S + 0.1)),
    "an enormous text": message(1, noise(0), pcm="A" * 40_000_000),
    "a rate that is no number": message(1, noise(0.5), rate="44100"),
    "a rate of NaN": message(1, noise(0.5), rate=math.nan),
    "a rate that is true": message(1, noise(0.5), rate=True),
    "a rate of 1 Hz": message(1, noise(0.5), rate=1),
    "a rate of a million": message(1, noise(0.5), rate=1_000_000),
    "a negative number": message(-1, noise(0.5)),
    "a negative start": message(1, noise(0.5), start=-5),
    "an endless start": message(1, noise(0.5), start=10**30),
    "half a number": message(1, noise(0.5), number=0.5),
    "no session": message(1, noise(0.5), session=""),
    "a session without end": message(1, noise(0.5), session="s" * 1000),
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_no_browser_of_ours_sends_is_refused_in_a_sentence(payload: object):
    with pytest.raises(BadAudio) as refusal:
        parse_chunk(payload)
    assert refusal.value.code in ("not_sound", "bad_rate", "too_long")
    assert str(refusal.value).endswith((".",))
    ear = fed(2)
    heard = ear.window
    assert heard is not None
    assert not ear.take(payload)
    assert ear.refused == str(refusal.value)
    assert not ear.acknowledged.is_open


def test_a_take_longer_than_the_limit_or_empty_is_refused():
    five_minutes = {"id": "x", "rate": 8000, "pcm": "A" * (4 * (MAX_TAKE_S * 8000 * 2 // 3))}
    assert parse_take(five_minutes).duration_s == pytest.approx(MAX_TAKE_S, abs=0.01)
    with pytest.raises(BadAudio, match="more than 300 s") as refusal:
        parse_take(five_minutes | {"pcm": "A" * (4 * (MAX_TAKE_S * 8000 * 2 // 3) + 400)})
    assert refusal.value.code == "too_long"
    with pytest.raises(BadAudio, match="no sound"):
        parse_take({"id": "x", "rate": RATE, "pcm": ""})


def test_five_minutes_at_48_khz_fit_into_one_message():
    assert st.get_option("server.maxWidgetStateSize") * 1e6 > MAX_TAKE_S * 48_000 * 2 * 4 / 3 * 1.05


def test_an_ear_keeps_ten_seconds_and_hears_the_last_four():
    ear = fed(30)
    sent = np.concatenate([noise(0.5, seed=number) for number in range(1, 31)])
    assert ear.window is not None
    assert ear.window.duration_s == 4
    assert ear.last(10.0).duration_s == 10
    assert ear.last(100.0).duration_s == 10
    np.testing.assert_array_equal(ear.window.samples, sent[-4 * RATE :] / np.float32(32768))


def test_an_ear_waits_for_a_second_of_sound():
    assert fed(1).window is None
    assert fed(2).window is not None


def test_what_was_left_out_is_not_glued_together():
    ear = fed(8)
    ear.take(message(9, noise(2.0), start=100 * RATE))
    assert ear.window.duration_s == 2


def test_a_stretch_that_comes_twice_or_late_or_from_elsewhere_is_not_heard_again():
    ear = fed(8)
    before, turn = ear.window.samples, ear.turn
    for late in (message(8, noise(0.5)), message(3, noise(0.5)), message(0, noise(0.5))):
        if late["number"] == 0:
            late["session"] = ear.session
        ear.take(late)
    ear.take(message(9, noise(0.5), session="another"))
    assert ear.turn == turn
    np.testing.assert_array_equal(ear.window.samples, before)


def test_a_last_stretch_ends_the_session_and_a_new_one_begins_afresh():
    ear = fed(8)
    assert ear.acknowledged.is_open
    ear.take(message(9, noise(0), is_last=True))
    assert not ear.acknowledged.is_open
    assert ear.acknowledged.number == 9
    assert ear.take(message(0, noise(0), session="the next"))
    assert ear.acknowledged.is_open
    assert ear.acknowledged.number == 0
    assert ear.window is None


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Model 1 with its card, taught in a moment on numbers."""
    folder = tmp_path_factory.mktemp("numbers")
    rng = np.random.default_rng(0)
    labels = (np.arange(200) % 10).astype(np.int64)
    features = (rng.standard_normal((200, 40)) * 20 + 5 * labels[:, None]).astype(np.float32)
    write_tensors(folder, features, labels, (np.arange(200) // 50 + 1).astype(np.int64))
    config = TrainConfig(epochs=3, device="cpu")
    spec = RunSpec(str(folder), "model1", train=config, protocol=Protocol("official", (4,), (3,)))
    return train_material(spec, load_material(spec))


@pytest.fixture
def card(trained) -> Card:
    return replace(trained.card, calibration=Calibration(threshold=0.4))


def chances(name: str, chance: float) -> np.ndarray:
    row = np.full(10, (1 - chance) / 9, np.float32)
    row[URBAN_SOUND_NAMES.index(name)] = chance
    return row


def add(history: History, card: Card, row: np.ndarray, at: float, **about: bool) -> None:
    history.add(card, row, **({"is_strange": False, "is_quiet": False} | about), at=at)


def test_a_single_odd_answer_does_not_change_the_name(card: Card):
    history = History()
    for n in range(4):
        add(history, card, chances("siren", 0.9), n / 2)
    add(history, card, chances("drilling", 0.8), 2.0)
    assert history.prediction.best == "siren"
    for n in range(2):
        add(history, card, chances("drilling", 0.9), 2.5 + n / 2)
    assert history.prediction.label == "drilling"


def test_silence_is_said_at_once_and_sound_after_it_as_well(card: Card):
    history = History()
    add(history, card, chances("siren", 0.9), 0.0)
    add(history, card, chances("air_conditioner", 0.9), 0.5, is_quiet=True)
    assert history.prediction.label == SILENCE
    add(history, card, chances("dog_bark", 0.9), 1.0)
    assert history.prediction.label == "dog_bark"
    assert history.prediction.confidence == pytest.approx(0.9)


def test_what_is_like_nothing_learned_is_not_named(card: Card):
    history = History()
    for n in range(3):
        add(history, card, chances("siren", 0.9), n / 2, is_strange=True)
    assert history.prediction.label == NOT_SURE
    assert history.prediction.is_strange
    assert not history.events


def test_an_event_that_falters_stays_one_and_the_list_keeps_the_last(card: Card):
    history = History()
    for n, name in enumerate(["siren", "siren", "unsure", "unsure", "siren", "siren"]):
        row = np.full(10, 0.1, np.float32) if name == "unsure" else chances(name, 0.99)
        history._chances = None
        add(history, card, row, n / 2)
    assert [(event.label, event.start, event.end) for event in history.events] == [
        ("siren", 0.0, 2.5)
    ]
    for n in range(2 * LISTED):
        history._chances = None
        add(history, card, chances(URBAN_SOUND_NAMES[n % 10], 0.99), 100.0 + 10 * n)
    assert len(history.events) == LISTED


def test_the_strip_keeps_what_was_not_sure_while_an_event_bridges_it(card: Card):
    history = History()
    for n, name in enumerate(["siren", "unsure", "unsure", "siren"]):
        row = np.full(10, 0.1, np.float32) if name == "unsure" else chances(name, 0.99)
        history._chances = None
        add(history, card, row, n / 2)
    assert [(event.start, event.end) for event in history.events] == [(0.0, 1.5)]
    assert [(one.label, one.start, one.end) for one in history.stretches] == [
        ("siren", 0.0, 0.0),
        (NOT_SURE, 0.0, 1.0),
        ("siren", 1.0, 1.5),
    ]


def test_a_pause_in_listening_is_a_gap_in_the_strip(card: Card):
    history = History()
    for at in (0.0, 0.5, 10.0, 10.5):
        add(history, card, chances("siren", 0.9), at)
    assert [(one.start, one.end) for one in history.stretches] == [(0.0, 0.5), (10.0, 10.5)]


def test_the_strip_shows_two_minutes_and_no_more(card: Card):
    history = History()
    for n in range(1000):
        add(history, card, chances("siren" if n % 20 < 10 else "dog_bark", 0.99), n / 2)
    drawn = strip_html(history.stretches, 499.5)
    assert drawn.count("<s ") <= SHOWN_S / 5 + 2
    assert "dog bark, siren" in drawn
    assert len(history.stretches) <= 400


def test_a_dataset_s_own_names_are_no_markup_in_the_history(card: Card):
    names = ("<img src=x onerror=alert(1)>", *URBAN_SOUND_NAMES[1:])
    history = History()
    for n in range(3):
        row = np.full(10, 0.01, np.float32)
        row[0] = 0.91
        add(history, replace(card, class_names=names), row, n / 2)
    drawn = strip_html(history.stretches, 1.0) + events_html(tuple(history.events), None)
    assert "<img" not in drawn
    assert "&lt;img" in drawn


@pytest.fixture
def listening(trained, open_page, monkeypatch, tmp_path) -> Callable[..., AppTest]:
    """The page that listens with model 1, after what an ear has taken in."""
    monkeypatch.setattr("urbansound.runs.saved.PRETRAINED", tmp_path / "pretrained")
    replace_saved(outputs_dir() / "model1.pth", trained.data, trained.card)

    def show(ear: Ear | None = None) -> AppTest:
        app = AppTest.from_function(_page, default_timeout=30)
        if ear is not None:
            app.session_state["classify_live_ear"] = ear
        return app.run()

    return show


def _page() -> None:
    import streamlit as st

    from urbansound.paths import outputs_dir
    from urbansound.runs.saved import find_model
    from urbansound.ui.classify.live import show_live

    def keep(wav: bytes) -> None:
        st.session_state["kept"] = wav

    show_live([find_model(outputs_dir(), "model1")], on_keep=keep)


def drawn(app: AppTest) -> str:
    return " ".join(element.body for element in app.html)


def test_before_anything_is_heard_it_says_what_will_come(listening: Callable[..., AppTest]):
    app = listening()
    assert not app.exception
    assert "What it hears appears here" in drawn(app)
    assert app.button(key="classify_live_keep").disabled


def test_what_the_ear_holds_is_named_once_and_can_be_kept(listening: Callable[..., AppTest]):
    app = listening(fed(10))
    assert not app.exception
    assert 'class="chances"' in drawn(app)
    history = next(iter(app.session_state["classify_live_heard"].values()))
    assert len(history.stretches) == 1
    app.run()
    assert len(history.stretches) == 1
    app.button(key="classify_live_keep").click().run()
    assert not app.exception
    assert app.session_state["kept"][:4] == b"RIFF"
    assert len(app.session_state["kept"]) == 44 + 5 * RATE * 2


@pytest.mark.parametrize("constant", [0, 3000])
def test_silence_is_called_silence(listening: Callable[..., AppTest], constant: int):
    assert "Silence" in drawn(listening(fed(8, np.full(RATE // 2, constant, "<i2"))))


def test_a_refused_message_is_a_sentence_on_the_page(listening: Callable[..., AppTest]):
    ear = fed(4)
    ear.take(HOSTILE["a rate of 1 Hz"])
    app = listening(ear)
    assert not app.exception
    assert "a rate that no microphone has (1 Hz)" in app.error[0].value


def test_a_model_that_cannot_be_opened_is_a_sentence_and_the_rest_stays(
    listening: Callable[..., AppTest], monkeypatch
):
    refuse = Mock(side_effect=BadWeights("Its files are damaged. Train it again."))
    monkeypatch.setattr("urbansound.ui.classify.live.open_model", refuse)
    app = listening(fed(4))
    assert not app.exception
    assert [error.value for error in app.error] == ["Its files are damaged. Train it again."]
    assert not app.button(key="classify_live_keep").disabled
