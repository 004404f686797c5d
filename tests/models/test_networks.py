"""What every network does alike: logits from embeddings, raw features, saved and back."""

import pytest
import torch

from urbansound.models.build import build_model, restore_model
from urbansound.models.catalog import MODELS, find_model_info
from urbansound.models.cnn import relative_to_peak

N_FEATURES = {"model1": 40, "model2": 40, "mlp": 160, "cnn": 32}


def features(name, n=5):
    generator = torch.Generator().manual_seed(1)
    shape = (n, 32, 60) if name == "cnn" else (n, N_FEATURES[name])
    return torch.randn(shape, generator=generator) * 20 - 30


def trained_a_little(name):
    """A network whose batch statistics are not those it was born with, ready to classify."""
    model = build_model(name, N_FEATURES[name], 4, seed=0)
    model.train()
    for _ in range(3):
        model(features(name) / 20)
    return model.eval()


@pytest.mark.parametrize("name", MODELS)
def test_logits_are_the_last_layer_on_the_embedding(name):
    model, x = trained_a_little(name), features(name)
    assert torch.equal(model.classify(model.embed(x)), model.logits(x))
    assert torch.equal(model.bound(model.logits(x)), model(x))
    assert model.logits(x).shape == (5, 4)


@pytest.mark.parametrize("name", ["model1", "model2", "mlp"])
def test_a_taken_scale_equals_scaled_features(name):
    model, x = trained_a_little(name), features(name)
    expected = model.logits((x - x.mean(0)) / x.std(0))
    model.take_scale(x.mean(0), x.std(0))
    assert torch.allclose(model.logits(x), expected, atol=1e-4)


def test_the_cnn_hears_levels_relative_to_the_peak_on_the_scale_it_took():
    model, x = trained_a_little("cnn"), features("cnn")
    assert torch.allclose(model.logits(x - 20), model.logits(x), atol=1e-4)
    scaled = (relative_to_peak(x) + 30) / 12
    expected = model.layers(scaled[:, None])
    model.take_scale(torch.full((32, 1), -30.0), torch.tensor(12.0))
    over_time = expected.mean(dim=2)
    assert torch.allclose(model.embed(x)[:, : over_time.shape[1]], over_time.mean(2), atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_saved_numbers_give_the_same_network(name):
    model, x = trained_a_little(name), features(name)
    again = restore_model(name, model.state_dict(), 4, N_FEATURES[name])
    assert torch.equal(model.logits(x), again.logits(x))


@pytest.mark.parametrize("name", MODELS)
def test_a_clips_answer_does_not_depend_on_its_batch(name):
    model, x = trained_a_little(name), features(name)
    alone = torch.cat([model.logits(row[None]) for row in x])
    assert torch.allclose(alone, model.logits(x), atol=1e-4)


def test_the_cnn_has_fewer_than_a_million_parameters_and_takes_any_length():
    info = find_model_info("cnn")
    assert info.n_parameters(64, 10) < 1_000_000
    model = build_model("cnn", 64, 10, seed=0).eval()
    assert model(torch.randn(2, 64, 173).half()).shape == (2, 10)
    assert model(torch.randn(2, 64, 44)).shape == (2, 10)


def test_unbounded_outputs_have_no_floor_under_the_loss():
    assert find_model_info("cnn").loss_floor() == 0.0
    assert find_model_info("mlp").max_softmax() == 1.0
