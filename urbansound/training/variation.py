"""Log-mel spectrograms varied in training, so that a network learns what does not matter.

Everything works on batches [batch, n_mels, frames] in dB, on whatever device they lie; the
random numbers come from the processor, so that every device sees the same ones.
"""

import torch
from torch import Tensor
from torch.nn import functional

FILTER_DB = 9.0
_FILTER_POINTS = 5
_MASKS = 2
_MASKED_FRAMES = 24
_MASKED_BANDS = 1 / 8


def vary(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Another taking of the same sounds: begun elsewhere, through another room, with gaps."""
    rolled = roll_in_time(spectrograms, random)
    return mask(filter_randomly(rolled, random), random)


def roll_in_time(spectrograms: Tensor, random: torch.Generator) -> Tensor:
    """Each clip begun at another frame; what is cut off at its end stands at its start."""
    n, n_mels, n_frames = spectrograms.shape
    shifts = torch.randint(n_frames, (n, 1), generator=random)
    frames = (torch.arange(n_frames) + shifts) % n_frames
    index = frames[:, None, :].expand(n, n_mels, n_frames).to(spectrograms.device)
    return spectrograms.gather(2, index)


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
