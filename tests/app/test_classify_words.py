"""What Classify says: remarks on a sound, an answer in words, how far to trust it, its export."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from urbansound.inference.classify import Heard
from urbansound.labels import NOT_SURE, SILENCE, URBAN_SOUND_NAMES
from urbansound.records import (
    Audio,
    Calibration,
    Card,
    Prediction,
    Protocol,
    RunSpec,
    Scores,
    Segment,
)
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.export import answers_csv, answers_json
from urbansound.ui.classify.model_choice import build_shelf
from urbansound.ui.classify.moments import when_text
from urbansound.ui.classify.remarks import facts_text, remarks
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.timeline import spans, timeline_rows
from urbansound.ui.classify.verdict import (
    agreement_sentence,
    answer_sentence,
    answer_title,
    band_text,
    times_text,
    trust_sentence,
)


def card(model="model1", *, accuracy=0.52, kind="official", is_synthetic=False, sha256="abc"):
    scores = Scores(accuracy, 1.4, accuracy, (), (), 100)
    return Card(
        run_id="20260101-120000-000000-model1",
        spec=RunSpec("somewhere", model, protocol=Protocol(kind)),
        class_names=URBAN_SOUND_NAMES,
        dataset_name="UrbanSound8K",
        is_synthetic=is_synthetic,
        validation=None,
        test=None if accuracy is None else scores,
        calibration=Calibration(1.0, 0.5),
        epoch=1,
        data_digest="",
        sha256=sha256,
        n_train=0,
        n_parameters=0,
        versions={},
        created="2026-01-01T12:00:00+00:00",
        intended_use="",
        limits="",
    )


def saved(model="model1", source="saved", **about):
    return SavedModel(card(model, **about), Path(f"{source}/{model}.pth"), source)


def prediction(verdict="", **chances):
    rest = (1 - sum(chances.values())) / (10 - len(chances))
    values = [chances.get(name, rest) for name in URBAN_SOUND_NAMES]
    return Prediction(np.array(values, np.float32), URBAN_SOUND_NAMES, verdict)


def loud(text):
    return text.replace("\u00a0", " ")


def tone(peak, seconds=1.0, rate=44100):
    wave = np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return Audio((peak * wave).astype(np.float32), rate)


def test_the_facts_name_length_rate_and_level():
    assert facts_text(tone(0.785, 4.0)) == "4.0 s · 44.1 kHz · peak -2.1 dB"
    assert facts_text(Audio(np.zeros(441, np.float32), 44100)) == "10 ms · 44.1 kHz · silent"
    assert facts_text(tone(1.0, 125.0, 8000)).startswith("2 min 5 s · 8 kHz")


@pytest.mark.parametrize(
    ("audio", "word"),
    [
        (tone(0.01), "Too quiet"),
        (tone(0.0005), "Silence"),
        (Audio(np.clip(tone(4.0).samples, -1, 1), 44100), "Clipped"),
        (tone(0.5, rate=8000), "Muffled"),
    ],
)
def test_what_may_spoil_an_answer_is_said_once(audio, word):
    said = remarks(audio)
    assert len(said) == 1
    assert said[0].startswith(word)


def test_a_good_recording_needs_no_remark():
    assert remarks(tone(0.5)) == []


def test_a_sure_answer_names_the_next_best():
    answer = prediction(dog_bark=0.71, children_playing=0.12)
    assert answer_title(answer) == "Dog bark"
    assert loud(answer_sentence(answer)) == "Fairly sure: 71 %. Next: children playing, 12 %."


def test_below_the_threshold_both_candidates_are_named():
    answer = prediction(NOT_SURE, gun_shot=0.31, dog_bark=0.24)
    assert answer_title(answer) == "Gun shot or dog bark?"
    assert loud(answer_sentence(answer)) == "Not sure: gun shot 31 %, dog bark 24 %."


def test_silence_names_no_class():
    answer = prediction(SILENCE, siren=0.9)
    assert answer_title(answer) == "Silence"
    assert "siren" not in answer_sentence(answer)


def test_words_of_confidence_rise_with_it():
    assert [band_text(p) for p in (0.51, 0.7, 0.9)] == ["Probably", "Fairly sure", "Very sure"]


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (0.02, "almost never"),
        (0.1, "about 1 time out of 10"),
        (0.495, "about half the time"),
        (0.524, "about half the time"),
        (0.66, "about 2 times out of 3"),
        (0.745, "about 3 times out of 4"),
        (0.89, "about 9 times out of 10"),
        (1.0, "almost always"),
    ],
)
def test_a_score_becomes_words(accuracy, words):
    assert times_text(accuracy) == words


def test_trust_speaks_of_what_was_never_heard_only_where_that_is_true():
    honest = "Right about half the time on recordings it never heard. Guessing: 10 %."
    assert trust_sentence(card()) == honest
    assert "never heard" not in trust_sentence(card(kind="random"))
    assert "made-up sounds" in trust_sentence(card(is_synthetic=True))
    assert "not been tested" in trust_sentence(card(accuracy=None))


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (prediction(siren=0.8), prediction(siren=0.6), "They agree: both hear siren."),
        (
            prediction(siren=0.8),
            prediction(drilling=0.6),
            "They disagree: Model 1 hears siren, Model 2 hears drilling.",
        ),
        (
            prediction(siren=0.8),
            prediction(NOT_SURE, drilling=0.3),
            "Model 1 hears siren; Model 2 is not sure but leans to drilling.",
        ),
        (
            prediction(NOT_SURE, siren=0.3),
            prediction(NOT_SURE, siren=0.4),
            "Neither is sure; both put siren first.",
        ),
        (prediction(SILENCE), prediction(SILENCE), "Both hear silence."),
    ],
)
def test_agreement_is_said_in_words(first, second, sentence):
    assert agreement_sentence([("Model 1", first), ("Model 2", second)]) == sentence


def segments(*answers):
    return tuple(Segment(2.0 * k, 2.0 * k + 4, answer) for k, answer in enumerate(answers))


def test_overlapping_windows_share_the_time_without_a_gap():
    three = segments(prediction(siren=0.8), prediction(siren=0.8), prediction(siren=0.8))
    assert spans(three) == [(0.0, 3.0), (3.0, 5.0), (5.0, 8.0)]


def test_the_timeline_draws_doubt_in_ink_and_silence_flat():
    doubt, silent, sure = timeline_rows(
        segments(prediction(NOT_SURE, siren=0.3), prediction(SILENCE), prediction(siren=0.8))
    )
    assert doubt["heard"] == "not sure"
    assert doubt["color"] == silent["color"] != sure["color"] == "#e12f5d"
    assert silent["height"] < 0.05 < doubt["height"] < sure["height"]


def test_a_moment_is_told_in_seconds_then_in_minutes():
    assert when_text(4.0, 8.5) == "4 to 8.5 s"
    assert when_text(64.0, 68.2) == "1:04 to 1:08"


def test_a_model_that_heard_real_sounds_goes_before_the_one_that_did_not():
    demo = saved(is_synthetic=True, sha256="1")
    shipped = saved(source="shipped", sha256="2")
    shelf = build_shelf([demo, saved("model2", is_synthetic=True, sha256="3"), shipped])
    assert shelf.first["model1"] is shipped
    assert shelf.others == (demo,)
    assert shelf.options() == ["model1", "model2", "both", "other"]
    assert shelf.default() == "model1"
    only_second = build_shelf([demo, saved("model2", sha256="3")])
    assert only_second.default() == "model2"


def test_runs_alone_stand_among_the_others():
    shelf = build_shelf([saved(source="run")])
    assert shelf.options() == ["other"] == [shelf.default()]
    assert build_shelf([]).is_empty


@pytest.fixture
def answers():
    parts = segments(prediction(siren=0.8), prediction(NOT_SURE, siren=0.3))
    heard = Heard(prediction(siren=0.6), parts, parts[:1])
    return [(saved(), heard), (saved("model2", kind="random", sha256="def"), heard)]


def test_every_exported_row_names_its_model_checksum_and_protocol(answers):
    sound = Sound("=SUM(A1).wav", "0", tone(0.5, 6.0))
    rows = list(csv.DictReader(io.StringIO(answers_csv(sound, answers))))
    assert [row["part"] for row in rows] == ["whole", "window", "window", "event"] * 2
    assert {(row["model"], row["model_sha256"], row["protocol"]) for row in rows} == {
        ("model1", "abc", "official · fold 10"),
        ("model2", "def", "random split · leaks"),
    }
    assert all(set(URBAN_SOUND_NAMES) <= set(row) for row in rows)
    assert rows[2]["label"] == NOT_SURE
    assert {row["file"] for row in rows} == {"'=SUM(A1).wav"}, "a spreadsheet would run this name"


def test_no_cell_or_heading_of_the_table_is_a_formula():
    names = ("=HYPERLINK(1)", "@sum", "-a", "+b")
    likely = Prediction(np.array([0.4, 0.3, 0.2, 0.1], np.float32), names)
    model = SavedModel(replace(card(), dataset_name="=data"), Path("model1.pth"), "saved")
    text = answers_csv(Sound("a.wav", "0", tone(0.5)), [(model, Heard(likely, (), ()))])
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert {"'=HYPERLINK(1)", "'@sum", "'-a", "'+b", "'=data"} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_the_json_answer_is_whole(answers):
    body = json.loads(answers_json(Sound("a.wav", "0", tone(0.5, 6.0)), answers))
    assert body["file"] == "a.wav"
    assert body["true_class"] is None
    first = body["answers"][0]
    assert first["model_sha256"] == "abc"
    assert first["label"] == "siren"
    assert first["probabilities"]["siren"] == pytest.approx(0.6)
    assert [part["label"] for part in first["segments"]] == ["siren", NOT_SURE]
    assert len(first["events"]) == 1


def test_a_card_of_any_number_of_classes_says_its_own_guessing():
    assert "Guessing: 50 %." in trust_sentence(replace(card(), class_names=("a", "b")))
