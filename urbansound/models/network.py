"""What every network of the app can do, whatever it is made of."""

import torch
from torch import Tensor, nn


class Network(nn.Module):
    """Features in, one number a class out.

    A network is an embedding and last linear layers on it. `forward` gives the outputs
    that the loss is taken of: the logits, unless a network bounds them.
    """

    def embed(self, features: Tensor) -> Tensor:
        """What the last linear layers see: [batch, d] for a batch of features."""
        raise NotImplementedError

    def classify(self, embedding: Tensor) -> Tensor:
        """The last linear layers: logits [batch, classes] of embeddings [batch, d]."""
        raise NotImplementedError

    def logits(self, features: Tensor) -> Tensor:
        """Logits [batch, classes] of a batch of features: what is calibrated."""
        return self.classify(self.embed(features))

    def bound(self, logits: Tensor) -> Tensor:
        """The outputs that the loss is taken of, [batch, classes], from the logits."""
        return logits

    def forward(self, features: Tensor) -> Tensor:
        """The outputs that the loss is taken of, [batch, classes]."""
        return self.bound(self.logits(features))

    def voices(self, varied: Tensor, plain: Tensor) -> list[Tensor]:
        """Outputs [batch, classes] that each learn by a loss of their own.

        A batch comes twice: varied, where the training varies it, and plain.
        """
        del plain
        return [self(varied)]

    def join(self, voices: list[Tensor]) -> Tensor:
        """The network's outputs from those of its voices."""
        return voices[0]

    knows_distances = False

    def distance(self, embedding: Tensor) -> Tensor | None:
        """How far embeddings [batch, d] are from all that was learned; None where unknown."""
        del embedding
        return None

    def take_familiar(self, centres: Tensor, whitening: Tensor) -> None:
        """Keep what `distance` needs, where the network knows distances."""
        raise NotImplementedError

    def take_scale(self, mean: Tensor, deviation: Tensor) -> None:
        """Make a network that works on (x - mean) / deviation take raw x, in place."""
        raise NotImplementedError


@torch.no_grad()
def fold_scale(first: nn.Linear, mean: Tensor, deviation: Tensor) -> None:
    """Make a linear layer trained on (x - mean) / deviation take raw x, in place.

    mean and deviation are [n_features]. W x' + b with x' = (x - mean) / deviation is
    (W / deviation) x + (b - (W / deviation) mean); the sums run in float64.
    """
    weight = first.weight.double() / deviation.double()
    first.bias.copy_(first.bias.double() - weight @ mean.double())
    first.weight.copy_(weight)
