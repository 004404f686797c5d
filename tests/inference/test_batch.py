"""Many sounds at once: order, bad ones, stopping, and what is left behind."""

import threading
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from urbansound.audio.signal import to_wav_bytes
from urbansound.errors import BadAudio
from urbansound.inference.answer import Source
from urbansound.inference.batch import classify_all
from urbansound.inference.classify import Classifier
from urbansound.inference.sources import source_of
from urbansound.records import Audio
from urbansound.runs.saved import find_model
from urbansound.runs.weights import load_weights

RATE = 8000
NOWHERE = Path("nowhere")


@pytest.fixture(scope="module")
def classifiers():
    saved = [find_model(NOWHERE, f"shipped:{name}") for name in ("model1", "model2")]
    return [Classifier(one.card, load_weights(one)) for one in saved]


def wav(seconds=0.5, hz=440.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return to_wav_bytes(Audio((0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32), RATE))


def source(name, data):
    return source_of(data, name)


def names(answers):
    return [answer.name for answer in answers]


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_come_in_the_order_given_and_equal_those_of_single_sounds(classifiers, jobs):
    sounds = {f"{n}.wav": wav(0.3 + 0.2 * (n % 3), 200 + 100 * n) for n in range(8)}
    answers = list(classify_all([source(*pair) for pair in sounds.items()], classifiers, jobs=jobs))
    assert names(answers) == list(sounds)
    for answer, data in zip(answers, sounds.values(), strict=True):
        pcm = np.frombuffer(data, "<i2", offset=44).astype(np.float32) / 32768
        for heard, classifier in zip(answer.heard, classifiers, strict=True):
            expected = classifier.classify(Audio(pcm, RATE)).prediction.probabilities
            np.testing.assert_allclose(heard.prediction.probabilities, expected, atol=1e-5)
        assert answer.error is None
        assert answer.facts.sample_rate == RATE
        assert answer.facts.duration_s == pytest.approx(len(pcm) / RATE)


def test_a_bad_sound_is_an_answer_of_its_own_and_costs_no_other(classifiers):
    def locked():
        raise BadAudio("'c.wav' is locked.", "not_sound")

    sources = [
        source("a.wav", wav()),
        source("b.wav", b"no sound at all"),
        Source("c.wav", locked),
        source_of(NOWHERE / "d.wav", "d.wav"),
        source("e.wav", wav(0.001)),
        source("f.wav", wav()),
    ]
    answers = list(classify_all(sources, classifiers, jobs=2))
    assert names(answers) == [f"{letter}.wav" for letter in "abcdef"]
    codes = [answer.error and answer.error.code for answer in answers]
    assert codes == [None, "not_sound", "not_sound", "missing", "too_short", None]
    assert [len(answer.heard) for answer in answers] == [2, 0, 0, 0, 0, 2]
    assert all(answer.name in str(answer.error) for answer in answers[1:4])


def test_what_a_sound_was_opened_from_is_let_go_of_when_it_was_heard(classifiers, tmp_path):
    path = tmp_path / "a.wav"
    events = []

    @contextmanager
    def lent():
        path.write_bytes(wav())
        yield path
        path.unlink()
        events.append("let go")

    answers = classify_all([Source("a.wav", lent)], classifiers)
    assert next(answers).error is None
    assert events == ["let go"]
    assert not path.exists()


def test_few_sounds_are_opened_ahead_of_the_one_waited_for(classifiers):
    asked = []
    may_go = threading.Event()

    def slow():
        may_go.wait(30)
        return nullcontext(wav())

    def endless():
        yield Source("slow", slow)
        for n in range(1000):
            asked.append(n)
            yield source(str(n), wav())
            if n == 20:
                may_go.set()

    answers = classify_all(endless(), classifiers, jobs=2)
    # Were nothing held back, all thousand would be asked for before the slow one is done.
    timer = threading.Timer(0.5, may_go.set)
    timer.start()
    assert next(answers).name == "slow"
    timer.cancel()
    answers.close()
    assert len(asked) < 20


def test_a_stop_ends_it_soon_and_no_answer_follows(classifiers):
    stopped = threading.Event()
    sources = (source(str(n), wav()) for n in range(10_000))
    answers = classify_all(sources, classifiers, jobs=2, should_stop=stopped.is_set)
    assert next(answers).name == "0"
    stopped.set()
    rest = list(answers)
    assert len(rest) <= 8
    assert names(rest) == [str(n + 1) for n in range(len(rest))]


def test_a_stop_ends_a_long_sound_in_its_middle(classifiers, monkeypatch):
    heard_s = []

    def endless(*_, **__):
        return _Endless(heard_s)

    monkeypatch.setattr("urbansound.inference.batch.open_sound", endless)
    heard = classify_all([source("a", b"")], classifiers, should_stop=lambda: len(heard_s) > 20)
    assert list(heard) == []


class _Endless:
    sample_rate = RATE
    facts = None

    def __init__(self, heard_s):
        self._heard_s = heard_s

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __iter__(self):
        while True:
            self._heard_s.append(1)
            yield np.ones(RATE, np.float32)


def test_torch_has_its_threads_back_when_all_is_done_or_given_up(classifiers):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        first, second = (classify_all([source("a", wav())] * 3, classifiers, jobs=2) for _ in "ab")
        next(first)
        next(second)
        assert torch.get_num_threads() == 1
        list(first)
        assert torch.get_num_threads() == 1
        second.close()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_time_of_a_sound_is_told_by_its_parts(classifiers):
    (answer,) = classify_all([source("a", wav(2.0))], classifiers)
    timing = answer.timing
    parts = (timing.decode_s, timing.features_s, timing.network_s)
    assert all(part > 0 for part in parts)
    assert timing.total_s == pytest.approx(sum(parts))


def test_no_sounds_are_no_answers(classifiers):
    assert list(classify_all([], classifiers)) == []
