"""The article's networks, loaded and run by the article's own classes."""

import math

import pytest
import torch
from torch import nn

from urbansound.errors import BadConfig, BadWeights
from urbansound.models.build import build_model, restore_model
from urbansound.models.catalog import MODELS, find_model_info


class ArticleModel1(nn.Module):
    """The article's first class, as printed."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(40, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.network(x)


class ArticleModel2(nn.Module):
    """The article's second class, as printed."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(40, 128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.ReLU(),
            nn.Linear(256, 512),
            nn.ReLU(),
            nn.Linear(512, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.network(x)


ARTICLE = {"model1": ArticleModel1, "model2": ArticleModel2}


@pytest.mark.parametrize("name", ARTICLE)
def test_saved_weights_give_the_same_outputs_in_the_articles_own_class(name, tmp_path):
    ours = build_model(name, 40, 10, seed=3)
    torch.save(ours.state_dict(), tmp_path / "weights.pth")
    theirs = ARTICLE[name]()
    theirs.load_state_dict(torch.load(tmp_path / "weights.pth"))
    x = torch.randn(7, 40) * 50
    assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize("name", ARTICLE)
def test_logits_have_the_same_winner_as_the_bounded_outputs(name):
    model = build_model(name, 40, 10, seed=1)
    x = torch.randn(200, 40)
    assert torch.equal(model.logits(x).argmax(1), model(x).argmax(1))


@pytest.mark.parametrize("name", ARTICLE)
def test_folded_standardisation_equals_standardised_inputs(name):
    model = build_model(name, 40, 10, seed=2)
    x = torch.randn(50, 40) * 40 - 100
    mean, deviation = x.mean(0), x.std(0)
    expected = model((x - mean) / deviation)
    model.take_scale(mean, deviation)
    assert torch.allclose(model(x), expected, atol=1e-5)


def test_the_same_seed_builds_the_same_numbers_and_leaves_torchs_own_state_alone():
    before = torch.get_rng_state()
    first, second = (build_model("model1", 40, 10, seed=5) for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", MODELS)
def test_catalogue_counts_the_parameters_that_the_network_has(name):
    model = build_model(name, 40, 7, seed=0)
    assert find_model_info(name).n_parameters(40, 7) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("name", "top", "floor"), [("model1", 0.232, 1.461), ("model2", 0.451, 0.797)]
)
def test_bounded_outputs_limit_softmax_and_loss(name, top, floor):
    info = find_model_info(name)
    assert math.isclose(info.max_softmax(), top, abs_tol=5e-4)
    assert math.isclose(info.loss_floor(), floor, abs_tol=5e-4)


def test_an_unknown_model_is_named_with_the_known_ones():
    with pytest.raises(BadConfig, match="model9.*model1, model2"):
        build_model("model9", 40, 10, seed=0)


def test_weights_of_another_model_are_refused():
    weights = build_model("model2", 40, 10, seed=0).state_dict()
    with pytest.raises(BadWeights, match="do not fit model1"):
        restore_model("model1", weights, 10, 40)


def test_complex_weights_are_refused() -> None:
    weights = build_model("model1", 40, 10, seed=0).state_dict()
    first = next(iter(weights))
    with pytest.raises(BadWeights, match="do not fit model1"):
        restore_model("model1", {**weights, first: weights[first].to(torch.complex64)}, 10, 40)
