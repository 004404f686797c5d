"""What drove an answer, and how it is broken: what is shown, said and worked out, and when."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.inference.by_hand import card
from urbansound.features.spec import LOGMEL, MFCC40, MFCC_STATISTICS
from urbansound.inference.robustness import KNOBS, Sweep
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.models.build import build_model
from urbansound.paths import outputs_dir
from urbansound.records import FeatureSpec, Prediction, Segment
from urbansound.runs.weights import read_saved, replace_saved, seal
from urbansound.torch_files import torch_bytes
from urbansound.ui.classify.breaking_charts import flip_sentence, level_text
from urbansound.ui.classify.stretch import clearest
from urbansound.ui.classify.verdict import doubt_text, heard_name, heard_text, look
from urbansound.ui.classify.why import (
    noise_sentence,
    part_sentence,
    rest_sentence,
    shuffle_sentence,
)

SPECS: dict[str, tuple[FeatureSpec, int]] = {
    "cnn": (LOGMEL, 64),
    "model1": (MFCC40, 40),
    "mlp": (MFCC_STATISTICS, 160),
}
WHY, BREAKING = "classify_why", "classify_breaking"
NAMES = ("dog_bark", "street_music", "siren")


@pytest.fixture
def saved_model():
    """Saves an untaught network of a name among the models at hand."""

    def save(model: str) -> Path:
        network = build_model(model, SPECS[model][1], 10, seed=1)
        path = outputs_dir() / f"{model}.pth"
        path.parent.mkdir(exist_ok=True)
        data = torch_bytes(network.state_dict())
        replace_saved(path, data, seal(card(model=model, features=SPECS[model][0]), data))
        return path

    return save


def page(seconds: float, level: float, weights: str) -> None:
    """Both folds under a sound of noise, as the page shows them."""
    from pathlib import Path

    import numpy as np

    from urbansound.records import Audio
    from urbansound.runs.weights import read_saved
    from urbansound.ui.classify.breaking import show_breaking
    from urbansound.ui.classify.listening import open_model
    from urbansound.ui.classify.sound import Sound
    from urbansound.ui.classify.why import show_why

    noise = np.random.default_rng(0).standard_normal(round(seconds * 22050))
    audio = Audio((level * noise).astype(np.float32), 22050)
    saved = read_saved(Path(weights), "saved")
    heard = open_model(saved).classify(audio)
    sound = Sound("noise", f"{seconds} {level}", audio)
    show_why(sound, saved, heard)
    show_breaking(sound, saved, heard)


def opened(path: Path, *folds: str, seconds: float = 2.0, level: float = 0.1) -> AppTest:
    app = AppTest.from_function(page, args=(seconds, level, str(path)), default_timeout=60)
    for fold in folds:
        app.session_state[fold] = True
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.html)).replace("\\", "")


def charts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def test_closed_folds_work_nothing_out(saved_model, monkeypatch):
    def forbidden(*args: object) -> None:
        raise AssertionError("something was worked out that nobody asked for")

    monkeypatch.setattr("urbansound.inference.explain.map_decision", forbidden)
    monkeypatch.setattr("urbansound.inference.robustness.sweep", forbidden)
    app = opened(saved_model("cnn"))
    assert [fold.label for fold in app.expander] == ["What drove the answer", "Try to break it"]
    assert not app.get("image")


def test_the_cnn_shows_its_picture_and_says_what_it_makes_of_part_and_rest(saved_model):
    app = opened(saved_model("cnn"), WHY)
    said = words(app)
    assert "The bright 25 % of the sound, played alone," in said
    assert "Everything else" in said
    assert "huffle" in said
    picture = app.get("image")[0].proto
    assert "the 25 % that drove the answer most are bright" in picture.imgs[0].alt


def test_model_1_shows_bars_and_hears_the_same_in_shuffled_time(saved_model):
    app = opened(saved_model("model1"), WHY)
    said = words(app)
    assert "Shuffle time: the answer does not change" in said
    assert "Steady noise with the same 40 averages is the same sound to Model 1" in said
    assert charts(app)[0].startswith("The numbers that spoke most for or against")


def test_the_mlp_hears_more_than_means_so_no_noise_is_said_to_be_alike(saved_model):
    app = opened(saved_model("mlp"), WHY)
    assert "Steady noise" not in words(app)
    assert len(charts(app)) == 1


def test_a_longer_sound_is_looked_into_at_its_clearest_window(saved_model):
    app = opened(saved_model("model1"), WHY, BREAKING, seconds=9.0)
    assert [box.label for box in app.selectbox] == ["Which 4 seconds"] * 2
    assert len(app.selectbox[0].options) == 4
    chances = [
        float(option.rsplit(", ", 1)[1].split("\u00a0")[0]) for option in app.selectbox[0].options
    ]
    chosen = app.selectbox[0].options[app.selectbox[0].index]
    assert float(chosen.rsplit(", ", 1)[1].split("\u00a0")[0]) == max(chances)


def test_silence_has_nothing_to_explain_or_to_break(saved_model):
    app = opened(saved_model("cnn"), WHY, BREAKING, level=0.0)
    assert words(app).count("There is nothing to be heard") == 2
    assert not app.select_slider


def test_a_sound_that_is_too_short_cannot_be_broken(saved_model):
    app = opened(saved_model("model1"), BREAKING, seconds=0.1)
    assert "too short for that: at least 0.2 s" in words(app)


def test_four_sliders_stand_at_no_change_and_four_charts_say_where_it_flips(saved_model):
    app = opened(saved_model("model1"), BREAKING)
    assert [slider.value for slider in app.select_slider] == [0.0, -60.0, 11025.0, 1.0]
    said = charts(app)
    assert len(said) == 4
    assert all("instead" in text or "holds" in text or "silence" in text for text in said)


def test_a_moved_slider_changes_the_answer_and_reset_takes_it_back(saved_model):
    app = opened(saved_model("model1"), BREAKING)
    before = words(app)
    app.select_slider(key=f"{BREAKING}_low_pass_hz").set_value(250.0).run()
    assert not app.exception
    assert words(app) != before
    app.button(key=f"{BREAKING}_reset").click().run()
    assert not app.exception
    assert words(app) == before


def prediction(best: str, chance: float, verdict: str = "", *, strange: bool = False) -> Prediction:
    rest = (1 - chance) / (len(NAMES) - 1)
    chances = [chance if name == best else rest for name in NAMES]
    return Prediction(np.float32(chances), NAMES, verdict, strange)


def test_what_the_network_says_to_the_part_is_said_as_it_is():
    whole = prediction("dog_bark", 0.9)
    same = part_sentence(whole, prediction("dog_bark", 0.7), 20)
    assert same.startswith("The bright 20 % of the sound, played alone, is still heard as dog bark")
    other = part_sentence(whole, prediction("siren", 0.5, NOT_SURE), 20)
    assert "is heard as siren, 50\u00a0% (not sure); the whole as dog bark, 90\u00a0%." in other
    strange = rest_sentence(whole, prediction("siren", 0.6, NOT_SURE, strange=True))
    assert strange == "Everything else is heard as siren, 60\u00a0% (like nothing it learned)."
    assert "the sound is there, too" in rest_sentence(whole, prediction("dog_bark", 0.5))
    assert rest_sentence(whole, prediction("siren", 0.5, SILENCE)).endswith("heard as silence.")


def test_shuffled_time_is_said_to_matter_only_where_it_does(saved_model):
    whole = prediction("dog_bark", 0.9)
    model1, cnn = (read_saved(saved_model(name), "saved") for name in ("model1", "cnn"))
    same = prediction("dog_bark", 0.88)
    assert "hears averages over time" in shuffle_sentence(whole, same, model1)
    assert "averages" not in shuffle_sentence(whole, same, cnn)
    weaker = shuffle_sentence(whole, prediction("dog_bark", 0.5), cnn)
    assert weaker == "Shuffled in time, the answer stays, at 50\u00a0% instead of 90\u00a0%."
    assert "course of this sound matters" in shuffle_sentence(whole, prediction("siren", 0.5), cnn)
    assert "comes near" in noise_sentence(whole, prediction("siren", 0.5), model1)


def test_what_was_heard_is_said_short_and_looks_the_same_everywhere():
    sure, unsure = prediction("dog_bark", 0.71), prediction("dog_bark", 0.4, NOT_SURE)
    strange = prediction("dog_bark", 0.4, NOT_SURE, strange=True)
    silent = prediction("dog_bark", 0.4, SILENCE)
    every = (sure, unsure, strange, silent)
    assert [heard_name(one) for one in every] == ["dog bark", "dog bark?", "dog bark?", "silence"]
    assert [heard_text(one) for one in (sure, unsure, silent)] == [
        "dog bark, 71\u00a0%",
        "dog bark? 40\u00a0%",
        "silence",
    ]
    assert [doubt_text(one) for one in every] == ["", "not sure", "like nothing it learned", ""]
    icons = ["sound_detection_dog_barking", "help", "help", "volume_off"]
    assert [look(one)[1] for one in every] == icons


def test_the_clearest_windows_are_named_ones_then_unsure_ones_never_silent_ones():
    said = [
        prediction("siren", 0.95, NOT_SURE),
        prediction("siren", 0.6),
        prediction("siren", 0.99, SILENCE),
        prediction("siren", 0.7),
    ]
    segments = tuple(Segment(2.0 * n, 2.0 * n + 4, one) for n, one in enumerate(said))
    assert [segment.start_s for segment in clearest(segments)] == [6.0, 2.0, 0.0]


def test_levels_read_as_a_person_says_them():
    said = [level_text("gain_db", -18.0), level_text("noise_db", -60.0), level_text("speed", 1.0)]
    assert said == ["-18 dB", "none", "as it is"]
    assert level_text("low_pass_hz", 2800.0) == "2.8 kHz"
    assert level_text("low_pass_hz", 11025.0) == "all tones"


def test_flips_are_said_with_their_levels():
    speed = replace(KNOBS[3], levels=(0.5, 1.0, 2.0))
    names = ["siren", "dog_bark", "street_music"]
    both = Sweep(speed, speed.levels, tuple(prediction(name, 0.8) for name in names))
    assert flip_sentence(both) == (
        "At 0.5 x it says siren instead, at 2 x it says street music instead."
    )
    holds = Sweep(speed, speed.levels, (prediction("siren", 0.8),) * 3)
    assert flip_sentence(holds) == "Its answer holds over the whole range."
    unsure = (*holds.predictions[:2], prediction("siren", 0.5, NOT_SURE))
    assert flip_sentence(Sweep(speed, speed.levels, unsure)) == (
        "It leans to the same answer over the whole range; at 2 x it is too unsure."
    )
    silent = (prediction("siren", 0.8, SILENCE), *holds.predictions[1:])
    assert flip_sentence(Sweep(speed, speed.levels, silent)) == "At 0.5 x it hears silence."
