"""Varied spectrograms: what changes, what does not, and the same again for the same numbers."""

import torch

from urbansound.training.variation import (
    FILTER_DB,
    filter_randomly,
    mask,
    mix_band_levels,
    roll_in_time,
    vary,
)


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


def test_mixed_levels_are_between_two_clips_own_and_the_course_of_time_stays():
    x = spectrograms()
    batches = [mix_band_levels(x, random(seed)) for seed in range(12)]
    changed = [mixed for mixed in batches if not torch.equal(mixed, x)]
    assert 0 < len(changed) < len(batches)
    means = x.mean(dim=2)
    for mixed in changed:
        assert torch.isfinite(mixed).all()
        own = mixed.mean(dim=2)
        assert (own >= means.amin(dim=0) - 0.1).all()
        assert (own <= means.amax(dim=0) + 0.1).all()
        centred = [part - part.mean(dim=2, keepdim=True) for part in (x, mixed)]
        alike = torch.nn.functional.cosine_similarity(*centred, dim=2)
        assert torch.allclose(alike, torch.ones_like(alike), atol=1e-4)


def test_bands_that_never_move_stay_finite():
    flat = torch.full((4, 8, 20), -80.0)
    assert torch.isfinite(vary(flat, random())).all()
