"""The convolutional network on log-mel spectrograms: two voices, under a million parameters.

One voice is VGG-like (Simonyan and Zisserman, 2015), pooled over time as in Kong et al. (2020).
The other is a small perceptron on how the levels of each band lie and move: it hears the
colour of a sound, which the first one is taught to disregard. Each learns by itself.
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from urbansound.models.catalog import (
    DROPOUT,
    FIRST_KERNEL,
    LEVEL_UNITS,
    LEVELS_SHARE,
    N_LEVELS,
    ModelInfo,
)
from urbansound.models.familiarity import Familiarity
from urbansound.models.network import Network

_DROPOUT = 0.3
_LEAST_VARIANCE = 1e-12


class Cnn(Network):
    """Takes log-mel in dB, [batch, n_mels, frames] of any float type.

    It hears them relative to their loudest point: a clip played louder or softer is the same
    clip. The bands' mean and the common deviation travel in the weights, so that raw features
    go in anywhere.
    """

    mean: Tensor
    deviation: Tensor

    knows_distances = True

    def __init__(self, info: ModelInfo, n_mels: int, n_classes: int) -> None:
        super().__init__()
        self._d = 2 * info.hidden[-1]
        self.register_buffer("mean", torch.zeros(n_mels, 1))
        self.register_buffer("deviation", torch.ones(()))
        self.layers = nn.Sequential(*_layers(info.hidden))
        self.dropout = nn.Dropout(_DROPOUT)
        self.last = nn.Linear(self._d, n_classes)
        self.levels = nn.Sequential(*_level_layers(N_LEVELS * n_mels))
        self.last_of_levels = nn.Linear(LEVEL_UNITS[-1], n_classes)
        self.familiar = Familiarity(n_classes, self._d + LEVEL_UNITS[-1])

    def embed(self, features: Tensor) -> Tensor:
        """See Network: the convolutions' embedding, then that of the levels."""
        scaled = self._scaled(features)
        return torch.cat([self._embed_course(scaled), self.levels(band_levels(scaled))], dim=1)

    def classify(self, embedding: Tensor) -> Tensor:
        """See Network."""
        course, levels = embedding[:, : self._d], embedding[:, self._d :]
        return self.join([self._classify_course(course), self.last_of_levels(levels)])

    def voices(self, varied: Tensor, plain: Tensor) -> list[Tensor]:
        """See Network: the convolutions hear the varied batch, the levels the plain one."""
        scaled = self._scaled(plain)
        own = scaled if varied is plain else self._scaled(varied)
        course = self._classify_course(self._embed_course(own))
        with torch.autocast(plain.device.type, enabled=False):
            levels = self.levels(band_levels(scaled))
            return [course, self.last_of_levels(levels)]

    def join(self, voices: list[Tensor]) -> Tensor:
        """See Network: a weighted mean of logits."""
        course, levels = voices
        return (1 - LEVELS_SHARE) * course + LEVELS_SHARE * levels

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

    def _scaled(self, features: Tensor) -> Tensor:
        return (relative_to_peak(features.float()) - self.mean) / self.deviation

    def _embed_course(self, scaled: Tensor) -> Tensor:
        # One channel lies both first and last; torch takes it for last only by its strides.
        maps = self.layers(scaled.contiguous()[..., None].permute(0, 3, 1, 2))
        # Channels last from here on, too: their gradients come back as the maps lie.
        over_time = maps.permute(0, 2, 3, 1).float().mean(dim=1)
        return torch.cat([over_time.mean(dim=1), over_time.amax(dim=1)], dim=1)

    def _classify_course(self, embedding: Tensor) -> Tensor:
        logits: Tensor = self.last(self.dropout(embedding))
        return logits


def relative_to_peak(spectrograms: Tensor) -> Tensor:
    """Levels in dB below each clip's loudest point, 0 and less: [batch, n_mels, frames]."""
    return spectrograms - spectrograms.amax(dim=(1, 2), keepdim=True)


def band_levels(spectrograms: Tensor) -> Tensor:
    """How each band lies and moves over time: [batch, N_LEVELS * n_mels].

    Mean and deviation, and the deviations of first and second differences.
    """
    steps = spectrograms.diff(dim=2)
    deviations = [_deviation(part) for part in (spectrograms, steps, steps.diff(dim=2))]
    return torch.cat([spectrograms.mean(dim=2), *deviations], dim=1)


def _deviation(values: Tensor) -> Tensor:
    """What std(dim=2) is, in a third of its time."""
    squares = (values - values.mean(dim=2, keepdim=True)).square()
    variance = squares.sum(dim=2) / (values.shape[2] - 1)
    # Where a band stands still the root has no slope that is a number.
    return variance.clamp_min(_LEAST_VARIANCE).sqrt()


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
    yield nn.ReLU(inplace=True)


def _level_layers(n_levels: int) -> Iterator[nn.Module]:
    yield nn.BatchNorm1d(n_levels)
    for n_in, n_out in pairwise((n_levels, *LEVEL_UNITS)):
        yield nn.Linear(n_in, n_out)
        yield nn.BatchNorm1d(n_out)
        yield nn.ReLU()
        yield nn.Dropout(DROPOUT)
