"""A person opens a folder of their own sounds, hears it, teaches a network, and tries it."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from tests.browser.conftest import be_still, upload
from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio
from urbansound.runs.saved import find_model

Serve = Callable[[Path], str]
RATE = 22050
PITCHES = {"doorbell": 900.0, "kettle": 3000.0, "purr": 120.0}


def made_sound(name: str, take: int, seconds: float = 2.0) -> NDArray[np.float32]:
    """A sound of the class: its own pitch, a little different in each take."""
    rng = np.random.default_rng(take)
    t = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * PITCHES[name] * rng.uniform(0.95, 1.05) * t)
    noise = 0.05 * rng.standard_normal(len(t))
    return (0.4 * tone * rng.uniform(0.5, 1) + noise).astype(np.float32)


@pytest.fixture
def own_sounds(tmp_path: Path) -> Path:
    """Three class folders with ten files each: one long, one of a phone's kind."""
    root = tmp_path / "my sounds"
    for name in PITCHES:
        (root / name).mkdir(parents=True)
        for take in range(10):
            seconds = 9.0 if take == 9 else 2.0
            wav = to_wav_bytes(Audio(made_sound(name, take, seconds), RATE))
            (root / name / f"take{take}.wav").write_bytes(wav)
    (root / "purr" / "take0.wav").unlink()
    write_m4a(root / "purr" / "take0.m4a", made_sound("purr", 0))
    return root


def write_m4a(path: Path, samples: NDArray[np.float32]) -> None:
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)


@pytest.fixture
def data(demo_data: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own, with the demo set in it: what is opened is kept there."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "demo").symlink_to(demo_data / "demo")
    return folder


def open_folder(page: Page, path: Path | str) -> None:
    page.get_by_role("button", name="Other sounds").click()
    field = page.get_by_label("Folder on this computer")
    field.fill(str(path))
    page.get_by_role("button", name="Open", exact=True).click()


def test_three_folders_of_sounds_become_a_network_that_names_a_new_one(
    page: Page, serve: Serve, data: Path, own_sounds: Path, outputs: Path, tmp_path: Path
) -> None:
    page.goto(serve(data))
    open_folder(page, own_sounds)
    expect(page.get_by_role("heading", name="Three kinds of sound")).to_be_visible()
    expect(
        page.get_by_text("3 classes, 36 clips of 30 recordings, 5 folds made by recording")
    ).to_be_visible()

    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_role("button", name="kettle").first).to_be_visible()
    expect(page.get_by_role("button", name="siren")).to_have_count(0)

    page.get_by_role("link", name="Train").click()
    page.get_by_role("radio", name="MLP", exact=True).click(force=True)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Test it")).to_be_visible(timeout=180_000)
    assert find_model(outputs, "mlp").card.class_names == tuple(PITCHES)

    page.get_by_role("link", name="Classify").click()
    upload(page, ("new.wav", to_wav_bytes(Audio(made_sound("kettle", 77, 3.0), RATE))))
    be_still(page)
    page.get_by_role("radio", name="MLP", exact=True).click(force=True)
    expect(page.get_by_role("heading", name="Kettle")).to_be_visible()


def test_a_folder_chosen_in_the_browser_is_copied_and_opened(
    page: Page, serve: Serve, data: Path, own_sounds: Path
) -> None:
    page.goto(serve(data))
    page.get_by_role("button", name="Other sounds").click()
    page.locator("input[type=file]").set_input_files(own_sounds)
    page.get_by_role("button", name="Copy and open 30 files").click()
    expect(page.get_by_role("heading", name="Three kinds of sound")).to_be_visible()
    assert len(list((data / "own" / "my sounds" / "kettle").iterdir())) == 10


def test_a_folder_that_is_none_is_said_in_a_sentence(
    page: Page, serve: Serve, data: Path, tmp_path: Path
) -> None:
    page.goto(serve(data))
    open_folder(page, tmp_path / "nowhere")
    expect(page.get_by_text("There is no folder")).to_be_visible()
    expect(page.get_by_role("heading", name="Ten kinds of city sound")).to_be_visible()
