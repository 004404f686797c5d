"""Similar sounds, and whether a sound is in the training set, on a page of their own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from tests.conftest import write_small_dataset
from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.checksum import checksum_of_file
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadWeights, RunFailed
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import features_for, load_material
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.paths import outputs_dir
from urbansound.records import (
    Audio,
    Exclusions,
    FoldScores,
    Protocol,
    RunSpec,
    Scores,
    TrainConfig,
)
from urbansound.runs.weights import SavedModel, read_saved, replace_saved
from urbansound.ui import background
from urbansound.ui.classify.known import known_remark
from urbansound.ui.classify.similar import (
    clip_mark,
    marks_text,
    progress_text,
    shared_text,
)
from urbansound.ui.classify.sound import Sound


@pytest.fixture
def index(places):
    root = write_small_dataset(places / "UrbanSound8K")
    rng = np.random.default_rng(0)
    for clip in load_dataset(root).clips:
        wave = np.convolve(rng.standard_normal(11025), rng.standard_normal(6))
        soundfile.write(root / clip.path, 0.5 * wave / np.abs(wave).max(), 22050)
    return load_dataset(root)


@pytest.fixture
def saved(index):
    config = TrainConfig(epochs=2, batch_size=16, device="cpu")
    protocol = Protocol("official", (2,), (1,))
    spec = RunSpec(str(index.root), "mlp", features_for("mlp", index), config, protocol)
    result = train_material(spec, load_material(spec))
    path = outputs_dir() / "mlp.pth"
    replace_saved(path, result.data, result.card)
    load_features(index, MFCC40)
    return read_saved(path, "saved")


def sound_of(index, number, change=lambda audio: audio):
    path = index.audio_path(index.clips[number])
    return Sound("mine.wav", checksum_of_file(path), change(load_audio(path)))


def faint(audio):
    low = resample(audio, 16000)
    return Audio(low.samples * np.float32(0.25), 16000)


def in_fold(index, fold):
    return next(n for n, clip in enumerate(index.clips) if clip.fold == fold)


@pytest.mark.parametrize(
    ("fold", "words"),
    [
        (5, "The MLP learned from it, so its answer here proves nothing."),
        (2, "The MLP never heard it."),
        (1, "The MLP was chosen by how well it names this clip"),
    ],
)
def test_a_file_of_the_dataset_is_named_with_what_the_model_knows_of_it(index, saved, fold, words):
    number = in_fold(index, fold)
    said = known_remark(sound_of(index, number), saved, index)
    name = index.clips[number].name
    assert said.startswith(f"This is clip {name} of UrbanSound8K, fold {fold}. {words}")


def test_a_copy_is_named_as_one(index, saved):
    number = in_fold(index, 5)
    sound = replace(sound_of(index, number, faint), digest="another file")
    said = known_remark(sound, saved, index)
    assert said.startswith(f"This is a copy of clip {index.clips[number].name} of UrbanSound8K")
    assert said.endswith("proves nothing.")


def about(saved, **more) -> SavedModel:
    return replace(saved, card=replace(saved.card, **more))


def under(saved, **more) -> SavedModel:
    return about(saved, spec=replace(saved.card.spec, **more))


def test_no_model_is_said_to_have_learned_what_it_may_not_have(index, saved):
    sound = sound_of(index, in_fold(index, 5))
    path = index.clips[in_fold(index, 5)].path
    scores = Scores(0.5, 1.0, 0.5, (), (), 40)
    for other in (
        under(saved, protocol=Protocol("random", (), ())),
        under(saved, exclusions=Exclusions("mine", (path,))),
        about(saved, data_digest="of other files"),
        about(saved, folds=(FoldScores(5, (), scores),), test=scores, n_train=30),
    ):
        assert "may have learned from it" in known_remark(sound, other, index)
    elsewhere = about(saved, dataset_name="Street sounds")
    assert known_remark(sound, elsewhere, index).endswith(", fold 5.")
    made = replace(index, is_synthetic=True)
    assert known_remark(sound, saved, made).endswith("The MLP has heard only real sounds.")


def test_nothing_is_said_where_nothing_is_known(index, saved):
    sound = sound_of(index, 0)
    assert known_remark(sound, saved, None) == ""
    assert known_remark(sound, saved, replace(index, has_audio=False)) == ""
    picked = replace(sound, clip=index.clips[0], dataset=index)
    assert known_remark(picked, saved, index) == ""
    noise = np.random.default_rng(9).uniform(-0.5, 0.5, 6 * 22050).astype(np.float32)
    assert known_remark(Sound("long", sound.digest, Audio(noise, 22050)), saved, index) == ""
    assert known_remark(Sound("own", "0", Audio(noise[:22050], 22050)), saved, index) == ""


def test_before_the_clips_were_measured_nothing_is_claimed(index, saved, places):
    (places / "features.json").unlink()
    assert known_remark(sound_of(index, 0), saved, index) == ""


def page(path: str, seconds: float, is_whole: bool):
    import numpy as np

    from urbansound.audio.decode import load_audio
    from urbansound.checksum import checksum_of_file
    from urbansound.inference.heard import Heard
    from urbansound.paths import outputs_dir
    from urbansound.records import Audio, Prediction, Segment
    from urbansound.runs.saved import find_model
    from urbansound.ui.classify.similar import show_similar
    from urbansound.ui.classify.sound import Sound

    audio = load_audio(path)
    samples = np.resize(audio.samples, round(seconds * audio.sample_rate))
    sound = Sound(
        "mine.wav",
        checksum_of_file(path) if is_whole else f"{path}",
        Audio(samples, audio.sample_rate),
    )
    heard = None
    if not is_whole:
        sure = Prediction(np.array([0.9, 0.1], np.float32), ("a", "b"))
        doubt = Prediction(np.array([0.6, 0.4], np.float32), ("a", "b"))
        parts = (Segment(0.0, 4.0, doubt), Segment(2.0, 6.0, sure), Segment(4.0, 8.0, doubt))
        heard = Heard(sure, parts, ())
    show_similar(sound, find_model(outputs_dir(), "mlp"), heard)


def open_panel(path, seconds=0.5, is_whole=True, *, is_open=True):
    app = AppTest.from_function(page, default_timeout=30, args=(path, seconds, is_whole))
    app.session_state["classify_similar"] = is_open
    return app.run()


def said(app):
    words = " ".join(str(part.value) for part in (*app.markdown, *app.error, *app.warning))
    return words.replace("\\", "")


@pytest.mark.usefixtures("saved", "no_work")
def test_the_panel_does_nothing_while_it_is_closed(index, monkeypatch):
    def fail(*args):
        raise AssertionError("the panel is closed")

    monkeypatch.setattr("urbansound.ui.classify.similar.current_dataset", fail)
    app = open_panel(index.audio_path(index.clips[0]), is_open=False)
    assert not app.exception
    assert said(app) == ""


@pytest.mark.usefixtures("saved", "no_work")
def test_an_open_panel_names_the_five_nearest(index):
    app = open_panel(index.audio_path(index.clips[0]))
    assert not app.exception
    assert "each of another recording of UrbanSound8K" in said(app)
    assert not app.button
    grid = json.loads(app.get("bidi_component")[0].proto.json)["cards"]
    assert len({card["id"] for card in grid}) == 5
    assert all(card["audio"].endswith(".wav") for card in grid)
    assert "0" not in {card["id"] for card in grid}, "the clip itself is no find"


@pytest.mark.usefixtures("saved", "no_work")
def test_of_a_longer_sound_the_surest_window_is_compared(index):
    app = open_panel(index.audio_path(index.clips[0]), 8.0, False)
    assert not app.exception
    assert "Compared: 2 to 6 s." in said(app)
    assert "Compared: 0 to 4 s." in said(open_panel(index.audio_path(index.clips[0]), 8.0))


@pytest.mark.usefixtures("saved")
def test_where_it_takes_long_a_button_begins_it(index, monkeypatch, no_work):
    monkeypatch.setattr("urbansound.ui.classify.similar._AT_ONCE_S", 0.0)
    app = open_panel(index.audio_path(index.clips[0]))
    assert "the MLP first listens to all 40 clips of UrbanSound8K, once: about 10 s" in said(app)
    app.button[0].click().run()
    assert no_work == [background.job_on("embeddings", index, "mlp")]


@pytest.mark.usefixtures("saved", "no_work")
def test_silence_is_like_nothing(index):
    silent = index.root / "silent.wav"
    soundfile.write(silent, np.zeros(22050), 22050)
    assert "silence is like nothing" in said(open_panel(silent))


@pytest.mark.usefixtures("saved", "no_work")
def test_what_goes_wrong_is_said_in_the_panel(index, monkeypatch):
    def fail(saved):
        raise BadWeights("These weights are damaged.")

    monkeypatch.setattr("urbansound.ui.classify.similar.open_model", fail)
    app = open_panel(index.audio_path(index.clips[7]))
    assert not app.exception
    assert [error.value for error in app.error] == ["These weights are damaged."]


@pytest.mark.usefixtures("no_work")
def test_without_sounds_the_panel_says_why(index, saved, places):
    path = index.audio_path(index.clips[0])
    copy = places.parent / "copy.wav"
    copy.write_bytes(path.read_bytes())
    for file in index.root.rglob("*.*"):
        file.unlink()
    for folder in sorted(index.root.rglob("*"), reverse=True):
        folder.rmdir()
    index.root.rmdir()
    (places / "features.json").unlink()
    assert "numbers only" in said(open_panel(copy))
    for file in places.glob("*.pt"):
        file.unlink()
    assert "no dataset yet" in said(open_panel(copy))
    del saved


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["siren"] * 5, "All 5 are siren."),
        (["siren"] * 4 + ["dog_bark"], "4 of 5 are siren, 1 is dog bark."),
        (["a", "siren", "siren", "a", "b"], "2 of 5 are a, 2 are siren, 1 is b."),
        (["a", "b", "c"], "Each is another sound: a, b and c."),
        (["siren"], "1 of 1 is siren."),
    ],
)
def test_what_the_nearest_are_is_said_in_one_sentence(names, text):
    assert shared_text(names) == text


def test_each_clip_is_marked_by_what_the_model_knows_of_it(index, saved):
    clips = [index.clips[in_fold(index, fold)] for fold in (1, 2, 5)]
    assert [clip_mark(saved.card, index, clip) for clip in clips] == ["chosen", "new", "learned"]
    random = under(saved, protocol=Protocol("random", (), ())).card
    assert clip_mark(random, index, clips[1]) == "perhaps"
    assert clip_mark(about(saved, dataset_name="other").card, index, clips[1]) == ""
    assert marks_text(["new", "learned", "new", ""]).count(":") == 2


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (background.JobState("running"), "Listening to all clips …"),
        (background.JobState("running", 20, 140), "Measuring … 20 of 100 clips"),
        (background.JobState("running", 120, 140), "Listening to all clips … 20 of 40"),
        (
            background.JobState("running", 3100, 8732, elapsed_s=11.0),
            "Listening to all clips … 3,100 of 8,732 · 20 s left",
        ),
    ],
)
def test_the_bar_says_how_far_the_listening_is(job, text):
    n_clips = 8732 if job.total == 8732 else 40
    assert progress_text(job, n_clips) == text


@pytest.mark.usefixtures("saved")
def test_the_job_listens_with_the_model_that_its_name_carries(index, places):
    name = background.job_on("embeddings", index, "mlp")
    assert background.work(name) == 0
    assert background.state(name).status == "done"
    assert len(list(places.glob("embeddings_*"))) == 1
    nobody = background.job_on("embeddings", index, "nobody")
    assert background.work(nobody) == 1
    assert "nobody" in background.state(nobody).message
    assert index.root.is_dir()


@pytest.mark.parametrize("name", ["../demo", "embeddings:../x", "a/b", "", "embeddings:a b"])
def test_the_name_of_a_job_is_never_a_path(name):
    with pytest.raises(RunFailed, match="no name of a job"):
        background.state(name)


def test_a_job_that_there_is_not_fails_in_words(places):
    assert background.work("nonsense") == 1
    assert "no job" in background.state("nonsense").message
    assert Path(places / ".jobs").is_dir()
