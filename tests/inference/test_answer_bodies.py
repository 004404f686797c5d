"""Answers as JSON objects: one set of keys, whoever asks."""

import json
from dataclasses import replace

import numpy as np
import pytest

from urbansound.errors import BadAudio
from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import Origin, answer_body, answers_body, line_bodies
from urbansound.inference.heard import Heard
from urbansound.inference.timing import Timing
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.paths import PRETRAINED
from urbansound.records import Prediction, Protocol, Segment, SoundFacts
from urbansound.runs.weights import read_card

CARD = replace(read_card(PRETRAINED / "model1.json"), sha256="abc", dataset_name="Streets")
ORIGIN = Origin("model1", CARD, Protocol("official", (10,), (9,)))
SOUND_KEYS = {"file", "duration_s", "sample_rate", "partial"}


def answer(seconds=8.0, claimed_s=None):
    chances = np.full(10, 0.07 / 9, np.float32)
    chances[URBAN_SOUND_NAMES.index("siren")] = 0.93
    event = Segment(0.0, 4.0, Prediction(chances, URBAN_SOUND_NAMES))
    heard = Heard(event.prediction, (event, event), (event,), seconds)
    facts = SoundFacts(16_000, 2, "flac", seconds, claimed_s)
    return Answer("a.wav", facts, (heard,), None, Timing(0.1, 0.2, 0.3, 0.6))


def bad():
    return Answer("bad.wav", None, (), BadAudio("'bad.wav' is empty.", "empty"))


def test_a_sound_and_a_line_call_the_same_things_the_same():
    body = answer_body(answer(), [ORIGIN])
    (line,) = line_bodies(answer(), [ORIGIN])
    assert set(body) == SOUND_KEYS | {"answers"}
    assert set(line) == SOUND_KEYS | set(body["answers"][0])
    assert {key: line[key] for key in SOUND_KEYS} == {key: body[key] for key in SOUND_KEYS}
    assert body["duration_s"] == 8.0
    (timed,) = line_bodies(answer(), [ORIGIN], with_timing=True)
    assert set(timed) - set(line) == {"timing"}


def test_answers_to_many_sounds_are_one_object():
    body = answers_body([answer(), bad()], [ORIGIN])
    assert json.loads(json.dumps(body)) == body
    assert body["models"] == [ORIGIN.body()]
    heard, failed = body["sounds"]
    assert heard["answers"][0]["events"][0]["probabilities"]["siren"] == pytest.approx(0.93)
    assert failed == {
        "file": "bad.wav", "error": {"code": "empty", "message": "'bad.wav' is empty."},
    }  # fmt: skip


def test_of_a_damaged_file_it_is_told_how_much_was_read():
    body = answer_body(answer(seconds=3.1, claimed_s=10.0), [ORIGIN])
    assert body["partial"] == {"read_s": 3.1, "claimed_s": 10.0}
    assert answer_body(answer(claimed_s=8.0), [ORIGIN])["partial"] is None


def test_a_hearing_that_was_stopped_is_as_long_as_what_was_heard():
    whole = answer(seconds=3600.0)
    stopped = replace(whole, heard=tuple(replace(one, duration_s=8.0) for one in whole.heard))
    assert answer_body(stopped, [ORIGIN])["duration_s"] == 8.0
