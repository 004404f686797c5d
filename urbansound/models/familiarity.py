"""How far an embedding is from all that a network learned: numbers that travel in the weights."""

import torch
from torch import Tensor, nn

# The directions in which embeddings of one class differ most; the others are mostly rounding.
RANK = 64


class Familiarity(nn.Module):
    """Mahalanobis distance to the nearest class, as in evaluation.novelty.

    centres are [classes, d], whitening [d, rank]; both are zero, and so is every distance,
    until they are taken from what was learned.
    """

    centres: Tensor
    whitening: Tensor

    def __init__(self, n_classes: int, d: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(n_classes, d))
        self.register_buffer("whitening", torch.zeros(d, min(d, RANK)))

    def forward(self, embeddings: Tensor) -> Tensor:
        """Distances [batch] of embeddings [batch, d]."""
        differences = (embeddings[:, None] - self.centres) @ self.whitening
        distances: Tensor = differences.norm(dim=2).amin(dim=1)
        return distances

    def take(self, centres: Tensor, whitening: Tensor) -> None:
        """Keep what was fitted, [classes, d] and [d, r], the widest directions last."""
        widest = whitening[:, -self.whitening.shape[1] :]
        self.centres.copy_(centres)
        self.whitening[:, : widest.shape[1]].copy_(widest)
