"""The regularised perceptron: what the article's networks lacked, and nothing else."""

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn

from urbansound.models.catalog import DROPOUT, ModelInfo
from urbansound.models.familiarity import Familiarity
from urbansound.models.network import Network, fold_scale


class Mlp(Network):
    """Linear, batch normalisation, ReLU and dropout, twice; then a linear layer, unbounded.

    Ioffe and Szegedy (2015); Srivastava et al. (2014).
    """

    knows_distances = True

    def __init__(self, info: ModelInfo, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.network = nn.Sequential(*_layers(info, n_features, n_classes))
        self.familiar = Familiarity(n_classes, info.hidden[-1])

    def embed(self, features: Tensor) -> Tensor:
        """See Network."""
        embedding: Tensor = self.network[:-1](features)
        return embedding

    def classify(self, embedding: Tensor) -> Tensor:
        """See Network."""
        logits: Tensor = self.network[-1](embedding)
        return logits

    def distance(self, embedding: Tensor) -> Tensor | None:
        """See Network."""
        distance: Tensor = self.familiar(embedding)
        return distance

    def take_familiar(self, centres: Tensor, whitening: Tensor) -> None:
        """See Network."""
        self.familiar.take(centres, whitening)

    def take_scale(self, mean: Tensor, deviation: Tensor) -> None:
        """See Network: the scale goes into the first layer."""
        first = self.network[0]
        assert isinstance(first, nn.Linear)
        fold_scale(first, mean, deviation)


def _layers(info: ModelInfo, n_features: int, n_classes: int) -> Iterator[nn.Module]:
    sizes = info.sizes(n_features, n_classes)
    for n_in, n_out in pairwise(sizes[:-1]):
        yield nn.Linear(n_in, n_out)
        yield nn.BatchNorm1d(n_out)
        yield nn.ReLU()
        yield nn.Dropout(DROPOUT)
    yield nn.Linear(sizes[-2], sizes[-1])
