"""Waveforms as SVG: the outline of `librosa.display.waveshow`, in the box of a card."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from librosa.display import waveshow
from matplotlib.figure import Figure

from urbansound.records import Audio
from urbansound.ui.wave_drawing import wave_svg

COLOR = "#e12f5d"
WIDTH, HEIGHT = 331.2, 115.2
SVG = "{http://www.w3.org/2000/svg}"


def parts(samples: np.ndarray, rate: int = 8000, **options: bool) -> dict[str, dict[str, str]]:
    """The attributes of each thing that is drawn, by what it is."""
    svg = wave_svg(Audio(samples.astype(np.float32), rate), COLOR, **options)
    return {one.tag.removeprefix(SVG): one.attrib for one in ElementTree.fromstring(svg)}


def corners(path: str) -> np.ndarray:
    """The points [n, 2] that a path goes through."""
    points: list[tuple[float, float]] = []
    for kind, numbers in re.findall(r"([MHVZ])([-\d. ]*)", path):
        values = [float(number) for number in numbers.split()]
        x, y = points[-1] if points else (0.0, 0.0)
        if kind == "M":
            points.append((values[0], values[1]))
        elif kind == "H":
            points.append((values[0], y))
        elif kind == "V":
            points.append((x, values[0]))
    return np.array(points)


def as_librosa_draws(samples: np.ndarray, rate: int, max_points: int) -> np.ndarray:
    """The corners of waveshow's envelope of a sound of 4 s or less, in a card's box."""
    axes = Figure().add_subplot()
    waveshow(samples / np.abs(samples).max(), sr=rate, max_points=max_points, ax=axes)
    seconds, heights = axes.collections[0].get_paths()[0].vertices.T
    return np.stack([seconds * WIDTH / 4, HEIGHT / 2 * (1 - heights / 1.05)], axis=1)


def farthest_corner(these: np.ndarray, those: np.ndarray) -> float:
    """How far the loneliest of these is from the nearest of those."""
    return float(np.linalg.norm(these[:, None] - those[None], axis=-1).min(axis=1).max())


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
@pytest.mark.parametrize("seconds", [0.2, 1.37, 4.0])
def test_the_outline_is_that_of_waveshow(rate, seconds):
    rng = np.random.default_rng(0)
    samples = rng.normal(size=int(rate * seconds)) * np.linspace(0.1, 1, int(rate * seconds))
    ours = corners(parts(samples, rate)["path"]["d"])
    theirs = as_librosa_draws(samples.astype(np.float32), rate, 400)
    assert farthest_corner(ours, theirs) < 0.02
    assert farthest_corner(theirs, ours) < 0.02


def test_it_is_drawn_in_its_colour_to_its_own_peak():
    t = np.arange(32000) / 8000
    for scale in (1.0, 0.001):
        path = parts(scale * np.sin(2 * np.pi * 400.3 * t))["path"]
        assert f"fill:{COLOR};stroke:{COLOR}" in path["style"]
        assert np.ptp(corners(path["d"])[:, 1]) == pytest.approx(HEIGHT / 1.05, rel=0.01)


def test_missing_time_is_faint_and_grey():
    drawn = parts(np.ones(8000))
    assert float(drawn["rect"]["x"]) == pytest.approx(WIDTH / 4)
    assert float(drawn["rect"]["width"]) == pytest.approx(3 * WIDTH / 4)
    assert "opacity:0.14" in drawn["rect"]["style"]
    assert "rect" not in parts(np.ones(4 * 8000))


def test_a_longer_sound_fills_the_same_box():
    drawn = parts(np.ones(10 * 8000))
    assert "rect" not in drawn
    assert corners(drawn["path"]["d"])[:, 0].max() == pytest.approx(WIDTH, rel=0.01)


def test_a_wide_one_is_finer():
    rng = np.random.default_rng(0)
    card, wide = (
        corners(parts(rng.normal(size=176400), 44100, is_wide=is_wide)["path"]["d"])
        for is_wide in (False, True)
    )
    assert len(wide) > 2.5 * len(card)


def test_silence_is_a_line_and_no_sound_at_all_is_only_missing():
    heights = corners(parts(np.zeros(8000))["path"]["d"])[:, 1]
    assert np.ptp(heights) == 0
    assert list(parts(np.zeros(0))) == ["rect"]


def test_a_few_samples_are_joined_to_a_line():
    path = parts(np.array([0.5, -1.0, 0.25]))["path"]
    assert "fill:none" in path["style"]
    at = HEIGHT / 2 * (1 - np.array([0.5, 0.5, -1.0, -1.0, 0.25]) / 1.05)
    np.testing.assert_allclose(corners(path["d"])[:, 1], at, atol=0.01)
