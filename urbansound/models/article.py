"""The article's two networks, with its layers, output activations and state_dict names."""

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn

from urbansound.models.catalog import ModelInfo
from urbansound.models.network import Network, fold_scale

_ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class ArticleNetwork(Network):
    """A multilayer perceptron on mean MFCCs, with ReLU between layers and bounded outputs.

    Its one child is `network`, so the keys are the article's: "network.0.weight", …
    """

    def __init__(self, info: ModelInfo, n_features: int = 40, n_classes: int = 10) -> None:
        super().__init__()
        self.network = nn.Sequential(*_layers(info, n_features, n_classes))

    def embed(self, features: Tensor) -> Tensor:
        """See Network."""
        embedding: Tensor = self.network[:-2](features)
        return embedding

    def classify(self, embedding: Tensor) -> Tensor:
        """The last linear layer [batch, classes], before the bounded activation.

        The activation is monotonic, so the winner is the same; unlike the outputs, these
        can be calibrated to any probability.
        """
        logits: Tensor = self.network[-2](embedding)
        return logits

    def bound(self, logits: Tensor) -> Tensor:
        """See Network: Sigmoid or Tanh, as the article ends."""
        outputs: Tensor = self.network[-1](logits)
        return outputs

    def take_scale(self, mean: Tensor, deviation: Tensor) -> None:
        """See Network: the scale goes into the first layer, so the article's code can load it."""
        first = self.network[0]
        assert isinstance(first, nn.Linear)
        fold_scale(first, mean, deviation)


def _layers(info: ModelInfo, n_features: int, n_classes: int) -> Iterator[nn.Module]:
    assert info.output is not None
    sizes = info.sizes(n_features, n_classes)
    for n_in, n_out in pairwise(sizes[:-1]):
        yield nn.Linear(n_in, n_out)
        yield nn.ReLU()
    yield nn.Linear(sizes[-2], sizes[-1])
    yield _ACTIVATIONS[info.output]()
