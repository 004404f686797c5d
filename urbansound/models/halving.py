"""Average pooling over two by two, for arrays that lie channels last."""

from typing import Any

import torch
from torch import Tensor, nn


class Halving(nn.AvgPool2d):
    """The mean of every two by two of [batch, channels, height, width]; an odd last one is left.

    torch's own pooling of channels-last arrays goes value by value, forward and back: it took
    a fifth of a step of the convolutional network. Here whole rows are added at once.
    """

    def __init__(self) -> None:
        super().__init__(2)

    def forward(self, maps: Tensor) -> Tensor:
        """See the class; where torch is quick enough, its own."""
        is_slow = maps.device.type == "cpu" and maps.dim() == 4 and min(maps.shape[2:]) > 1
        if not is_slow or not maps.is_contiguous(memory_format=torch.channels_last):
            return super().forward(maps)
        means: Tensor = _Halved.apply(maps)  # type: ignore[no-untyped-call]
        return means


class _Halved(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, maps: Tensor) -> Tensor:
        context.shape = maps.shape
        n, channels, height, width = maps.shape
        last = maps.permute(0, 2, 3, 1)[:, : height // 2 * 2]
        rows = last.unflatten(1, (-1, 2))
        both = (rows[:, :, 0] + rows[:, :, 1])[:, :, : width // 2 * 2]
        pairs = both.unflatten(2, (-1, 2))
        means = (pairs[:, :, :, 0] + pairs[:, :, :, 1]).mul_(0.25)
        return means.permute(0, 3, 1, 2)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        n, channels, height, width = context.shape
        share = (gradient * 0.25).permute(0, 2, 3, 1)
        whole = share.new_empty if height % 2 == 0 and width % 2 == 0 else share.new_zeros
        spread = whole((n, height, width, channels))
        wide = spread[:, : height // 2 * 2, : width // 2 * 2]
        places = wide.unflatten(2, (-1, 2)).unflatten(1, (-1, 2))
        places.copy_(share[:, :, None, :, None])
        return spread.permute(0, 3, 1, 2)
