"""The interval around a share of few tries."""

import pytest

from urbansound.evaluation.proportions import share_interval


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # As R's binom.confint(methods = "wilson") and statsmodels give them.
    [(7, 10, 0.3968, 0.8922), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(hits, n, low, high):
    assert share_interval(hits, n) == pytest.approx((low, high), abs=1e-4)


def test_nothing_tried_says_nothing():
    assert share_interval(0, 0) == (0.0, 1.0)
