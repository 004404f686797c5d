"""The convolutional network on log-mel spectrograms: VGG-like, under a million parameters."""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from urbansound.models.catalog import FIRST_KERNEL, ModelInfo
from urbansound.models.familiarity import Familiarity
from urbansound.models.network import Network

_DROPOUT = 0.3


class Cnn(Network):
    """Convolutions with batch normalisation, two to a pooling; then mean and maximum over time.

    Takes log-mel in dB, [batch, n_mels, frames] of any float type, and hears it relative to
    its loudest point: a clip played louder or softer is the same clip. The bands' mean and the
    common deviation travel in the weights, so that raw features go in anywhere. Simonyan and
    Zisserman (2015); the pooling over time as in Kong et al. (2020).
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, info: ModelInfo, n_mels: int, n_classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_mels, 1))
        self.register_buffer("deviation", torch.ones(()))
        self.layers = nn.Sequential(*_layers(info.hidden))
        self.dropout = nn.Dropout(_DROPOUT)
        self.last = nn.Linear(2 * info.hidden[-1], n_classes)
        self.familiar = Familiarity(n_classes, 2 * info.hidden[-1])

    def embed(self, features: Tensor) -> Tensor:
        """See Network."""
        scaled = (relative_to_peak(features.float()) - self.mean) / self.deviation
        maps = self.layers(scaled[:, None].contiguous(memory_format=torch.channels_last))
        over_time = maps.float().mean(dim=2)
        return torch.cat([over_time.mean(dim=2), over_time.amax(dim=2)], dim=1)

    def classify(self, embedding: Tensor) -> Tensor:
        """See Network."""
        logits: Tensor = self.last(self.dropout(embedding))
        return logits

    def distance(self, embedding: Tensor) -> Tensor | None:
        """See Network."""
        distance: Tensor = self.familiar(embedding)
        return distance

    def take_familiar(self, centres: Tensor, whitening: Tensor) -> None:
        """See Network."""
        self.familiar.take(centres, whitening)

    def take_scale(self, mean: Tensor, deviation: Tensor) -> None:
        """See Network: mean [n_mels, 1] and a single deviation, both relative to the peak."""
        self.mean.copy_(mean)
        self.deviation.copy_(deviation)


def relative_to_peak(spectrograms: Tensor) -> Tensor:
    """Levels in dB below each clip's loudest point, 0 and less: [batch, n_mels, frames]."""
    return spectrograms - spectrograms.amax(dim=(1, 2), keepdim=True)


def _layers(channels: tuple[int, ...]) -> Iterator[nn.Module]:
    yield from _convolution(1, channels[0], FIRST_KERNEL, stride=(1, 2))
    for number, (n_in, n_out) in enumerate(pairwise(channels), start=1):
        yield from _convolution(n_in, n_out, 3)
        if number % 2 and n_out != channels[-1]:
            yield nn.AvgPool2d(2)


def _convolution(
    n_in: int, n_out: int, kernel: int, stride: tuple[int, int] = (1, 1)
) -> Iterator[nn.Module]:
    yield nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, bias=False)
    yield nn.BatchNorm2d(n_out)
    yield nn.ReLU()
