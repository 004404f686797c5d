"""What drove an answer: maps over spectrograms, parts of sounds, numbers, and time shuffled."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.inference.by_hand import card as blank_card
from urbansound.features.mfcc import mean_mfcc, mel_band_edges, mfcc
from urbansound.features.spec import LOGMEL, LOGMEL_STATISTICS, MFCC40, MFCC_STATISTICS
from urbansound.inference.attribution import (
    average_features,
    contributions,
    feature_names,
    integrated_gradients,
)
from urbansound.inference.classify import Classifier
from urbansound.inference.explain import LEFT, DecisionMap, map_decision
from urbansound.inference.masking import keep_part, mask_sound, part_mask
from urbansound.inference.resynthesis import sound_of_means
from urbansound.inference.shuffling import shuffle_time
from urbansound.models.build import build_model
from urbansound.models.network import Network, fold_scale
from urbansound.records import Audio, TrainConfig

RATE = 22050
FEATURES = {"model1": MFCC40, "mlp": MFCC_STATISTICS, "cnn": LOGMEL}


def card(model, **about):
    return replace(blank_card(model=model, features=FEATURES[model]), **about)


def classifier(model, n_features):
    return Classifier(card(model), build_model(model, n_features, 10, seed=2).state_dict())


class BandsAgainst(Network):
    """Hears how far some bands stand above the average level: class 0; the rest: class 1."""

    def __init__(self, bands):
        super().__init__()
        self.bands = bands

    def embed(self, features):
        relative = features - features.amax(dim=(1, 2), keepdim=True)
        power = 10 ** (relative / 10)
        inside = power[:, self.bands].sum(dim=(1, 2))
        outside = power.sum(dim=(1, 2)) - inside
        return torch.stack([inside, outside], dim=1) / 50

    def classify(self, embedding):
        return torch.cat([embedding, embedding.new_zeros(len(embedding), 8)], dim=1)


def noise(seconds=4.0, seed=0, level=0.1):
    samples = level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Audio(samples.astype(np.float32), RATE)


def tone(hz, start_s, end_s, seconds=4.0, level=0.5):
    times = np.arange(round(seconds * RATE)) / RATE
    is_on = (times >= start_s) & (times < end_s)
    return (level * np.sin(2 * np.pi * hz * times) * is_on).astype(np.float32)


@pytest.fixture
def planted():
    """A high tone and a low one in noise, a network that listens for the high one, its bands."""
    centres_hz = mel_band_edges(RATE, LOGMEL.n_mels)[1:-1]
    bands = slice(int(np.searchsorted(centres_hz, 2700)), int(np.searchsorted(centres_hz, 3400)))
    samples = noise(level=0.002).samples + tone(3000, 1.0, 2.0) + tone(500, 2.5, 3.5)
    network = classifier("cnn", LOGMEL.n_mels)
    network.network = BandsAgainst(bands).eval()
    # The answers of the network by hand come as they are: there is nothing that it learned.
    network.network.distance = lambda embedding: None
    return Audio(samples, RATE), network, bands


def test_the_map_of_a_planted_tone_lies_where_the_tone_is(planted):
    sound, network, bands = planted
    drove = map_decision(network, sound, class_id=0)
    most = np.argwhere(drove.ranks > 0.97)
    frames = most[:, 1] * LOGMEL.hop_length / RATE
    is_there = (frames > 0.9) & (frames < 2.1)
    is_there &= (most[:, 0] >= bands.start - 4) & (most[:, 0] < bands.stop + 4)
    area = 1.2 / 4 * (bands.stop - bands.start + 8) / LOGMEL.n_mels
    assert is_there.mean() > 0.6 > 5 * area


def test_the_part_holds_the_tone_that_counted_and_the_rest_the_other_one(planted):
    sound, network, _ = planted
    parts = keep_part(sound, map_decision(network, sound, class_id=0), 0.1, LOGMEL)

    def level(audio, start_s, end_s):
        return np.sqrt(np.mean(audio.samples[int(start_s * RATE) : int(end_s * RATE)] ** 2))

    assert level(parts.part, 1.2, 1.8) > 0.7 * level(sound, 1.2, 1.8)
    assert level(parts.rest, 1.2, 1.8) < 0.3 * level(sound, 1.2, 1.8)
    said = [network.chances([audio])[0].argmax() for audio in (parts.part, parts.rest)]
    assert said == [0, 1]


def test_ranks_order_all_that_sounds_and_nothing_else():
    sound = noise(1.5)
    drove = map_decision(classifier("cnn", LOGMEL.n_mels), sound)
    sounds = drove.levels_db > drove.levels_db.min()
    assert 0 < sounds.mean() < 0.5, "most of the 4 s is silence that fills up"
    np.testing.assert_allclose(
        np.sort(drove.ranks[sounds]), np.arange(1, sounds.sum() + 1) / sounds.sum(), rtol=1e-5
    )
    assert not drove.ranks[~sounds].any()


def test_the_same_sound_has_the_same_map_and_the_network_stays_as_it_was():
    network = classifier("cnn", LOGMEL.n_mels)
    before = {name: value.clone() for name, value in network.network.state_dict().items()}
    first, second = (map_decision(network, noise(2.0)).ranks for _ in range(2))
    assert np.array_equal(first, second)
    assert all(torch.equal(before[n], v) for n, v in network.network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.network.parameters())


def test_silence_has_an_empty_map():
    drove = map_decision(classifier("cnn", LOGMEL.n_mels), Audio(np.zeros(RATE, np.float32), RATE))
    assert not drove.ranks.any()


def test_a_mask_of_ones_gives_the_sound_back():
    wave = noise(2.3).samples
    frames = 1 + 4 * RATE // LOGMEL.hop_length
    whole = mask_sound(wave, np.ones((LOGMEL.n_mels, frames), np.float32), LOGMEL)
    np.testing.assert_allclose(whole, wave, atol=1e-3 * np.abs(wave).max())


@pytest.mark.parametrize("n_samples", [1, 300, 2048])
def test_a_mask_of_zeros_leaves_nothing_however_short_the_sound(n_samples):
    wave = noise().samples[:n_samples]
    frames = 1 + 4 * RATE // LOGMEL.hop_length
    for level in (0.0, 1.0):
        mask = np.full((LOGMEL.n_mels, frames), level, np.float32)
        masked = mask_sound(wave, mask, LOGMEL)
        assert masked.shape == wave.shape
        np.testing.assert_allclose(masked, level * wave, atol=1e-4)


def any_map(seed=0):
    ranks = np.random.default_rng(seed).permutation(64 * 173) / (64 * 173)
    return DecisionMap(np.zeros((64, 173), np.float32), ranks.reshape(64, 173), 0)


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_the_part_and_the_rest_are_the_whole(share):
    sound = noise(3.0)
    parts = keep_part(sound, any_map(), share, LOGMEL)
    assert np.array_equal(parts.whole.samples, sound.samples)
    np.testing.assert_allclose(parts.part.samples + parts.rest.samples, sound.samples, atol=1e-6)


def test_all_of_the_sound_leaves_the_rest_26_decibels_softer():
    sound = noise(3.0)
    parts = keep_part(sound, any_map(), 1.0, LOGMEL)
    np.testing.assert_allclose(parts.rest.samples, LEFT * sound.samples, atol=1e-4)
    assert 20 * np.log10(LEFT) == pytest.approx(-26, abs=0.1)


def test_a_part_is_at_the_networks_rate_and_no_longer_than_it_hears():
    parts = keep_part(Audio(noise(4.2).samples, RATE), any_map(), 0.3, LOGMEL)
    assert parts.part.duration_s == pytest.approx(4.0, abs=1e-3)
    other_rate = Audio(np.repeat(noise(1.0).samples, 2), 2 * RATE)
    assert keep_part(other_rate, any_map(), 0.3, LOGMEL).part.sample_rate == RATE


def test_a_mask_covers_the_share_that_was_asked_for():
    for share in (0.1, 0.25, 0.5):
        assert part_mask(any_map(), share).mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(("model", "n_features"), [("model1", 40), ("mlp", 160)])
def test_integrated_gradients_add_up_to_the_difference_of_the_logits(model, n_features):
    network = classifier(model, n_features).network
    rng = np.random.default_rng(1)
    start, end = rng.standard_normal((2, n_features)).astype(np.float32)
    amounts = integrated_gradients(network, end, start, class_id=4)
    with torch.no_grad():
        logits = network.logits(torch.from_numpy(np.stack([start, end])))[:, 4]
    assert abs(logits[1] - logits[0]) > 0.01
    assert amounts.sum() == pytest.approx(float(logits[1] - logits[0]), rel=0.02)


def test_contributions_are_the_strongest_first_and_add_up():
    network, sound = classifier("model1", 40), noise(2.0)
    found = contributions(network, sound, class_id=3)
    assert [abs(one.amount) for one in found] == sorted(
        (abs(one.amount) for one in found), reverse=True
    )
    values = {one.name: one.value for one in found}
    assert values["1: overall loudness"] == pytest.approx(mean_mfcc(sound, MFCC40)[0])
    average = average_features(network.network, network.card)
    with torch.no_grad():
        rows = torch.from_numpy(np.stack([network.rows([sound])[0], average]))
        logits = network.network.logits(rows)[:, 3]
    assert sum(one.amount for one in found) == pytest.approx(float(logits[0] - logits[1]), rel=0.02)


def test_the_average_clip_is_read_out_of_the_first_layer():
    rng = np.random.default_rng(0)
    mean = rng.normal(-20, 50, 40).astype(np.float32)
    deviation = np.linspace(80, 2, 40, dtype=np.float32)
    model = build_model("model1", 40, 10, seed=0)
    model.take_scale(torch.from_numpy(mean), torch.from_numpy(deviation))
    found = average_features(model, card("model1"))
    assert np.abs((found - mean) / deviation).max() < 0.6
    assert np.abs(mean / deviation).max() > 3, "zero would have done as well"


def test_batch_normalisation_knows_the_average_clip_exactly():
    model = build_model("mlp", 160, 10, seed=0).eval()
    mean = np.random.default_rng(0).standard_normal(160).astype(np.float32)
    linear, normalisation = model.network[0], model.network[1]
    with torch.no_grad():
        normalisation.running_mean.copy_(linear(torch.from_numpy(mean)))
    np.testing.assert_allclose(average_features(model, card("mlp")), mean, atol=1e-3)


def test_without_a_scale_nothing_is_known_of_the_average():
    plain = card("model1")
    plain = replace(plain, spec=replace(plain.spec, train=TrainConfig(standardise=False)))
    assert not average_features(build_model("model1", 40, 10, seed=0), plain).any()


def test_every_number_has_a_name_of_its_own():
    for spec, n in ((MFCC40, 40), (MFCC_STATISTICS, 160), (LOGMEL_STATISTICS, 256)):
        names = feature_names(spec)
        assert len(names) == len(set(names)) == n
    assert feature_names(MFCC40)[0] == "1: overall loudness"


def test_the_second_number_rises_where_a_sound_is_darker():
    dark, bright = (mean_mfcc(Audio(tone(hz, 0, 4), RATE), MFCC40)[1] for hz in (200, 6000))
    assert dark > bright


def test_a_shuffled_sound_keeps_its_length_loudness_and_mean_features():
    swell = 0.02 + np.linspace(0, 1, 4 * RATE, dtype=np.float32) ** 3
    sound = Audio(swell * noise().samples, RATE)
    shuffled = shuffle_time(sound, seed=1)
    assert shuffled.samples.shape == sound.samples.shape
    parts = [np.split(audio.samples, 4)[-1] for audio in (sound, shuffled)]
    assert np.std(parts[1]) < 0.8 * np.std(parts[0]), "the loud end is no longer at the end"
    assert np.std(shuffled.samples) == pytest.approx(np.std(sound.samples), rel=0.05)
    before, after = (mean_mfcc(audio, MFCC40) for audio in (sound, shuffled))
    swing = mfcc(sound.samples, MFCC40).std(axis=1).max()
    assert np.abs(after - before).max() < 0.2 * swing


def test_shuffled_frames_have_exactly_the_same_means():
    frames = mfcc(noise().samples, MFCC40)
    order = np.random.default_rng(0).permutation(frames.shape[1])
    np.testing.assert_allclose(frames[:, order].mean(axis=1), frames.mean(axis=1), atol=1e-3)


def test_a_network_of_means_answers_a_shuffled_sound_as_before():
    network = classifier("model1", 40)
    fold_scale(network.network.network[0], torch.zeros(40), torch.full((40,), 50.0))
    sound = Audio(noise().samples + tone(700, 0, 1.5), RATE)
    before, after = network.chances([sound, shuffle_time(sound, seed=0)])
    assert np.ptp(before) > 0.01
    np.testing.assert_allclose(after, before, atol=0.01)


def test_another_seed_is_another_order_and_the_same_seed_the_same():
    sound = noise(1.0)
    first, again, other = (shuffle_time(sound, seed).samples for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n_samples", [1, 500, 2500])
def test_a_sound_of_one_piece_stays_as_it_is(n_samples):
    sound = Audio(noise().samples[:n_samples], RATE)
    assert np.array_equal(shuffle_time(sound, 0).samples, sound.samples)


def test_steady_noise_can_have_the_means_of_any_sound():
    barks = Audio(noise(level=0.01).samples + tone(700, 0.5, 1) + tone(1500, 2, 2.4), RATE)
    means = mean_mfcc(barks, MFCC40)
    alike = sound_of_means(means, MFCC40, 4.0)
    assert alike.duration_s == 4.0
    np.testing.assert_allclose(mean_mfcc(alike, MFCC40), means, atol=1.0)
    assert np.abs(means - mean_mfcc(noise(), MFCC40)).max() > 50, "any noise would have done"
