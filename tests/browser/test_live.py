"""A person lets the app listen: what is named, what is kept, and that it stops."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect

from urbansound.audio.signal import peak_db, resample, to_wav_bytes
from urbansound.dataset.index import load_dataset
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.experiment.scoring import find_classifier
from urbansound.records import Audio, Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import replace_saved
from urbansound.ui.data import clip_audio

HERE = Path(__file__).parent
RATE = 44_100
NAME = "siren"
Serve = Callable[..., str]

# Keeps what the page opened in sight, to see it end.
WATCH = """
window.opened = []
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await ask(wish)
  window.opened.push(...stream.getTracks())
  return stream
}
window.AudioContext = class extends AudioContext {
  constructor(options) {
    super(options)
    window.opened.push(this)
  }
}
"""
IS_OFF = """window.opened.length > 0 && window.opened.every(
  (thing) => (thing.readyState ?? thing.state) === (thing.readyState ? "ended" : "closed"))"""


@pytest.fixture(scope="session")
def taught(demo_data: Path):
    """Model 1, taught on the demo set."""
    config, protocol = TrainConfig(epochs=30, device="cpu"), Protocol("official", (10,), (9,))
    root = demo_data / "demo" / "UrbanSound8K"
    spec = RunSpec(str(root), "model1", train=config, protocol=protocol)
    return train_material(spec, load_material(spec))


@pytest.fixture
def saved(taught, outputs: Path) -> Path:
    """An outputs folder in which it is saved."""
    replace_saved(outputs / "model1.pth", taught.data, taught.card)
    return outputs


@pytest.fixture
def siren(demo_data: Path, saved: Path) -> Audio:
    """Of the sirens that model 1 did not learn from the one it is surest of."""
    index = load_dataset(demo_data / "demo" / "UrbanSound8K")
    classifier = find_classifier(saved, "model1")
    sirens = [
        clip_audio(index, number)
        for number, clip in enumerate(index.clips)
        if clip.fold == 10 and index.class_names[clip.class_id] == NAME
    ]
    at = index.class_names.index(NAME)
    return sirens[int(np.argmax(classifier.chances(sirens)[:, at]))]


@pytest.fixture
def microphone(siren: Audio, tmp_path: Path) -> Path:
    """The microphone hears the siren, over and over."""
    path = tmp_path / "microphone.wav"
    path.write_bytes(to_wav_bytes(resample(siren, RATE)))
    return path


@pytest.fixture
def live(serve: Serve, page: Page, saved: Path) -> Page:
    """The page that listens, with model 1."""
    page.add_init_script(WATCH)
    page.goto(serve(saved, HERE / "live_app.py"))
    expect(start(page)).to_be_visible()
    return page


def start(page: Page) -> Locator:
    return page.get_by_role("button", name="Listen live")


def stop(page: Page) -> None:
    page.locator(".mic").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. The microphone is off.")).to_be_visible()


def answer(page: Page) -> Locator:
    return page.get_by_role("heading", level=2)


def seconds_of_history(page: Page) -> float:
    widths = page.locator(".strip s").evaluate_all(
        "all => all.map((s) => parseFloat(s.style.width))"
    )
    return 1.2 * sum(widths)


def test_a_siren_is_named_while_it_sounds_and_the_history_grows(live: Page):
    start(live).click()
    expect(answer(live)).to_have_text(re.compile("Siren"))
    expect(live.get_by_text(re.compile(r"The answer is about \d\.\d s behind"))).to_be_visible()
    before = seconds_of_history(live)
    live.wait_for_timeout(4000)
    assert seconds_of_history(live) > before + 2


def test_after_stop_nothing_more_is_sent_and_the_microphone_is_off(live: Page):
    sent: list[str | bytes] = []

    def note(frame: str | bytes) -> None:
        sent.append(frame)

    live.on("websocket", lambda socket: socket.on("framesent", note))
    live.reload()
    start(live).click()
    expect(answer(live)).to_be_visible()
    n_before = len(sent)
    live.wait_for_timeout(2500)
    assert len(sent) >= n_before + 3
    stop(live)
    live.wait_for_timeout(1000)
    assert live.evaluate(IS_OFF)
    n_sent, shown = len(sent), live.locator(".strip .past").inner_html()
    live.wait_for_timeout(2500)
    assert len(sent) == n_sent
    assert live.locator(".strip .past").inner_html() == shown
    expect(answer(live)).to_be_visible()


def test_the_last_seconds_can_be_kept_as_a_take(live: Page, saved: Path):
    keep = live.get_by_role("button", name="Keep the last 10 s")
    expect(keep).to_be_disabled()
    start(live).click()
    live.wait_for_timeout(6000)
    expect(keep).to_be_enabled()
    stop(live)
    keep.click()
    expect(live.get_by_text(re.compile("Kept .* bytes"))).to_be_visible()
    samples, rate = soundfile.read(saved / "take.wav", dtype="float32")
    assert rate == RATE
    assert 4 < len(samples) / rate <= 10
    assert peak_db(samples) > -30


def test_leaving_the_page_turns_the_microphone_off_and_what_was_heard_stays(live: Page):
    start(live).click()
    expect(answer(live)).to_be_visible()
    live.get_by_text("Elsewhere").click()
    expect(live.get_by_text("Another page")).to_be_visible()
    expect(live.get_by_role("button", name="Stop")).to_have_count(0)
    assert live.evaluate(IS_OFF)
    live.get_by_text("Elsewhere").click()
    expect(start(live)).to_be_visible()
    expect(answer(live)).to_be_visible()
    expect(live.locator(".strip s")).not_to_have_count(0)


def test_a_new_start_begins_a_new_history(live: Page):
    start(live).click()
    expect(answer(live)).to_be_visible()
    live.wait_for_timeout(4000)
    stop(live)
    before = seconds_of_history(live)
    start(live).click()
    expect(live.get_by_text("Listening to the last 4 s.")).to_be_visible()
    assert seconds_of_history(live) < before


def test_an_app_that_is_slow_gets_the_newest_sound_and_no_queue(
    serve: Serve, page: Page, outputs: Path
):
    outputs.mkdir(exist_ok=True)
    page.goto(serve(outputs, HERE / "slow_app.py"))
    start(page).click()
    page.wait_for_timeout(17_000)
    stop(page)
    lines = (outputs / "chunks.txt").read_text().splitlines()
    chunks = [tuple(map(int, line.split())) for line in lines]
    assert [number for number, _, _ in chunks] == list(range(len(chunks)))
    assert 4 <= len(chunks) <= 8
    assert all(length <= 2 * RATE for _, _, length in chunks)
    gaps = [b_start - a_start - a_n for (_, a_start, a_n), (_, b_start, _) in pairwise(chunks)]
    assert all(gap >= 0 for gap in gaps)
    assert any(gap > RATE / 2 for gap in gaps)
