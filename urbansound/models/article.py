"""The article's two networks, with its layers, output activations and state_dict names."""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from urbansound.models.catalog import ModelInfo

_ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class ArticleNetwork(nn.Module):
    """A multilayer perceptron on mean MFCCs, with ReLU between layers and bounded outputs.

    Its one child is `network`, so the keys are the article's: "network.0.weight", …
    """

    def __init__(self, info: ModelInfo, n_features: int = 40, n_classes: int = 10) -> None:
        super().__init__()
        self.network = nn.Sequential(*_layers(info, n_features, n_classes))

    def forward(self, features: Tensor) -> Tensor:
        """Bounded outputs [batch, classes] for raw features [batch, n_features]."""
        outputs: Tensor = self.network(features)
        return outputs

    def logits(self, features: Tensor) -> Tensor:
        """The last linear layer [batch, classes], before the bounded activation.

        The activation is monotonic, so the winner is the same; unlike the outputs, these
        can be calibrated to any probability.
        """
        logits: Tensor = self.network[:-1](features)
        return logits


def _layers(info: ModelInfo, n_features: int, n_classes: int) -> Iterator[nn.Module]:
    sizes = info.sizes(n_features, n_classes)
    for n_in, n_out in pairwise(sizes[:-1]):
        yield nn.Linear(n_in, n_out)
        yield nn.ReLU()
    yield nn.Linear(sizes[-2], sizes[-1])
    yield _ACTIVATIONS[info.output]()


@torch.no_grad()
def fold_standardisation(model: ArticleNetwork, mean: Tensor, deviation: Tensor) -> None:
    """Make a model trained on (x - mean) / deviation take raw x, in place.

    mean and deviation are [n_features]. W x' + b with x' = (x - mean) / deviation is
    (W / deviation) x + (b - (W / deviation) mean); the sums run in float64.
    """
    first = model.network[0]
    assert isinstance(first, nn.Linear)
    weight = first.weight.double() / deviation.double()
    first.bias.copy_(first.bias.double() - weight @ mean.double())
    first.weight.copy_(weight)
