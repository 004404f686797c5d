"""A sound made worse: what each knob does to it, and where a made-up answer flips."""

from dataclasses import replace

import numpy as np
import pytest

from tests.inference.by_hand import card
from urbansound.inference.classify import Classifier
from urbansound.inference.robustness import (
    KNOBS,
    NEUTRAL,
    NO_NOISE_DB,
    Flip,
    Knob,
    Sweep,
    Variation,
    find_flip,
    sweep,
    varied,
    vary,
)
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.models.build import build_model
from urbansound.records import Audio, Prediction

RATE = 44100
SPEED = Knob("speed", (0.5, 0.8, 1.0, 1.2, 2.0))


def tone(hz=440.0, seconds=1.0, level=0.3, rate=RATE):
    times = np.arange(round(seconds * rate)) / rate
    return Audio((level * np.sin(2 * np.pi * hz * times)).astype(np.float32), rate)


def rms(samples):
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def loudest_hz(audio):
    spectrum = np.abs(np.fft.rfft(audio.samples * np.hanning(len(audio.samples))))
    return np.fft.rfftfreq(len(audio.samples), 1 / audio.sample_rate)[spectrum.argmax()]


def classifier():
    return Classifier(card(), build_model("model1", 40, 10, seed=3).state_dict())


def made_up(answers, verdicts=None):
    """A sweep of speed that answers so at its five levels."""
    names = ("siren", "dog_bark", "drilling")
    verdicts = verdicts or [""] * len(answers)
    rows = [np.float32([0.8 if name == answer else 0.1 for name in names]) for answer in answers]
    said = tuple(Prediction(row, names, v) for row, v in zip(rows, verdicts, strict=True))
    return Sweep(SPEED, SPEED.levels, said)


def test_the_neutral_variation_changes_no_sample():
    sound = tone()
    assert np.array_equal(vary(sound, NEUTRAL).samples, sound.samples)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_each_knob_is_neutral_at_one_of_its_rising_levels(knob):
    sound = tone()
    assert knob.neutral in knob.levels
    assert list(knob.levels) == sorted(set(knob.levels))
    assert np.array_equal(vary(sound, knob.at(knob.neutral)).samples, sound.samples)


def test_six_decibels_double_the_level_and_full_scale_is_the_end():
    sound = tone(level=0.3)
    assert np.abs(vary(sound, Variation(gain_db=6.0206)).samples).max() == pytest.approx(0.6, 1e-3)
    loud = vary(sound, Variation(gain_db=40)).samples
    assert np.abs(loud).max() == 1.0
    assert np.mean(np.abs(loud) == 1.0) > 0.9, "a device cuts off what goes beyond full scale"


@pytest.mark.parametrize("noise_db", [-30.0, 0.0])
def test_noise_lies_as_far_from_the_sound_as_is_said_and_is_the_same_each_time(noise_db):
    sound, variation = tone(), Variation(noise_db=noise_db)
    noise = vary(sound, variation).samples - sound.samples
    assert 20 * np.log10(rms(noise) / rms(sound.samples)) == pytest.approx(noise_db, abs=0.01)
    assert np.array_equal(vary(sound, variation).samples - sound.samples, noise)


def test_the_noise_is_pink_as_much_power_in_each_octave():
    sound = tone(seconds=8)
    noise = vary(sound, Variation(noise_db=0.0)).samples - sound.samples
    power = np.abs(np.fft.rfft(noise)) ** 2
    hz = np.fft.rfftfreq(len(noise), 1 / RATE)
    lows = (500, 1000, 2000, 4000)
    octaves = np.array([power[(hz >= low) & (hz < 2 * low)].sum() for low in lows])
    np.testing.assert_allclose(octaves[1:] / octaves[:-1], 1.0, atol=0.15)


def test_a_low_pass_takes_high_tones_leaves_low_ones_and_delays_nothing():
    low, high = tone(300), tone(6000)
    variation = Variation(low_pass_hz=2000)
    inner = slice(2000, -2000)
    np.testing.assert_allclose(
        vary(low, variation).samples[inner], low.samples[inner], atol=0.01 * 0.3
    )
    assert rms(vary(high, variation).samples[inner]) < 0.001 * rms(high.samples)
    border = vary(tone(2000), variation).samples[inner]
    assert 20 * np.log10(rms(border) / rms(tone(2000).samples)) == pytest.approx(-6, abs=0.2)


def test_a_low_pass_above_half_the_rate_changes_nothing():
    sound = tone(rate=8000)
    assert np.array_equal(vary(sound, Variation(low_pass_hz=4000)).samples, sound.samples)


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_speed_changes_pitch_and_length_together(speed):
    sound = vary(tone(440, seconds=2.0), Variation(speed=speed))
    assert sound.duration_s == pytest.approx(2.0 / speed, rel=1e-3)
    assert loudest_hz(sound) == pytest.approx(440 * speed, rel=0.01)


@pytest.mark.parametrize("n_samples", [1, 5, 60])
def test_a_handful_of_samples_survives_every_knob(n_samples):
    sound = Audio(np.full(n_samples, 0.1, np.float32), RATE)
    levels = {"gain_db": 6.0, "noise_db": -10.0, "low_pass_hz": 500.0, "speed": 1.2}
    assert np.isfinite(vary(sound, varied(levels)).samples).all()


def test_silence_gets_no_noise_to_be_compared_with():
    silence = Audio(np.zeros(1000, np.float32), RATE)
    assert not vary(silence, Variation(noise_db=0.0)).samples.any()


def test_a_sweep_says_at_each_level_what_the_network_says_to_that_sound():
    network, sound = classifier(), tone(seconds=0.5)
    knob = KNOBS[2]
    found = sweep(network, sound, knob)
    assert found.levels == knob.levels
    assert found.probabilities.shape == (len(knob.levels), 10)
    for level, row in zip(found.levels, found.probabilities, strict=True):
        alone = network.classify(vary(sound, knob.at(level))).prediction
        np.testing.assert_allclose(row, alone.probabilities, atol=1e-6)
    assert np.ptp(found.probabilities, axis=0).max() > 0.001, "nothing moved: nothing is tested"


def test_levels_that_would_make_a_short_sound_inaudible_are_left_out():
    found = sweep(classifier(), tone(seconds=0.08), SPEED)
    assert found.levels == (0.5, 0.8, 1.0, 1.2)


def test_turned_down_far_enough_a_network_hears_silence():
    gain = next(knob for knob in KNOBS if knob.name == "gain_db")
    found = sweep(classifier(), tone(level=0.1), replace(gain, levels=(-48.0, 0.0)))
    assert found.answers == (SILENCE, found.predictions[1].best)
    assert find_flip(found, upwards=False) == Flip(-48.0, SILENCE)


def test_the_nearest_flip_is_found_on_each_side():
    found = made_up(["drilling", "dog_bark", "siren", "siren", "drilling"])
    assert find_flip(found, upwards=False) == Flip(0.8, "dog_bark")
    assert find_flip(found, upwards=True) == Flip(2.0, "drilling")


def test_an_answer_that_holds_never_flips():
    found = made_up(["siren"] * 5, ["", NOT_SURE, "", NOT_SURE, ""])
    assert find_flip(found, upwards=True) is None
    assert find_flip(found, upwards=False) is None


def test_where_there_is_no_level_on_a_side_there_is_no_flip():
    gain = Knob("noise_db", (NO_NOISE_DB, 0.0))
    said = made_up(["siren", "drilling", "siren", "siren", "siren"]).predictions[:2]
    found = Sweep(gain, gain.levels, said)
    assert find_flip(found, upwards=False) is None
    assert find_flip(found, upwards=True) == Flip(0.0, "drilling")
