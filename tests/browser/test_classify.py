"""A person brings a sound: uploaded, recorded through the microphone, or not a sound at all."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import be_still, upload
from urbansound.audio.signal import resample, to_wav_bytes
from urbansound.dataset.index import load_dataset
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.experiment.scoring import find_classifier
from urbansound.files import write_bytes
from urbansound.labels import class_title
from urbansound.records import Audio, Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import replace_saved
from urbansound.ui.data import clip_audio

Serve = Callable[..., str]
NAME = "siren"
MODELS = ("model1", "model2")
SOUND = "document.querySelector('audio.urbansound-waves')"


@pytest.fixture(scope="session")
def taught(demo_data: Path) -> dict:
    """Both models, taught on the demo set, as trained weights with cards."""
    root = demo_data / "demo" / "UrbanSound8K"
    config, protocol = TrainConfig(epochs=30, device="cpu"), Protocol("official", (10,), (9,))
    specs = [RunSpec(str(root), name, train=config, protocol=protocol) for name in MODELS]
    return {spec.model: train_material(spec, load_material(spec)) for spec in specs}


@pytest.fixture
def models(taught: dict, outputs: Path) -> Path:
    """An outputs folder in which both models are saved."""
    for name, trained in taught.items():
        replace_saved(outputs / f"{name}.pth", trained.data, trained.card)
    return outputs


@pytest.fixture
def siren(demo_data: Path, models: Path) -> Audio:
    """A siren that neither model heard in training and that model 1 names right."""
    index = load_dataset(demo_data / "demo" / "UrbanSound8K")
    classifier = find_classifier(models, "model1")
    for number, clip in enumerate(index.clips):
        if clip.fold == 10 and index.class_names[clip.class_id] == NAME:
            audio = clip_audio(index, number)
            if classifier.classify(audio).prediction.label == NAME:
                return audio
    pytest.fail("model 1 knows none of the demo set's sirens")


@pytest.fixture
def microphone(siren: Audio, tmp_path: Path) -> Path:
    """The microphone hears the siren."""
    path = tmp_path / "microphone.wav"
    write_bytes(path, to_wav_bytes(resample(siren, 44_100)))
    return path


@pytest.fixture
def classify(serve: Serve, demo_data: Path, models: Path, page: Page) -> Page:
    """The tab, on Classify, reached as a person does, with the model 1 taught here listening."""
    page.goto(serve(demo_data))
    page.get_by_role("link", name="Classify").click()
    expect(page.get_by_role("heading", name="What is this sound?")).to_be_visible()
    page.get_by_role("radio", name="Model 1").click()
    page.get_by_role("button", name="Use the Model 1 that was taught here").click()
    expect(
        page.get_by_role("button", name="Use the Model 1 that came with the app")
    ).to_be_visible()
    return page


def title(audio_class: str) -> str:
    return class_title(audio_class).capitalize()


def test_an_uploaded_siren_is_named_and_survives_a_walk_to_another_page(
    classify: Page, siren: Audio
):
    upload(classify, ("street.wav", to_wav_bytes(siren)))
    answer = classify.get_by_role("heading", name=title(NAME), exact=True)
    expect(answer).to_be_visible()
    expect(classify.get_by_text("Guessing: 10 %.")).to_be_visible()
    classify.get_by_role("link", name="Train").click()
    expect(answer).to_have_count(0)
    classify.get_by_role("link", name="Classify").click()
    expect(answer).to_be_visible()
    expect(classify.get_by_role("button", name="Remove street.wav")).to_be_visible()


def test_the_microphone_delivers_44_khz_and_what_it_hears_is_named_and_kept(classify: Page):
    expect(classify.get_by_text("The sound stays on this computer")).to_be_visible()
    classify.get_by_role("button", name="Record", exact=True).click()
    classify.wait_for_timeout(2500)
    classify.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(classify.get_by_text("44.1 kHz · mono · 16 bit")).to_be_visible()
    expect(classify.get_by_text("your recording")).to_be_visible()
    expect(classify.locator(".chances .first").first).to_be_visible()
    classify.get_by_role("link", name="Train").click()
    expect(classify.get_by_text("44.1 kHz")).to_have_count(0)
    classify.get_by_role("link", name="Classify").click()
    expect(classify.get_by_text("44.1 kHz")).to_be_visible()


def test_a_text_file_named_wav_gets_a_sentence_and_its_name_is_no_markup(classify: Page):
    upload(classify, ("list **b** ![x](/x.png).wav", b"shopping list\n" * 20))
    sentence = classify.get_by_text("cannot be read as sound")
    expect(sentence).to_contain_text("'list **b** ![x](/x.png).wav'")
    expect(sentence).to_contain_text("Choose a WAV, FLAC")


def test_several_models_side_by_side_say_whether_they_agree_and_can_be_taken_away(
    classify: Page, siren: Audio
):
    upload(classify, ("street.wav", to_wav_bytes(siren)))
    expect(classify.locator("dl.chances")).to_have_count(1)
    classify.get_by_role("radio", name="Compare").click()
    chosen = classify.get_by_role("toolbar", name="Compare").get_by_role("button")
    expect(chosen).to_have_count(4)
    for other in ("CNN", "MLP"):
        chosen.filter(has_text=other).click()
    expect(classify.locator("table.chances thead th")).to_have_text(["Sound", "Model 1", "Model 2"])
    expect(
        classify.get_by_text("Model 1 hears").or_(classify.get_by_text("They agree"))
    ).to_be_visible()
    with classify.expect_download() as download:
        classify.get_by_role("button", name="Save as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("file,model,model_sha256,trained_on,protocol")
    assert {line.split(",")[1] for line in lines[1:]} == set(MODELS)


def test_a_long_recording_shows_when_and_its_stretches_and_events_are_heard(
    classify: Page, siren: Audio
):
    pause = np.zeros(6 * siren.sample_rate, np.float32)
    whole = np.concatenate([siren.samples, pause, siren.samples])
    upload(classify, ("long.wav", to_wav_bytes(Audio(whole, siren.sample_rate))))
    expect(classify.get_by_role("heading", name="What was heard when")).to_be_visible()
    table = classify.get_by_test_id("stDataFrame")
    expect(table.locator("tbody tr")).to_have_count(2)
    later = table.locator("tbody tr td", has_text=" to ").nth(1).inner_text()
    stretch = classify.locator("[part~=region]", has_text=class_title(NAME)).first
    stretch.click()
    first = heard_moving(classify)
    assert first < siren.duration_s + 2
    choose_row(table, 1)
    classify.wait_for_function(f"{SOUND}.currentTime > {float(later.split(' to ')[0])}")
    heard_moving(classify)


def heard_moving(page: Page) -> float:
    """The player's time in s, once it is seen to move."""
    page.wait_for_function(f"{SOUND} && !{SOUND}.paused && {SOUND}.currentTime > 0")
    before = float(page.evaluate(f"{SOUND}.currentTime"))
    page.wait_for_function(f"{SOUND}.currentTime > {before}")
    return before


def choose_row(table: Locator, row: int) -> None:
    """Ticks a row of a table, which is painted: only its place can be clicked."""
    table.scroll_into_view_if_needed()
    table.click(position={"x": 15, "y": 35 * (row + 1) + 18})


def test_an_hour_is_heard_in_the_background_while_its_progress_is_shown(
    classify: Page, siren: Audio, tmp_path: Path
):
    sirens = np.tile(resample(siren, 16_000).samples, 900)
    # By its path: so large a file does not go through the browser's wire.
    write_bytes(tmp_path / "hour.wav", to_wav_bytes(Audio(sirens, 16_000)))
    classify.get_by_role("radio", name="Upload").click()
    be_still(classify)
    classify.locator("input[type=file]").set_input_files(tmp_path / "hour.wav")
    expect(classify.get_by_text("has heard").first).to_be_visible()
    expect(classify.get_by_role("heading", name="What was heard when")).to_be_visible()
    expect(classify.get_by_text(re.compile(r"^Of [0-9:]+ (h|min),"))).to_be_visible()


def test_what_was_heard_live_can_be_kept_while_it_goes_on(classify: Page):
    classify.get_by_role("radio", name="Listen live").click()
    classify.get_by_role("button", name="Listen live").click()
    expect(classify.get_by_text("Listening to the last 4 s")).to_be_visible()
    keep = classify.get_by_role("button", name="Keep the last 10 s")
    expect(keep).to_be_enabled()
    classify.wait_for_timeout(3000)
    keep.click()
    expect(classify.get_by_text("your recording")).to_be_visible()
    expect(classify.get_by_text("44.1 kHz · mono · 16 bit")).to_be_visible()
    expect(classify.get_by_role("radio", name="Record")).to_be_checked()
