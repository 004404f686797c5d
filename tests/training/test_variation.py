"""Varied spectrograms: what changes, what does not, and the same again for the same numbers."""

import torch

from urbansound.training.variation import FILTER_DB, filter_randomly, mask, roll_in_time, vary


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def spectrograms(n=6, n_mels=16, n_frames=50):
    return torch.randn(n, n_mels, n_frames, generator=random(9)) * 10 - 40


def test_the_same_random_state_varies_alike():
    x = spectrograms()
    assert torch.equal(vary(x, random(1)), vary(x, random(1)))
    assert not torch.equal(vary(x, random(1)), vary(x, random(2)))


def test_a_rolled_clip_holds_the_same_frames_in_the_same_cycle():
    x = spectrograms()
    rolled = roll_in_time(x, random())
    for clip, moved in zip(x, rolled, strict=True):
        shifts = [torch.equal(clip.roll(-by, dims=1), moved) for by in range(clip.shape[1])]
        assert sum(shifts) == 1
    assert not torch.equal(x, rolled)


def test_a_filter_adds_one_smooth_gain_a_band_within_its_limits():
    x = spectrograms()
    gains = filter_randomly(x, random()) - x
    assert torch.allclose(gains, gains[:, :, :1].expand_as(gains), atol=1e-4)
    assert gains.abs().max() <= FILTER_DB + 1e-4
    assert gains.std() > 1
    steps = gains[:, 1:, 0] - gains[:, :-1, 0]
    assert steps.abs().max() < FILTER_DB


def test_masked_stretches_stand_at_the_clips_own_mean_level():
    x = spectrograms()
    masked = mask(x, random())
    changed = masked != x
    assert 0 < changed.float().mean() < 0.9
    level = x.mean(dim=(1, 2), keepdim=True).expand_as(x)
    assert torch.equal(masked[changed], level[changed])
