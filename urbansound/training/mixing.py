"""Mixup (Zhang et al., 2018): pairs of clips laid over one another, with both their labels."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from urbansound.stages import staged
from urbansound.training.parallel import Share


@dataclass(frozen=True)
class Mixture:
    """Whose labels a batch bears: `labels` with weight `share`, `others` with the rest.

    `order` [batch] says which clip of the batch each one is mixed with.
    """

    labels: Tensor
    others: Tensor | None = None
    order: Tensor | None = None
    share: float = 1.0

    @staged("order and batch")
    def blend(self, features: Tensor) -> Tensor:
        """The batch's features [batch, …] mixed as its labels are."""
        if self.order is None:
            return features
        return self.share * features + (1 - self.share) * features[self.order]

    def part(self, share: Share) -> "Mixture":
        """The labels of a share of the batch; its features are blended before."""
        if share.is_whole:
            return self
        others = None if self.others is None else share.of(self.others)
        return replace(self, labels=share.of(self.labels), others=others, order=None)


@staged("order and batch")
def mixture_of(labels: Tensor, alpha: float, random: torch.Generator) -> Mixture:
    """How a batch with these labels [batch] is mixed with itself; not at all for alpha 0.

    The share is drawn from Beta(alpha, alpha), once a batch, and is at least a half, so that
    `labels` stay those of the louder clips.
    """
    if alpha <= 0:
        return Mixture(labels)
    share, order = draw_mixture(len(labels), alpha, random)
    order = order.to(labels.device)
    return Mixture(labels, labels[order], order, share)


def draw_mixture(n_rows: int, alpha: float, random: torch.Generator) -> tuple[float, Tensor]:
    """The share of the louder clips, and the order [n_rows] of the others."""
    seed = int(torch.randint(2**62, (), generator=random))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    return max(share, 1 - share), torch.randperm(n_rows, generator=random)


def mixed_loss(outputs: Tensor, mixture: Mixture) -> Tensor:
    """Cross-entropy (nats) of outputs [batch, classes] against the mixture's labels."""
    loss = functional.cross_entropy(outputs, mixture.labels)
    if mixture.others is None:
        return loss
    other = functional.cross_entropy(outputs, mixture.others)
    return mixture.share * loss + (1 - mixture.share) * other
