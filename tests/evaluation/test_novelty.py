"""Distance to what was learned, on clouds of points whose shape is known."""

import numpy as np
import pytest

from urbansound.evaluation.novelty import fit_max_distance, fit_novelty, novelty_distance


def two_clouds(n=4_000):
    """Two classes around (0, 0, 0) and (10, 0, 0), 3 wide in one direction, 0.5 in another."""
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], n // 2)
    points = generator.normal(size=(n, 3)) * [1.0, 3.0, 0.5]
    points[:, 0] += 10 * labels
    return points, labels


def test_distances_are_standard_deviations_to_the_nearest_class():
    means, whitening = fit_novelty(*two_clouds())
    probes = np.array([[0, 0, 0], [10, 3, 0], [5, 0, 0], [10, 0, 2], [0, 0, 0.5]], dtype=float)
    found = novelty_distance(probes, means, whitening)
    assert found == pytest.approx([0, 1, 5, 4, 1], abs=0.25)


def test_what_is_stored_is_float32_and_one_mean_a_class():
    means, whitening = fit_novelty(*two_clouds())
    assert (means.dtype, whitening.dtype) == (np.float32, np.float32)
    assert (means.shape, whitening.shape) == ((2, 3), (3, 3))


def test_classes_without_clips_are_no_place_to_be_near():
    points, labels = two_clouds()
    means, whitening = fit_novelty(points + 50, labels * 7)
    assert means.shape == (2, 3)
    assert novelty_distance(np.zeros((1, 3)), means, whitening)[0] > 20


def test_more_dimensions_than_clips_still_tell_near_from_far():
    generator = np.random.default_rng(1)
    points = generator.normal(size=(60, 200))
    means, whitening = fit_novelty(points, np.arange(60) % 3)
    unseen = novelty_distance(generator.normal(size=(50, 200)), means, whitening)
    far = novelty_distance(generator.normal(size=(50, 200)) + 3, means, whitening)
    assert far.min() > unseen.max()


def test_whitening_makes_the_covariance_round_but_for_little_shrinkage():
    points, labels = two_clouds()
    means, whitening = fit_novelty(points, labels)
    spread = np.cov((points - means[labels]) @ whitening, rowvar=False)
    assert spread == pytest.approx(np.eye(3), abs=0.05)


def test_shrinkage_equals_the_published_formula():
    """Noise as the mean squared distance of each point's own product from the covariance."""
    points = np.array([[2.0, 1.0], [-2.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    covariance = points.T @ points / 4
    scale = np.trace(covariance) / 2
    distance = ((covariance - scale * np.eye(2)) ** 2).sum()
    noise = sum(((np.outer(x, x) - covariance) ** 2).sum() for x in points) / 16
    amount = min(noise / distance, 1)
    expected = (1 - amount) * covariance + amount * scale * np.eye(2)
    _, whitening = fit_novelty(points, np.zeros(4, dtype=np.int64))
    assert np.linalg.inv(whitening @ whitening.T) == pytest.approx(expected, rel=1e-5)


def test_directions_without_any_spread_are_dropped():
    points = np.zeros((6, 3))
    means, whitening = fit_novelty(points, np.arange(6) % 2)
    assert whitening.shape == (3, 0)
    assert novelty_distance(points, means, whitening).tolist() == [0.0] * 6


def test_of_clips_like_those_learned_five_per_cent_are_too_far():
    points, labels = two_clouds()
    means, whitening = fit_novelty(points[::2], labels[::2])
    highest = fit_max_distance(novelty_distance(points[1::4], means, whitening))
    assert (novelty_distance(points[3::4], means, whitening) > highest).mean() == pytest.approx(
        0.05, abs=0.02
    )
    assert novelty_distance(np.array([[5.0, 0.0, 9.0]]), means, whitening)[0] > highest
