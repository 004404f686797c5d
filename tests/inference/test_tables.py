"""Answers to take away: what each format holds, and that no name can do harm in it."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from urbansound.errors import BadAudio
from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import Origin
from urbansound.inference.heard import Heard
from urbansound.inference.tables import (
    AudacityLabels,
    CsvTable,
    JsonLines,
    RavenTable,
    write_table,
)
from urbansound.inference.timing import Timing
from urbansound.labels import NOT_SURE, URBAN_SOUND_NAMES
from urbansound.paths import PRETRAINED
from urbansound.records import Prediction, Protocol, Segment, SoundFacts
from urbansound.runs.weights import read_card

MODEL1 = replace(read_card(PRETRAINED / "model1.json"), sha256="abc", dataset_name="Streets")
ORIGIN = Origin("model1", MODEL1, Protocol("official", (10,), (9,)))
OTHER = Origin("model2", replace(MODEL1, sha256="def"), Protocol("random", (), ()))
ORIGIN_CELLS = {
    "model": "model1", "model_sha256": "abc", "trained_on": "Streets",
    "protocol": "official · fold 10",
}  # fmt: skip


def prediction(name="siren", chance=0.93, verdict="", names=URBAN_SOUND_NAMES):
    chances = np.full(len(names), (1 - chance) / (len(names) - 1), np.float32)
    chances[names.index(name)] = chance
    return Prediction(chances, names, verdict)


def answer(name="a.wav", seconds=8.0, claimed_s=None, n_models=1):
    windows = (
        Segment(0.0, 4.0, prediction()),
        Segment(2.0, 6.0, prediction(chance=0.3, verdict=NOT_SURE)),
        Segment(4.0, 8.0, prediction("dog_bark", 0.6)),
    )
    heard = Heard(prediction(chance=0.5), windows, (windows[0], windows[2]), seconds)
    facts = SoundFacts(16_000, 2, "flac", seconds, claimed_s)
    return Answer(name, facts, (heard,) * n_models, None, Timing(0.1, 0.2, 0.3, 0.6))


def bad(name="bad.wav"):
    return Answer(name, None, (), BadAudio(f"'{name}' is empty.", "empty"))


def csv_rows(table, answers):
    return list(csv.DictReader(io.StringIO(write_table(table, answers))))


def tab_rows(text):
    lines = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_csv_has_a_row_for_each_file_and_event_and_for_each_error():
    rows = csv_rows(CsvTable([ORIGIN]), [answer(), bad(), answer("b.wav")])
    parts = ["whole", "event", "event", "error", "whole", "event", "event"]
    assert [row["part"] for row in rows] == parts
    assert all(ORIGIN_CELLS.items() <= row.items() for row in rows)
    whole, event, _, error = rows[:4]
    assert (whole["file"], whole["start_s"], whole["end_s"]) == ("a.wav", "0.0", "8.0")
    assert (event["label"], float(event["siren"])) == ("siren", pytest.approx(0.93))
    assert (error["file"], error["error_code"]) == ("bad.wav", "empty")
    assert error["error_message"] == "'bad.wav' is empty."
    assert (error["label"], error["siren"]) == ("", "")


def test_csv_with_windows_has_these_between_the_whole_and_its_events():
    rows = csv_rows(CsvTable([ORIGIN, OTHER], windows=True), [answer(n_models=2)])
    assert [row["part"] for row in rows] == 2 * ["whole", *["window"] * 3, "event", "event"]
    assert [row["model_sha256"] for row in rows] == 6 * ["abc"] + 6 * ["def"]
    assert rows[2]["label"] == NOT_SURE


def test_csv_printed_a_sound_at_a_time_equals_the_whole():
    table, answers = CsvTable([ORIGIN]), [answer(), bad(), answer("b.wav")]
    printed = table.head() + "".join(table.rows(one) for one in answers)
    assert printed == write_table(CsvTable([ORIGIN]), answers)


def test_models_of_different_classes_share_the_columns():
    names = ("siren", "owl")
    owl = Origin("owls", replace(MODEL1, class_names=names), Protocol("random", (), ()))
    first = answer().heard[0]
    second = Heard(prediction("owl", names=names), (), ())
    rows = csv_rows(CsvTable([ORIGIN, owl]), [replace(answer(), heard=(first, second))])
    assert rows[0]["owl"] == ""
    assert rows[-1]["dog_bark"] == ""
    assert float(rows[-1]["owl"]) == pytest.approx(0.93)


def test_a_file_of_which_a_part_was_read_says_so():
    partial = answer(seconds=3.1, claimed_s=10.0)
    rows = csv_rows(CsvTable([ORIGIN]), [partial, answer()])
    assert [row["claimed_s"] for row in rows] == ["10.0"] * 3 + [""] * 3


@pytest.mark.parametrize("name", ["=SUM(A1)", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_of_a_table_is_a_formula(name):
    card = replace(MODEL1, dataset_name=name)
    origin = Origin(name, card, ORIGIN.protocol)
    rows = csv_rows(CsvTable([origin]), [answer(name), bad(name)])
    raven = tab_rows(write_table(RavenTable([origin]), [answer(name)]))
    cells = [cell for row in (*rows, *raven) for cell in row.values()]
    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []
    assert {row["file"] for row in rows} == {f"'{name}".replace("\t", " ").replace("\r", " ")}


def test_json_lines_bear_the_contract_and_where_the_answer_comes_from():
    lines = write_table(JsonLines([ORIGIN, OTHER]), [answer(n_models=2), bad()]).splitlines()
    first, second, failed = map(json.loads, lines)
    assert {**ORIGIN_CELLS, "file": "a.wav", "label": "siren"}.items() <= first.items()
    assert first["confidence"] == pytest.approx(0.5)
    assert sum(first["probabilities"].values()) == pytest.approx(1.0)
    assert [len(first[part]) for part in ("segments", "events")] == [3, 2]
    assert set(first["segments"][0]) == {"start_s", "end_s", "label", "confidence"}
    assert (first["duration_s"], first["sample_rate"], first["partial"]) == (8.0, 16_000, None)
    assert "timing" not in first
    assert second["model_sha256"] == "def"
    assert failed == {
        "file": "bad.wav", "error": {"code": "empty", "message": "'bad.wav' is empty."},
    }  # fmt: skip


def test_a_row_of_a_hearing_that_was_stopped_is_about_what_was_heard():
    whole = answer(seconds=3600.0)
    stopped = replace(whole, heard=tuple(replace(one, duration_s=8.0) for one in whole.heard))
    assert [row["end_s"] for row in csv_rows(CsvTable([ORIGIN]), [stopped])] == [
        "8.0", "4.0", "8.0",
    ]  # fmt: skip
    assert json.loads(JsonLines([ORIGIN]).rows(stopped))["duration_s"] == 8.0


def test_audacity_labels_are_start_end_and_words():
    text = write_table(AudacityLabels([ORIGIN]), [answer(), bad()])
    assert text == (
        "0.000000\t4.000000\tsiren 0.93\n"
        "4.000000\t8.000000\tdog_bark 0.60\n"
    )  # fmt: skip


def test_audacity_labels_name_the_file_and_the_model_where_there_are_several():
    table = AudacityLabels([ORIGIN, OTHER], with_names=True)
    labels = [
        line.split("\t")[2] for line in table.rows(answer("a\tb.wav", n_models=2)).split("\n")[:-1]
    ]
    assert labels[0] == "a b.wav: model1: siren 0.93"
    assert labels[2] == "a b.wav: model2: siren 0.93"


def test_a_raven_table_counts_its_rows_and_its_times_from_the_first_sound():
    table = RavenTable([ORIGIN])
    rows = tab_rows(write_table(table, [answer(), bad(), answer("b.wav")]))
    assert [row["Selection"] for row in rows] == ["1", "2", "3", "4"]
    assert [float(row["Begin Time (s)"]) for row in rows] == [0, 4, 8, 12]
    assert [float(row["End Time (s)"]) for row in rows] == [4, 8, 12, 16]
    assert [float(row["File Offset (s)"]) for row in rows] == [0, 4, 0, 4]
    assert [row["Begin File"] for row in rows] == ["a.wav", "a.wav", "b.wav", "b.wav"]
    first = rows[0]
    assert (first["View"], first["Channel"]) == ("Spectrogram 1", "1")
    assert (first["Low Freq (Hz)"], first["High Freq (Hz)"]) == ("0", "8000.0")
    assert (first["Label"], first["Confidence"]) == ("siren", "0.9300")
    said = [first[name] for name in ("Model", "Model SHA-256", "Trained On", "Protocol")]
    assert said == list(ORIGIN_CELLS.values())


def test_without_any_answer_a_table_is_its_heading():
    assert csv_rows(CsvTable([ORIGIN]), []) == []
    assert write_table(RavenTable([ORIGIN]), []).count("\n") == 1
    assert write_table(AudacityLabels([ORIGIN]), []) == ""
