"""Listening to a sound while it comes, with several models at once."""

import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.inference.by_hand import RATE, card, noise, silence, tone, weights
from urbansound.audio.signal import resample
from urbansound.errors import BadAudio
from urbansound.features.clip import clip_features
from urbansound.features.spec import MFCC_STATISTICS
from urbansound.inference import listen as module
from urbansound.inference.classify import Classifier
from urbansound.inference.listen import listen
from urbansound.labels import SILENCE
from urbansound.models.build import build_model
from urbansound.records import Audio, RunSpec


@pytest.fixture(scope="module")
def classifier():
    return Classifier(card(), weights())


@pytest.fixture(scope="module")
def mlp():
    spec = RunSpec("somewhere", "mlp", MFCC_STATISTICS)
    return Classifier(replace(card(), spec=spec), build_model("mlp", 160, 10, seed=0).state_dict())


@pytest.fixture(scope="module")
def recording():
    """Three quarters of a minute, in which something else is heard every few seconds."""
    parts = [noise(9, level=0.2), tone(11, 440), silence(7), noise(8, seed=1), tone(10.3, 3000)]
    return np.concatenate(parts)


def in_pieces(samples, n=RATE):
    return [samples[start : start + n] for start in range(0, len(samples), n)]


def assert_equal(heard, expected, tolerance=1e-5):
    assert heard.duration_s == expected.duration_s
    for name in ("segments", "events"):
        ours, theirs = getattr(heard, name), getattr(expected, name)
        assert [(s.start_s, s.end_s, s.prediction.label) for s in ours] == [
            (s.start_s, s.end_s, s.prediction.label) for s in theirs
        ]
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(
                a.prediction.probabilities, b.prediction.probabilities, atol=tolerance
            )
    np.testing.assert_allclose(
        heard.prediction.probabilities, expected.prediction.probabilities, atol=tolerance
    )


@pytest.mark.parametrize("seconds", [0.06, 1.3, 4.0, 4.2])
@pytest.mark.parametrize("rate", [RATE, 44100])
def test_a_short_sound_is_heard_as_networks_were_taught(classifier, seconds, rate):
    audio = Audio(np.random.default_rng(5).normal(0, 0.1, round(seconds * rate)).astype("f4"), rate)
    (heard,) = listen(in_pieces(audio.samples, 1000), rate, [classifier])
    row = clip_features(audio, classifier.card.spec.features)
    assert np.array_equal(
        heard.segments[0].prediction.probabilities, classifier_says(classifier, row)
    )
    assert np.array_equal(heard.prediction.probabilities, classifier_says(classifier, row))


def classifier_says(classifier, row):
    return classifier.answer(classifier.embed(row[np.newaxis]))[0][0]


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("n", [777, RATE, 10 * RATE])
def test_it_hears_the_same_however_the_sound_comes_and_whoever_helps(
    classifier, recording, workers, n
):
    expected = classifier.classify(Audio(recording, RATE))
    assert len(expected.segments) == 22
    assert len({s.prediction.best for s in expected.segments}) > 1, "nothing is told apart"
    (heard,) = listen(in_pieces(recording, n), RATE, [classifier], workers=workers)
    assert_equal(heard, expected)


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 96000])
def test_each_window_is_heard_as_if_it_were_the_whole_sound(classifier, rate):
    samples = resample(Audio(noise(9), RATE), rate).samples
    (heard,) = listen(in_pieces(samples), rate, [classifier], workers=2)
    for segment in heard.segments:
        start, end = round(segment.start_s * rate), round(segment.end_s * rate)
        alone = classifier.classify(Audio(samples[start:end], rate)).prediction.probabilities
        np.testing.assert_allclose(segment.prediction.probabilities, alone, atol=1e-5)


def test_several_models_hear_what_each_would_alone(classifier, mlp, recording):
    together = listen(in_pieces(recording), RATE, [classifier, mlp, classifier], workers=2)
    alone = [model.classify(Audio(recording, RATE)) for model in (classifier, mlp, classifier)]
    for heard, expected in zip(together, alone, strict=True):
        assert_equal(heard, expected)


def test_models_that_want_the_same_features_share_them(classifier, mlp, monkeypatch):
    made = []

    def counted(audio, spec):
        made.append(spec)
        return clip_features(audio, spec)

    monkeypatch.setattr(module, "clip_features", counted)
    listen([noise(9)], RATE, [classifier, mlp, classifier])
    assert len(made) == 2 * 4


def test_what_is_heard_comes_in_the_order_of_time_and_is_all_there_is(classifier, recording):
    told = []
    (heard,) = listen(
        in_pieces(recording),
        RATE,
        [classifier],
        workers=3,
        on_heard=lambda new: told.extend(new[0]),
    )
    assert tuple(told) == heard.segments
    assert all(a.start_s < b.start_s for a, b in pairwise(told))


def test_something_is_heard_before_the_sound_has_come_to_its_end(classifier):
    n_given, n_at_first = [], []

    def chunks():
        for second in range(200):
            n_given.append(second)
            yield noise(1, seed=second)

    listen(
        chunks(), RATE, [classifier], workers=2, on_heard=lambda _: n_at_first.append(len(n_given))
    )
    assert n_at_first[0] < 150
    assert len(n_at_first) > 3


def test_told_to_stop_it_answers_for_the_part_that_it_was_given(classifier, recording):
    n_given = []

    def chunks():
        for chunk in in_pieces(recording):
            n_given.append(chunk)
            yield chunk

    (heard,) = listen(chunks(), RATE, [classifier], should_stop=lambda: len(n_given) > 15)
    assert len(n_given) == 16
    assert_equal(heard, classifier.classify(Audio(recording[: 15 * RATE], RATE)))


def test_told_to_stop_at_once_there_is_nothing_to_answer_for(classifier):
    assert listen([noise(9)], RATE, [classifier], should_stop=lambda: True) == []


@pytest.mark.parametrize("chunks", [[], [noise(0)], [noise(0.04)]])
def test_too_little_sound_is_refused(classifier, chunks):
    with pytest.raises(BadAudio, match="at least 50 ms") as refused:
        listen(chunks, RATE, [classifier])
    assert refused.value.code == "too_short"


@pytest.mark.parametrize("workers", [1, 3])
def test_a_sound_that_breaks_off_says_why_and_leaves_nobody_waiting(classifier, workers):
    def chunks():
        yield from in_pieces(noise(100))
        raise BadAudio("It broke.", "crashed")

    with pytest.raises(BadAudio, match="It broke"):
        listen(chunks(), RATE, [classifier], workers=workers)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("listen")]


def test_silence_is_not_shown_to_the_network(classifier, monkeypatch):
    shown = []
    embed = classifier.embed
    monkeypatch.setattr(classifier, "embed", lambda rows: shown.append(len(rows)) or embed(rows))
    (heard,) = listen([silence(21), noise(8)], RATE, [classifier])
    assert sum(shown) == sum(s.prediction.label != SILENCE for s in heard.segments) == 5
    quiet = heard.segments[0].prediction
    np.testing.assert_allclose(quiet.probabilities, 0.1)


def test_a_high_rate_is_heard_a_few_windows_at_a_time(classifier, monkeypatch):
    sizes = []
    hear = module._hear
    monkeypatch.setattr(
        module, "_hear", lambda c, windows: sizes.append(len(windows)) or hear(c, windows)
    )
    listen(in_pieces(np.zeros(768_000 * 20, np.float32), 768_000), 768_000, [classifier])
    assert max(sizes) <= 3


@pytest.mark.parametrize("workers", [1, 2])
def test_torch_has_as_many_threads_as_before(classifier, workers):
    before = torch.get_num_threads()
    listen([noise(9)], RATE, [classifier], workers=workers)
    assert torch.get_num_threads() == before
