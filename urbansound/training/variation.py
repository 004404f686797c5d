"""Log-mel spectrograms varied in training, so that a network learns what does not matter.

Everything works on batches [batch, n_mels, frames] in dB, on whatever device they lie; the
random numbers come from the processor, so that every device sees the same ones.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from urbansound.stages import staged

FILTER_DB = 9.0
_FILTER_POINTS = 5
_LEVELS_ALPHA = 0.4
# Bands that never move are told apart from none.
_LEAST_DB = 0.01
_MASKS = 2
_MASKED_FRAMES = 24
_MASKED_BANDS = 1 / 8


@staged("order and batch")
def vary(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Another taking of the same sounds: begun elsewhere, through another room, with gaps."""
    rolled = mix_band_levels(roll_in_time(spectrograms, random), random)
    return mask(filter_randomly(rolled, random), random)


def roll_in_time(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Each clip begun at another frame; what is cut off at its end stands at its start."""
    n, n_mels, n_frames = spectrograms.shape
    shifts = torch.randint(n_frames, (n, 1), generator=random)
    frames = (torch.arange(n_frames) + shifts) % n_frames
    index = frames[:, None, :].expand(n, n_mels, n_frames).to(spectrograms.device)
    return spectrograms.gather(2, index)


def mix_band_levels(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Every other batch: each clip's bands take on part of the levels of another clip's.

    Mean and deviation of every band over time are moved toward those of a clip of the same
    batch, by a share from Beta(0.4, 0.4): the sound stays, its colour is that of another
    recording. MixStyle (Zhou et al., 2021) over frequency, as in Kim et al. (2022).
    """
    seed = int(torch.randint(2**62, (), generator=random))
    other = torch.randperm(len(spectrograms), generator=random).to(spectrograms.device)
    own = np.random.default_rng(seed)
    if own.random() < 0.5:
        return spectrograms
    shares = own.beta(_LEVELS_ALPHA, _LEVELS_ALPHA, (len(spectrograms), 1, 1))
    kept = torch.from_numpy(shares).float().to(spectrograms.device)
    mean = spectrograms.mean(dim=2, keepdim=True)
    deviation = spectrograms.std(dim=2, keepdim=True) + _LEAST_DB
    mixed_mean = kept * mean + (1 - kept) * mean[other]
    mixed_deviation = kept * deviation + (1 - kept) * deviation[other]
    return (spectrograms - mean) / deviation * mixed_deviation + mixed_mean


def filter_randomly(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Each clip's bands raised and lowered along a smooth curve, up to FILTER_DB each way.

    Another microphone, distance or room colours a sound so (Nam et al., 2022).
    """
    n, n_mels, _ = spectrograms.shape
    points = _uniform((n, 1, _FILTER_POINTS), random, low=-FILTER_DB, high=FILTER_DB)
    curves = functional.interpolate(points, size=n_mels, mode="linear", align_corners=True)
    return spectrograms + curves.transpose(1, 2).to(spectrograms.device)


def mask(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Stretches of time and of bands set to each clip's mean level: SpecAugment (Park, 2019)."""
    n, n_mels, n_frames = spectrograms.shape
    is_masked = torch.zeros(n, n_mels, n_frames, dtype=torch.bool)
    for _ in range(_MASKS):
        is_masked |= _stretches(n, n_frames, _MASKED_FRAMES, random)[:, None, :]
        is_masked |= _stretches(n, n_mels, _MASKED_BANDS * n_mels, random)[:, :, None]
    level = spectrograms.mean(dim=(1, 2), keepdim=True)
    return torch.where(is_masked.to(spectrograms.device), level, spectrograms)


def _stretches(n: int, length: int, longest: float, random: torch.Generator) -> Tensor:
    """A mask [n, length] with one stretch a row, up to `longest` long."""
    widths = _uniform((n, 1), random, low=0.0, high=longest)
    starts = _uniform((n, 1), random, low=0.0, high=1.0) * (length - widths)
    places = torch.arange(length)
    return (places >= starts) & (places < starts + widths)


def _uniform(shape: tuple[int, ...], random: torch.Generator, *, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=random)
