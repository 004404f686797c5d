"""A person records: what arrives, what the meter says, and what a browser may refuse."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, Playwright, expect
from scipy.signal import correlate

from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio

HERE = Path(__file__).parent
RATE = 44_100
Serve = Callable[..., str]

# Keeps what the page opened in sight, to see it end.
WATCH = """
window.streams = []
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = async (wish) => {
  window.wish = wish
  const stream = await ask(wish)
  window.streams.push(stream)
  return stream
}
"""
REFUSE = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("%s", "%s") }
"""
INSECURE = 'Object.defineProperty(window, "isSecureContext", { value: false })'
OWN_RATE = """
window.AudioContext = class extends AudioContext {
  constructor(options) {
    super(options ?? { sampleRate: 48000 })
    this.isForced = Boolean(options)
  }
  createMediaStreamSource(stream) {
    if (this.isForced) throw new DOMException("different sample-rate", "NotSupportedError")
    return super.createMediaStreamSource(stream)
  }
}
"""
N_LIVE = (
    "window.streams.flatMap((s) => s.getTracks()).filter((t) => t.readyState === 'live').length"
)


def chirps(seconds: float, peak: float) -> Audio:
    """A tone that climbs and wavers, so that no moment of it is like another."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = peak * np.sin(2 * np.pi * (200 * time + 300 * time**2 + 40 * np.sin(7 * time)))
    return Audio(wave.astype(np.float32), RATE)


@pytest.fixture
def heard(request: pytest.FixtureRequest) -> Audio:
    """What the microphone hears: chirps of a good level, or of the peak a test asks for."""
    return chirps(4.0, getattr(request, "param", 0.4))


@pytest.fixture
def microphone(heard: Audio, tmp_path: Path) -> Path:
    path = tmp_path / "microphone.wav"
    path.write_bytes(to_wav_bytes(heard))
    return path


@pytest.fixture
def take_file(outputs: Path) -> Path:
    """Where the small apps leave a take."""
    outputs.mkdir()
    return outputs / "take.wav"


@pytest.fixture
def recorder(serve: Serve, page: Page, take_file: Path) -> Callable[..., Page]:
    """Opens the recorder, after a script that runs in the page before it."""

    def open_it(script: str = WATCH) -> Page:
        page.add_init_script(script)
        page.goto(serve(take_file.parent, HERE / "recorder_app.py"))
        expect(record(page)).to_be_visible()
        return page

    return open_it


def record(page: Page) -> Locator:
    return page.get_by_role("button", name="Record")


def said(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text=".")


def meter(page: Page) -> Locator:
    return page.get_by_role("meter", name="Level")


def take_of(page: Page, *, seconds: int) -> None:
    record(page).click()
    expect(page.locator(".mic .time")).to_have_text(f"0:0{seconds} of 5:00")
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()


def likeness(take: Audio, played: Audio) -> float:
    """The highest correlation of the take's first second with any second that was played."""
    piece = take.samples[:RATE]
    looped = np.concatenate([played.samples, played.samples[:RATE]])
    dots = correlate(looped, piece, "valid")
    sizes = np.sqrt(np.convolve(looped.astype(np.float64) ** 2, np.ones(RATE), "valid"))
    return float((dots / (sizes * np.linalg.norm(piece))).max())


def test_a_take_arrives_at_44_khz_and_is_what_the_microphone_heard(
    recorder: Callable[..., Page], take_file: Path, heard: Audio
):
    page = recorder()
    expect(said(page)).to_contain_text("The sound stays on this computer.")
    take_of(page, seconds=3)
    expect(said(page)).to_contain_text("recorded at 44.1 kHz, peak \u22128 dB")
    expect(page.get_by_text("A take of")).to_be_visible()
    samples, rate = soundfile.read(take_file, dtype="float32")
    assert rate == RATE
    assert samples.ndim == 1
    assert 3.0 <= len(samples) / rate < 5.0
    assert likeness(Audio(samples, rate), heard) > 0.95
    assert page.evaluate(N_LIVE) == 0
    assert page.evaluate("window.wish.audio") == {
        "echoCancellation": False,
        "noiseSuppression": False,
        "autoGainControl": False,
        "channelCount": 1,
    }
    expect(page.get_by_role("button", name="Record again")).to_be_enabled()


def test_the_meter_says_that_a_level_is_good_while_it_records(recorder: Callable[..., Page]):
    page = recorder()
    expect(meter(page)).to_have_attribute("aria-valuenow", "-60")
    record(page).click()
    expect(meter(page)).to_have_attribute("aria-valuetext", "\u22128 dB Good")
    assert page.evaluate(N_LIVE) == 1


@pytest.mark.parametrize("heard", [0.005], indirect=True)
def test_too_quiet_is_said_while_it_records_and_after(recorder: Callable[..., Page]):
    page = recorder()
    record(page).click()
    expect(page.get_by_text("Too quiet: move closer or turn it up")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(said(page)).to_contain_text("Too quiet:")
    expect(said(page)).to_contain_text("peak \u221246 dB")


@pytest.mark.parametrize("heard", [4.0], indirect=True)
def test_clipped_is_said_while_it_records_and_after(recorder: Callable[..., Page]):
    page = recorder()
    record(page).click()
    expect(page.get_by_text("Clipped: move away or turn it down")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(said(page)).to_contain_text("Clipped:")


@pytest.mark.parametrize("heard", [0.0], indirect=True)
def test_a_muted_microphone_is_noticed(recorder: Callable[..., Page]):
    page = recorder()
    record(page).click()
    expect(page.get_by_text("Nothing is heard: is the microphone muted?")).to_be_visible()


def test_escape_throws_the_take_away_and_lets_go_of_the_microphone(
    recorder: Callable[..., Page], take_file: Path
):
    page = recorder()
    record(page).click()
    expect(page.locator(".mic .time")).to_have_text("0:01 of 5:00")
    page.keyboard.press("Escape")
    expect(said(page)).to_have_text("Cancelled. Nothing was kept.")
    expect(record(page)).to_be_visible()
    assert page.evaluate(N_LIVE) == 0
    assert not take_file.exists()


def test_a_network_that_allows_no_worklet_still_records(
    recorder: Callable[..., Page], take_file: Path, heard: Audio
):
    page = recorder(f"{WATCH} AudioWorklet.prototype.addModule = () => Promise.reject(new Error())")
    take_of(page, seconds=2)
    expect(page.get_by_text("A take of")).to_be_visible()
    samples, rate = soundfile.read(take_file, dtype="float32")
    assert rate == RATE
    assert likeness(Audio(samples, rate), heard) > 0.95


def test_a_browser_that_keeps_its_own_rate_is_taken_at_that_rate(
    recorder: Callable[..., Page], take_file: Path
):
    page = recorder(f"{WATCH} {OWN_RATE}")
    take_of(page, seconds=2)
    expect(said(page)).to_contain_text("recorded at 48 kHz")
    expect(page.get_by_text("A take of")).to_be_visible()
    assert soundfile.info(take_file).samplerate == 48_000


@pytest.mark.parametrize(
    ("name", "message", "sentence"),
    [
        ("NotAllowedError", "Permission denied", "The microphone is blocked for this page."),
        ("NotAllowedError", "Permission dismissed", "closed without an answer"),
        ("NotAllowedError", "Permission denied by system", "This computer keeps the microphone"),
        ("NotFoundError", "Requested device not found", "No microphone was found."),
        ("NotReadableError", "Could not start audio source", "another program may be using it"),
        ("SecurityError", "", "Open the app in a tab of its own."),
        ("StrangeError", "", "could not start the microphone (StrangeError)"),
    ],
)
def test_a_browser_that_gives_no_microphone_is_explained(
    recorder: Callable[..., Page], name: str, message: str, sentence: str
):
    page = recorder(REFUSE % (message, name))
    record(page).click()
    expect(said(page)).to_contain_text(sentence)
    expect(record(page)).to_be_enabled()


def test_a_microphone_that_is_not_allowed_is_explained(
    serve: Serve, take_file: Path, playwright: Playwright, browser_path: str
):
    address = serve(take_file.parent, HERE / "recorder_app.py")
    args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream"]
    # Without the flag that says yes for the person, a browser without a face says no.
    browser = playwright.chromium.launch(executable_path=browser_path, args=args)
    page = browser.new_page()
    page.goto(address)
    record(page).click()
    expect(said(page)).to_contain_text("The microphone is blocked for this page.")
    expect(record(page)).to_be_enabled()
    browser.close()


def test_a_page_that_is_not_secure_says_where_the_microphone_works(recorder: Callable[..., Page]):
    page = recorder(INSECURE)
    expect(said(page)).to_contain_text("only to pages at localhost or over HTTPS")
    expect(record(page)).to_be_disabled()
