"""Gradients written out are autograd's, and only plain perceptrons are taken."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from urbansound.models.build import build_model
from urbansound.training.hand_gradients import HandGradients


@pytest.mark.parametrize("name", ["model1", "model2"])
@pytest.mark.parametrize("n", [1, 7, 32])
def test_gradients_loss_and_outputs_are_those_of_autograd(name, n):
    model = build_model(name, 40, 10, seed=1)
    random = torch.Generator().manual_seed(n)
    features = torch.randn(n, 40, generator=random)
    labels = torch.randint(10, (n,), generator=random)
    outputs = model(features)
    loss = functional.cross_entropy(outputs, labels)
    wanted = torch.autograd.grad(loss, list(model.parameters()))
    by_hand = HandGradients.of(model)
    assert by_hand is not None
    own_loss, own_outputs = by_hand.learn(features, labels)
    torch.testing.assert_close(own_loss, loss.detach())
    torch.testing.assert_close(own_outputs, outputs.detach())
    for parameter, gradient in zip(model.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-7)


def test_gradients_do_not_add_up_from_batch_to_batch():
    by_hand = HandGradients.of(model := build_model("model1", 40, 10, seed=1))
    assert by_hand is not None
    features, labels = torch.ones(4, 40), torch.arange(4)
    by_hand.learn(features, labels)
    first = [parameter.grad.clone() for parameter in model.parameters()]
    by_hand.learn(features, labels)
    assert all(torch.equal(a, p.grad) for a, p in zip(first, model.parameters(), strict=True))


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_network_with_more_to_it_is_left_to_autograd(name):
    assert HandGradients.of(build_model(name, 160 if name == "mlp" else 64, 10, seed=1)) is None


def test_a_network_that_ends_otherwise_is_left_to_autograd():
    model = nn.Module()
    model.network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2), nn.Softmax(dim=1))
    assert HandGradients.of(model) is None
