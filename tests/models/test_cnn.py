"""How the convolutional network lays out and measures what it hears."""

import torch

from urbansound.models.build import build_model
from urbansound.models.cnn import band_levels


def test_every_map_of_a_batch_lies_channels_last():
    model = build_model("cnn", 64, 10, seed=0)
    layouts = []
    for layer in model.layers:
        layer.register_forward_hook(
            lambda layer, given, maps: layouts.append(
                maps.is_contiguous(memory_format=torch.channels_last) and not maps.is_contiguous()
            )
        )
    model(torch.randn(2, 64, 173))
    assert len(layouts) == len(model.layers)
    assert all(layouts)


def test_band_levels_are_means_and_deviations_of_levels_and_of_their_differences():
    levels = torch.randn(3, 8, 50, generator=torch.Generator().manual_seed(0))
    steps = levels.diff(dim=2)
    wanted = [levels.mean(dim=2), *(part.std(dim=2) for part in (levels, steps, steps.diff(dim=2)))]
    torch.testing.assert_close(band_levels(levels), torch.cat(wanted, dim=1))


def test_a_band_that_stands_still_has_a_slope_that_is_a_number():
    still = torch.zeros(2, 3, 5, requires_grad=True)
    band_levels(still).sum().backward()
    assert torch.isfinite(still.grad).all()
