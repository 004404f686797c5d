"""The Classify page in every state of data and models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.article_tensors import write_tensors
from urbansound.audio.signal import to_wav_bytes
from urbansound.errors import BadAudio
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.paths import outputs_dir
from urbansound.records import Audio, Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import replace_saved
from urbansound.ui.classify.sound import keep
from urbansound.ui.rooms import ROOMS

pytestmark = pytest.mark.usefixtures("no_work")

SOURCE = "classify_source"
PICK = "Pick from the dataset"

Teach = Callable[..., None]


@pytest.fixture(autouse=True)
def no_shipped_models(tmp_path, monkeypatch):
    monkeypatch.setattr("urbansound.runs.saved.PRETRAINED", tmp_path / "pretrained")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Weights and cards of the perceptrons, taught in a moment on numbers."""
    folder = tmp_path_factory.mktemp("numbers")
    rng = np.random.default_rng(0)
    labels = (np.arange(200) % 10).astype(np.int64)
    features = (rng.standard_normal((200, 40)) * 20 + 5 * labels[:, None]).astype(np.float32)
    write_tensors(folder, features, labels, (np.arange(200) // 50 + 1).astype(np.int64))
    results = {}
    for name in ("model1", "model2", "mlp", "model1 again"):
        config = TrainConfig(epochs=3, device="cpu", seed=int(name.endswith("again")))
        protocol = Protocol("official", (4,), (3,))
        spec = RunSpec(str(folder), name.split()[0], train=config, protocol=protocol)
        results[name] = train_material(spec, load_material(spec))
    return results


@pytest.fixture
def teach(trained) -> Teach:
    """Puts a trained model among the saved ones."""

    def save(name: str = "model1", **about) -> None:
        result = trained[name]
        card = replace(result.card, **about)
        replace_saved(outputs_dir() / f"{name}.pth", result.data, card)

    return save


def wav(seconds: float, peak: float = 0.5, rate: int = 44100) -> bytes:
    noise = np.random.default_rng(0).uniform(-peak, peak, round(seconds * rate))
    return to_wav_bytes(Audio(noise.astype(np.float32), rate))


def choose(app: AppTest, source: str) -> AppTest:
    return app.segmented_control(key=SOURCE).set_value(source).run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    choose(app, "Upload")
    app.file_uploader(key="classify_file").upload(name, data)
    return app.run()


def said(app: AppTest) -> str:
    """Everything in words on the page."""
    kinds = (app.title, app.markdown, app.html, app.info, app.warning, app.error)
    texts = [element.value for kind in kinds for element in kind]
    return "\n".join(texts).replace("\u00a0", " ").replace("\\", "")


def headings(app: AppTest) -> list[str]:
    return [html.value for html in app.html if 'role="heading"' in html.value]


def test_before_any_sound_it_says_who_listens_and_what_it_knows(open_page, teach):
    teach()
    app = open_page("classify")
    assert not app.exception
    assert not app.error
    assert "one of 10 names" in said(app)
    assert "Guessing: 10 %." in said(app)
    assert headings(app) == []


def test_without_any_model_there_is_one_sentence_and_one_button(open_page):
    app = open_page("classify")
    assert "No network has been taught yet" in app.info[0].value
    assert [button.label for button in app.button] == ["Teach a network these sounds"]


def test_recording_and_uploading_need_no_dataset(open_page, teach):
    teach()
    app = open_page("classify")
    app.session_state["classify_kept"] = {"Record": [keep("your recording", wav(1.0))]}
    app.run()
    assert not app.exception
    assert len(headings(app)) == 1
    assert "1.0 s · 44.1 kHz · mono · 16 bit · " in said(app)
    assert "There is no dataset yet" in choose(app, PICK).info[0].value


def test_a_sound_that_the_disk_has_no_room_for_is_refused_in_a_sentence(
    open_page, teach, monkeypatch
):
    def full(*_: object) -> None:
        raise BadAudio("There is no room on the disk for this sound.", "too_long")

    teach()
    app = open_page("classify")
    with monkeypatch.context() as disk:
        disk.setattr("urbansound.ui.sound_store.SoundStore.keep_bytes", full)
        app = upload(app, "a.wav", wav(1.0))
    assert not app.exception
    assert "a.wav: There is no room on the disk for this sound." in said(app)
    assert headings(app) == []
    app = upload(app, "b.wav", wav(1.0))
    assert not app.error
    assert len(headings(app)) == 1


def test_an_upload_is_answered_with_ten_bars_the_models_chips_and_its_trustworthiness(
    open_page, teach
):
    teach(dataset_name="UrbanSound8K")
    app = upload(open_page("classify"), "street.wav", wav(2.0))
    assert not app.error
    bars = [html.value for html in app.html if 'class="chances"' in html.value]
    assert len(bars) == 1
    assert bars[0].count("<dd>") == 10
    assert "UrbanSound8K · official · fold 4" in said(app)
    assert "on recordings it never heard" in said(app)


def test_a_model_that_heard_only_made_up_sounds_says_so(open_page, teach):
    teach(is_synthetic=True)
    assert "has heard only sounds made by this app" in said(open_page("classify"))


def test_both_models_answer_side_by_side_and_say_whether_they_agree(open_page, teach):
    teach("model1")
    teach("model2")
    app = upload(open_page("classify"), "street.wav", wav(2.0))
    app.segmented_control(key="classify_model").set_value("compare").run()
    assert len(headings(app)) == 2
    assert len([html for html in app.html if '<table class="chances"' in html.value]) == 1
    words = ("They agree", "They disagree", "Neither is sure", "is not sure but leans")
    assert any(word in said(app) for word in words)


def test_the_default_prefers_a_model_that_heard_real_sounds(open_page, teach):
    teach("model1", is_synthetic=True)
    teach("model2")
    assert open_page("classify").segmented_control(key="classify_model").value == "model2"


def test_of_three_models_any_two_can_be_compared_and_one_alone_asks_for_another(open_page, teach):
    teach("model1")
    teach("model2")
    teach("mlp")
    app = upload(open_page("classify"), "street.wav", wav(2.0))
    assert app.segmented_control(key="classify_model").value == "mlp"
    app.segmented_control(key="classify_model").set_value("compare").run()
    assert len(headings(app)) == 3
    app.pills(key="classify_compared").set_value(["mlp", "model1"]).run()
    assert len(headings(app)) == 2
    app.pills(key="classify_compared").set_value(["mlp"]).run()
    assert len(headings(app)) == 1
    assert "Choose a second one to compare." in said(app)
    app.pills(key="classify_compared").set_value([]).run()
    assert len(headings(app)) == 3
    assert not app.exception


def test_one_click_leads_to_the_shipped_model_that_a_saved_one_hides_and_back(
    open_page, teach, trained, tmp_path
):
    teach("model1", dataset_name="my own sounds")
    (tmp_path / "pretrained").mkdir()
    data = trained["model1 again"].data
    shipped = replace(trained["model1 again"].card, dataset_name="UrbanSound8K")
    replace_saved(tmp_path / "pretrained" / "model1.pth", data, shipped)
    app = open_page("classify")
    assert "my own sounds · official" in said(app)
    app.button(key="classify_twin").click().run()
    assert "UrbanSound8K · official" in said(app)
    assert "my own sounds · official" not in said(app)
    app.button(key="classify_twin").click().run()
    assert "my own sounds · official" in said(app)


def test_a_sound_like_nothing_learned_is_called_none_of_the_ten(open_page, teach, trained):
    calibration = replace(trained["mlp"].card.calibration, max_distance=0.0)
    teach("mlp", calibration=calibration)
    app = upload(open_page("classify"), "street.wav", wav(2.0))
    assert "None of the ten?" in headings(app)[0]
    assert "does not sound like anything it learned" in headings(app)[0]
    assert [html.value for html in app.html if 'class="chances"' in html.value]


def test_a_damaged_model_is_named_and_hides_no_other(open_page, teach):
    teach("model1")
    teach("model2")
    path = outputs_dir() / "model2.pth"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    app = upload(open_page("classify"), "street.wav", wav(1.0))
    assert "model2.pth' is damaged" in said(app)
    assert len(headings(app)) == 1


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("list **b** [x](http://y).wav", b"shopping list\n" * 20, "cannot be read as sound"),
        ("tiny.wav", wav(0.01), "at least 50 ms are needed"),
        ("quiet.wav", wav(1.0, peak=0.005), "Too quiet"),
        ("loud.wav", wav(1.0, peak=4.0), "Clipped"),
        ("off.wav", to_wav_bytes(Audio(np.full(44100, 0.5, np.float32), 44100)), "Nothing moves"),
    ],
)
def test_a_sound_that_cannot_be_heard_well_is_told_in_words(open_page, teach, name, data, sentence):
    teach()
    app = upload(open_page("classify"), name, data)
    assert not app.exception
    assert sentence in said(app)
    assert "went wrong" not in said(app)


def test_an_upload_of_more_than_ten_minutes_is_heard_in_the_background(open_page, teach):
    teach()
    app = upload(open_page("classify"), "long.wav", wav(601.0, rate=1000))
    for _ in range(100):
        if headings(app):
            break
        app.run()
    assert not app.exception
    assert "10 min 1 s" in said(app)
    assert "Of 10:01 min," in said(app)


def test_a_sound_is_made_ready_for_the_browser_once(open_page, teach, monkeypatch):
    teach("model1")
    teach("model2")
    app = upload(open_page("classify"), "street.wav", wav(1.5))
    monkeypatch.setattr("urbansound.features.overview.overview", Mock(side_effect=AssertionError))
    app.segmented_control(key="classify_model").set_value("model2").run()
    assert not app.exception
    assert not app.error
    assert len(headings(app)) == 1


def test_the_name_of_an_upload_is_never_markup(open_page, teach):
    teach()
    app = upload(open_page("classify"), "![x](http://evil/y.png).wav", b"not sound")
    assert "\\[x\\]" in app.error[0].value


def test_silence_is_named_and_no_class_is(open_page, teach):
    teach()
    app = upload(open_page("classify"), "silence.wav", wav(2.0, peak=0.0))
    assert "Silence" in headings(app)[0]
    assert not [html for html in app.html if 'class="chances"' in html.value]


def test_a_longer_recording_gets_a_timeline_and_a_short_one_does_not(open_page, teach):
    teach()
    app = upload(open_page("classify"), "long.wav", wav(11.0))
    assert [heading.value for heading in app.header] == ["What was heard when", "Look closer"]
    assert "on the whole, over 11 s" in said(app)
    app = upload(open_page("classify"), "short.wav", wav(2.0))
    assert [heading.value for heading in app.header] == ["Look closer"]


def test_a_recording_of_many_things_is_summed_up_instead_of_averaged(open_page, teach):
    teach("model1")
    app = upload(open_page("classify"), "long.wav", wav(30.0))
    assert "Of 30 s," in said(app)
    assert "on the whole" not in said(app)


def test_the_sound_and_its_answer_survive_a_walk_to_another_page(open_page, teach):
    teach()
    app = upload(open_page("classify"), "street.wav", wav(2.0))
    before = headings(app)
    app.switch_page(str(ROOMS["home"].path)).run()
    assert headings(app) == []
    app.switch_page(str(ROOMS["classify"].path)).run()
    assert app.segmented_control(key=SOURCE).value == "Upload"
    assert headings(app) == before
    assert len(before) == 1
    app.button(key="classify_remove").click().run()
    assert headings(app) == []


def test_a_clip_of_the_dataset_is_answered_and_its_truth_told(open_page, teach, real_set):
    teach()
    app = choose(open_page("classify"), PICK)
    app.selectbox(key="classify_kind").set_value("siren").run()
    assert not app.exception
    assert len(headings(app)) == 1
    assert "In truth: **siren**" in said(app)
    number = app.number_input(key="classify_number").value
    app.button(key="classify_another").click().run()
    assert app.number_input(key="classify_number").value != number
    assert "In truth: **siren**" in said(app)


def test_numbers_alone_cannot_be_picked_but_all_else_works(open_page, teach, numbers_only):
    teach()
    app = choose(open_page("classify"), PICK)
    assert "numbers only" in app.info[0].value
    assert len(headings(upload(app, "street.wav", wav(1.0)))) == 1


def test_a_broken_dataset_keeps_nobody_from_uploading(open_page, teach, broken_set):
    teach()
    app = choose(open_page("classify"), PICK)
    assert "UrbanSound8K.csv" in said(app)
    assert not app.error
    assert len(headings(upload(app, "street.wav", wav(1.0)))) == 1


def test_the_answer_can_be_taken_away(open_page, teach):
    teach()
    app = upload(open_page("classify"), "street.wav", wav(1.0))
    assert [button.label for button in app.get("download_button")] == [
        "Save as JSON",
        "Save as CSV",
    ]


def test_a_model_asked_for_by_another_page_is_the_one_chosen(open_page, teach):
    teach("model1")
    teach("model2")
    app = open_page("classify")
    app.session_state["classify_wanted"] = "model2"
    app.run()
    assert app.segmented_control(key="classify_model").value == "model2"


def test_the_outputs_of_this_page_are_no_files(open_page, teach, tmp_path):
    teach()
    before = sorted(Path(tmp_path).rglob("*"))
    upload(open_page("classify"), "../../escape.wav", wav(1.0))
    assert sorted(Path(tmp_path).rglob("*")) == before
