"""What Classify says: remarks on a sound, an answer in words, how far to trust it, its export."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from urbansound.inference.heard import Heard
from urbansound.labels import NOT_SURE, SILENCE, URBAN_SOUND_NAMES
from urbansound.records import (
    Audio,
    Calibration,
    Card,
    Clip,
    DatasetIndex,
    FoldScores,
    Prediction,
    Protocol,
    RunSpec,
    Scores,
    Segment,
)
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.agreement import agreement_sentence
from urbansound.ui.classify.bars import bars_table_html
from urbansound.ui.classify.export import (
    answers_audacity,
    answers_csv,
    answers_json,
    answers_raven,
)
from urbansound.ui.classify.remarks import facts_text, remarks
from urbansound.ui.classify.shelf import build_shelf, other_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.summary import summary_sentence, summary_title
from urbansound.ui.classify.timeline import leaning_regions, named_regions, spans, when_text
from urbansound.ui.classify.trust import familiarity, times_text, trust_chips, trust_sentence
from urbansound.ui.classify.verdict import (
    answer_sentence,
    answer_title,
    band_text,
    doubt_sentence,
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


def folded(*folds, n_train=100, **about):
    """A card tested fold by fold, whose weights then learned from all these folds."""
    plain = card(**about)
    parts = tuple(FoldScores(fold, (), plain.test) for fold in folds)
    spec = replace(plain.spec, protocol=Protocol("official", (), ()))
    return replace(plain, spec=spec, folds=parts, n_train=n_train)


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


def test_a_second_candidate_far_behind_does_not_share_the_title():
    answer = prediction(NOT_SURE, gun_shot=0.8, dog_bark=0.1)
    assert answer_title(answer) == "Gun shot?"
    assert loud(answer_sentence(answer)) == "Not sure: gun shot 80 %, dog bark 10 %."


def test_doubt_says_from_where_on_it_answers_and_what_for():
    answer = prediction(NOT_SURE, gun_shot=0.8)
    careful = "It answers only from 85 % up, which aims at being right 19 times out of 20."
    assert loud(doubt_sentence(answer, Calibration(1.0, 0.842))) == careful
    assert loud(doubt_sentence(answer, Calibration(1.0, 0.5))) == "It answers from 50 % up."
    assert doubt_sentence(prediction(gun_shot=0.8), Calibration(1.0, 0.842)) == ""


def test_a_sound_like_nothing_learned_is_said_to_be_none_of_the_ten():
    answer = replace(prediction(NOT_SURE, dog_bark=0.97), is_strange=True)
    assert answer_title(answer) == "None of the ten?"
    assert loud(answer_sentence(answer)) == (
        "This does not sound like anything it learned. Nearest: dog bark 97 %."
    )
    assert doubt_sentence(answer, Calibration(1.0, 0.9)) == ""


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


def test_trust_in_weights_that_learned_from_all_folds_says_how_it_was_measured():
    shipped = folded(1, 2, 3, accuracy=0.66)
    assert trust_sentence(shipped) == (
        "Right about 2 times out of 3 on recordings it never heard, measured by leaving each of "
        "folds 1 to 3 out in turn. It then learned from all of them. Guessing: 10 %."
    )
    assert "official · folds 1 to 3" in trust_chips(shipped)
    assert "100 clips · seed 0" in trust_chips(shipped)


@pytest.mark.parametrize(
    ("model", "fold", "words"),
    [
        (card(), 10, "never heard"),
        (card(), 1, "may have learned"),
        (card(kind="random"), 10, "may have learned"),
        (folded(1, 2), 1, "may have learned"),
        (folded(1, 2), 3, "never heard"),
        (folded(1, 2, n_train=200), 3, "may have learned"),
    ],
)
def test_whether_a_model_knows_a_clip_is_never_claimed_too_boldly(model, fold, words):
    clip = Clip(f"audio/fold{fold}/1-0-0-0.wav", fold, 0)
    index = DatasetIndex("UrbanSound8K", Path(), (clip,), URBAN_SOUND_NAMES)
    assert words in familiarity(model, Sound(clip.name, "0", tone(0.5), clip, index))


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


STRANGE = replace(prediction(NOT_SURE, siren=0.9), is_strange=True)
TITLES = ("CNN", "MLP", "Model 1", "Model 2")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([prediction(siren=0.8)] * 3, "They agree: all three hear siren."),
        (
            [prediction(siren=0.8)] * 2 + [prediction(drilling=0.8)] * 2,
            "They disagree: CNN and MLP hear siren, Model 1 and Model 2 hear drilling.",
        ),
        (
            [prediction(drilling=0.8), *[prediction(siren=0.8)] * 3],
            "They disagree: MLP, Model 1 and Model 2 hear siren, CNN hears drilling.",
        ),
        (
            [prediction(siren=0.8), *[prediction(NOT_SURE, siren=0.4)] * 2, STRANGE],
            "CNN hears siren; MLP and Model 1 are not sure but lean to siren; "
            "Model 2 knows nothing like it.",
        ),
        (
            [prediction(NOT_SURE, siren=0.4), *[prediction(NOT_SURE, drilling=0.4)] * 2],
            "None of them is sure: MLP and Model 1 lean to drilling, CNN to siren.",
        ),
        ([STRANGE] * 4, "None of them knows a sound like this."),
        ([prediction(SILENCE)] * 4, "All four hear silence."),
    ],
)
def test_agreement_of_three_or_four_is_one_sentence(answers, sentence):
    assert agreement_sentence(list(zip(TITLES, answers, strict=False))) == sentence


def test_the_bars_of_several_models_stand_in_one_table_with_a_dash_for_an_unknown_class():
    small = Prediction(np.array([0.7, 0.3], np.float32), ("siren", "<b>"))
    html = bars_table_html([("CNN", prediction(siren=0.8)), ("MLP", small)], ["siren", "<b>"])
    assert html.count('<th scope="col">') == 3
    assert html.count("<td>") == 4
    assert html.count("<td>–</td>") == 1
    assert "<b></div>" not in html
    assert "&lt;b&gt;" in html


def segments(*answers):
    return tuple(Segment(2.0 * k, 2.0 * k + 4, answer) for k, answer in enumerate(answers))


def test_overlapping_windows_share_the_time_without_a_gap():
    three = segments(prediction(siren=0.8), prediction(siren=0.8), prediction(siren=0.8))
    assert spans(three) == [(0.0, 3.0), (3.0, 5.0), (5.0, 8.0)]


def test_leanings_are_what_unsure_windows_put_first_and_neighbours_alike_are_one():
    heard = segments(
        prediction(NOT_SURE, siren=0.3),
        prediction(NOT_SURE, siren=0.4),
        prediction(SILENCE),
        prediction(siren=0.9),
    )
    (doubt,) = leaning_regions(Heard(heard[0].prediction, heard, ()))
    assert (doubt.start_s, doubt.end_s, doubt.label) == (0.0, 5.0, "siren?")
    assert doubt.color == "#e12f5d"
    assert "40" in doubt.note


def test_what_was_named_so_far_is_one_stretch_while_windows_overlap():
    heard = segments(prediction(siren=0.9), prediction(siren=0.8), prediction(NOT_SURE, siren=0.3))
    later = Segment(40.0, 44.0, prediction(siren=0.9))
    named = named_regions([*heard, later])
    assert [(region.start_s, region.end_s) for region in named] == [(0.0, 6.0), (40.0, 44.0)]


def test_a_moment_is_told_in_seconds_then_in_minutes():
    assert when_text(4.0, 8.5) == "4 to 8.5 s"
    assert when_text(64.0, 68.2) == "1:04 to 1:08"
    assert when_text(3723.0, 3725.0) == "1:02:03 to 1:02:05"


def test_a_model_that_heard_real_sounds_goes_before_the_one_that_did_not():
    demo = saved(is_synthetic=True, sha256="1")
    shipped = saved(source="shipped", sha256="2")
    shelf = build_shelf([demo, saved("model2", is_synthetic=True, sha256="3"), shipped])
    assert shelf.first["model1"] is shipped
    assert shelf.others == (demo,)
    assert shelf.options() == ["model1", "model2", "compare", "other"]
    assert shelf.default() == "model1"
    assert shelf.twin(shipped) is demo
    only_second = build_shelf([demo, saved("model2", sha256="3")])
    assert only_second.default() == "model2"


def test_the_best_model_that_heard_real_sounds_is_offered_first():
    names = ("model1", "model2", "mlp", "cnn")
    real = [saved(name, sha256=name) for name in names]
    assert list(build_shelf(real).first) == ["cnn", "mlp", "model1", "model2"]
    assert build_shelf(real).default() == "cnn"
    assert build_shelf(real[:3]).default() == "mlp"
    assert build_shelf(real[:2]).default() == "model2"
    made = [saved(name, sha256=name, is_synthetic=True) for name in names]
    assert build_shelf(made).default() == "cnn"
    assert build_shelf([*made[1:], real[0]]).default() == "model1"


def test_a_person_may_put_the_shipped_model_before_the_saved_one_and_back():
    own, shipped = saved("cnn", sha256="1"), saved("cnn", "shipped", sha256="2")
    shelf = build_shelf([own, shipped])
    assert (shelf.first["cnn"], shelf.twin(own)) == (own, shipped)
    shelf = build_shelf([own, shipped], {"cnn": "shipped"})
    assert (shelf.first["cnn"], shelf.twin(shipped)) == (shipped, own)
    assert build_shelf([own], {"cnn": "shipped"}).first["cnn"] is own


def test_a_model_that_is_hidden_says_where_it_comes_from():
    assert other_title(saved("cnn", "shipped")).startswith("CNN · came with the app · UrbanSound8K")
    assert other_title(saved("cnn", "run")).startswith("CNN of 2026-01-01 12:00 · UrbanSound8K")


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
    assert {row["is_strange"] for row in rows} == {"False"}
    assert {row["file"] for row in rows} == {"'=SUM(A1).wav"}, "a spreadsheet would run this name"


def test_no_cell_or_heading_of_the_table_is_a_formula():
    names = ("=HYPERLINK(1)", "@sum", "-a", "+b")
    likely = Prediction(np.array([0.4, 0.3, 0.2, 0.1], np.float32), names)
    odd = replace(card(), dataset_name="=data", class_names=names)
    model = SavedModel(odd, Path("model1.pth"), "saved")
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


def test_the_events_of_a_longer_sound_are_labels_for_other_programs(answers):
    sound = Sound("a.wav", "0", tone(0.5, 6.0))
    assert answers_audacity(sound, answers).startswith("0.000000\t")
    assert "siren" in answers_audacity(sound, answers)
    head, row = answers_raven(sound, answers).splitlines()[:2]
    assert head.startswith("Selection\t")
    assert row.split("\t")[head.split("\t").index("Begin File")] == "a.wav"


def test_a_sum_adds_up_and_tells_silence_from_doubt():
    three = segments(prediction(siren=0.9), prediction(SILENCE), prediction(NOT_SURE, siren=0.3))
    event = Segment(0.0, 10.0, prediction(siren=0.9))
    heard = Heard(prediction(siren=0.6), three, (event,), 30.0)
    assert summary_title(heard) == "Siren"
    said = "Of 30 s, 10 s could be named, 10 s is silence and 10 s was not clear enough."
    assert summary_sentence(heard) == said
