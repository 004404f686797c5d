"""A saved model that listens: its answers for short, long, silent and too short sounds."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.inference.by_hand import RATE, card, noise, silence, sound, tone, weights
from urbansound.audio.signal import cut
from urbansound.errors import BadAudio, BadWeights
from urbansound.features.spec import MFCC40, MFCC_STATISTICS
from urbansound.inference.classify import Classifier
from urbansound.labels import NOT_SURE, SILENCE, URBAN_SOUND_NAMES
from urbansound.models.build import build_model
from urbansound.records import Audio, Calibration, RunSpec


@pytest.fixture
def classifier():
    return Classifier(card(), weights())


def test_a_short_sound_is_one_window_and_its_answer_is_that_window(classifier):
    heard = classifier.classify(sound(noise(2)))
    assert len(heard.segments) == 1
    assert (heard.segments[0].start_s, heard.segments[0].end_s) == (0.0, 2.0)
    assert heard.prediction.label == heard.segments[0].prediction.label
    assert heard.prediction.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert heard.prediction.labels == URBAN_SOUND_NAMES
    assert heard.duration_s == 2.0


def test_the_whole_is_the_mean_of_its_windows_and_each_window_is_heard_on_its_own(classifier):
    audio = sound(noise(4), tone(4), tone(3, 2500))
    heard = classifier.classify(audio)
    alone = [
        classifier.classify(cut(audio, s.start_s, s.end_s)).prediction.probabilities
        for s in heard.segments
    ]
    assert len(alone) == 5
    assert np.ptp(alone, axis=0).max() > 0.01, "all windows sounded the same: nothing is tested"
    for segment, chances in zip(heard.segments, alone, strict=True):
        np.testing.assert_allclose(segment.prediction.probabilities, chances, atol=1e-5)
    np.testing.assert_allclose(heard.prediction.probabilities, np.mean(alone, axis=0), atol=1e-5)


def test_silent_windows_are_named_and_do_not_dilute_the_whole(classifier):
    heard = classifier.classify(sound(noise(4), silence(6)))
    labels = [segment.prediction.label for segment in heard.segments]
    assert labels[-2:] == [SILENCE, SILENCE]
    assert SILENCE not in labels[:2]
    loud = [s.prediction.probabilities for s in heard.segments if s.prediction.label != SILENCE]
    np.testing.assert_allclose(heard.prediction.probabilities, np.mean(loud, axis=0), atol=1e-6)
    assert all(event.end_s <= 6 for event in heard.events)


@pytest.mark.parametrize("seconds", [1, 9])
def test_nothing_but_silence_is_silence_and_no_event(classifier, seconds):
    heard = classifier.classify(sound(silence(seconds)))
    assert heard.prediction.label == SILENCE
    assert heard.events == ()


@pytest.mark.parametrize("level", [1.0, 0.1, -0.7])
@pytest.mark.parametrize("seconds", [1, 9])
def test_a_constant_is_silence_whatever_its_level(classifier, seconds, level):
    heard = classifier.classify(sound(np.full(round(seconds * RATE), level, np.float32)))
    assert heard.prediction.label == SILENCE
    assert heard.events == ()


def test_a_sound_on_top_of_a_constant_is_no_silence(classifier):
    assert classifier.classify(sound(noise(1) + 0.3)).prediction.label != SILENCE


def test_below_the_threshold_the_answer_is_not_sure_but_still_knows_its_best(classifier):
    audio = sound(noise(2))
    confidence = classifier.classify(audio).prediction.confidence
    just_below = Classifier(card(threshold=confidence - 0.001), weights())
    just_above = Classifier(card(threshold=confidence + 0.001), weights())
    assert just_below.classify(audio).prediction.label in URBAN_SOUND_NAMES
    unsure = just_above.classify(audio).prediction
    assert unsure.label == NOT_SURE
    assert unsure.best == just_below.classify(audio).prediction.best


def test_temperature_changes_confidence_and_never_the_winner(classifier):
    audio = sound(noise(1), tone(2))
    cold = Classifier(card(temperature=0.2), weights()).classify(audio).prediction
    hot = Classifier(card(temperature=5.0), weights()).classify(audio).prediction
    assert cold.best == hot.best == classifier.classify(audio).prediction.best
    assert cold.confidence > classifier.classify(audio).prediction.confidence > hot.confidence


def test_the_rate_of_the_file_hardly_matters(classifier):
    def at(rate):
        times = np.arange(2 * rate) / rate
        wave = sum(np.sin(2 * np.pi * hz * times) for hz in (300, 900, 2700)) / 6
        return classifier.classify(Audio(wave.astype(np.float32), rate)).prediction

    assert at(44100).best == at(22050).best
    np.testing.assert_allclose(at(44100).probabilities, at(22050).probabilities, atol=0.05)


@pytest.mark.parametrize("n_samples", [1, 400])
def test_a_sound_too_short_to_hear_is_refused_in_words(classifier, n_samples):
    with pytest.raises(BadAudio, match="at least 50 ms are needed") as refused:
        classifier.classify(Audio(np.ones(n_samples, np.float32), RATE))
    assert refused.value.code == "too_short"


def test_a_model_trained_on_other_features_is_refused():
    spec = replace(card().spec, features=replace(MFCC40, n_mels=64))
    with pytest.raises(BadWeights, match="other features"):
        Classifier(replace(card(), spec=spec), weights())


def familiar_mlp(max_distance):
    """An mlp that knows silence-like features only: everything else is far from them."""
    model = build_model("mlp", 160, 10, seed=0).eval()
    model.take_familiar(torch.zeros(10, 128), torch.eye(128)[:, :64])
    spec = RunSpec("somewhere", "mlp", MFCC_STATISTICS)
    calibration = Calibration(1.0, 0.0, max_distance)
    return Classifier(replace(card(), spec=spec, calibration=calibration), model.state_dict())


def test_what_is_far_from_everything_learned_is_not_sure_and_strange():
    sound = Audio(noise(2.0), RATE)
    near = familiar_mlp(1e9).classify(sound).prediction
    far = familiar_mlp(1e-9).classify(sound).prediction
    assert (near.label, near.is_strange) == (near.best, False)
    assert (far.label, far.is_strange) == (NOT_SURE, True)
    assert np.array_equal(near.probabilities, far.probabilities)


def test_without_a_known_limit_nothing_is_strange():
    assert not familiar_mlp(None).classify(Audio(noise(2.0), RATE)).prediction.is_strange


def test_silence_stays_silence_however_strange():
    silent = familiar_mlp(1e-9).classify(Audio(np.zeros(2 * RATE, np.float32), RATE)).prediction
    assert (silent.label, silent.is_strange) == (SILENCE, False)


def test_a_long_sound_is_strange_where_most_of_its_windows_are():
    heard = familiar_mlp(1e-9).classify(Audio(noise(9.0), RATE))
    assert heard.prediction.is_strange
    assert all(segment.prediction.is_strange for segment in heard.segments)
    assert heard.events == ()
