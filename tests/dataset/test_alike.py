"""Copies by ear: found in whatever form, and nothing else is taken for one."""

import numpy as np
import pytest
import soxr

from tests.dataset.planted import through_mp3
from urbansound.dataset.alike import find_alike
from urbansound.dataset.fingerprint import WORDS, fingerprint

RATE = 22050
N = 12


def street(seed: int, seconds: float = 4.0) -> np.ndarray:
    """Something like a street: noise of a colour that moves, and knocks."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    wave = np.cumsum(rng.standard_normal(n)) * 0.01
    wave -= np.convolve(wave, np.ones(99) / 99, "same")
    swell = np.interp(np.arange(n), np.linspace(0, n, 30), rng.uniform(0.1, 1, 30))
    return (0.3 * wave * swell / np.abs(wave).max()).astype(np.float32)


def alike(sounds: list[tuple[np.ndarray, int]], folds: list[int]) -> list[list[int]]:
    prints, n_words = np.zeros((len(sounds), WORDS), np.uint32), np.zeros(len(sounds), np.int64)
    for row, (wave, rate) in enumerate(sounds):
        words = fingerprint(wave, rate)
        prints[row, : len(words)], n_words[row] = words, len(words)
    checksums = np.arange(1, len(sounds) + 1).astype(np.uint64)
    return find_alike(prints, n_words, np.array(folds), checksums).tolist()


STREETS = [(street(seed), RATE) for seed in range(N)]


def test_other_sounds_are_not_alike() -> None:
    assert alike(STREETS, list(range(N))) == []


@pytest.mark.parametrize(
    "form",
    [
        lambda wave: (wave * np.float32(0.2), RATE),
        lambda wave: (soxr.resample(wave, RATE, 8000), 8000),
        lambda wave: (soxr.resample(wave, RATE, 48000), 48000),
        lambda wave: (wave[7777:], RATE),
        lambda wave: (np.concatenate([np.zeros(5555, np.float32), wave]), RATE),
        lambda wave: (wave[: 2 * RATE], RATE),
        through_mp3,
    ],
    ids=["softer", "8 kHz", "48 kHz", "later", "earlier", "half of it", "MP3"],
)
def test_a_copy_in_another_form_is_found(form) -> None:
    assert alike([*STREETS, form(STREETS[5][0])], [1] * N + [2]) == [[5, N]]


def test_copies_in_one_fold_are_no_concern() -> None:
    assert alike([*STREETS, (STREETS[5][0] / 2, RATE)], [1] * (N + 1)) == []


def test_what_is_too_short_to_tell_is_not_alike() -> None:
    short = STREETS[0][0][: RATE // 2]
    assert alike([(short, RATE), (short / 2, RATE)], [1, 2]) == []


def test_two_silences_or_two_tones_of_one_pitch_are_not_alike() -> None:
    time = np.arange(4 * RATE) / RATE
    rng = np.random.default_rng(0)
    tones = [
        (np.sin(2 * np.pi * 440 * time) + 1e-3 * rng.standard_normal(len(time))).astype("f4")
        for _ in range(2)
    ]
    silences = [np.zeros(4 * RATE, np.float32)] * 2
    assert alike([(wave, RATE) for wave in [*tones, *silences]], [1, 2, 3, 4]) == []


def test_a_word_that_every_clip_has_makes_no_pairs() -> None:
    rng = np.random.default_rng(0)
    prints = rng.integers(1, 2**32, (300, WORDS), dtype=np.uint64).astype(np.uint32)
    prints[:, 7] = 12345
    n_words, checksums = np.full(300, WORDS), np.arange(1, 301).astype(np.uint64)
    assert len(find_alike(prints, n_words, np.arange(300), checksums)) == 0


def test_nothing_at_all_is_alike_to_nothing() -> None:
    nothing = np.zeros((3, WORDS), np.uint32)
    none = np.zeros(3, np.int64)
    assert find_alike(nothing, none, np.arange(3), none.astype(np.uint64)).shape == (0, 2)


def test_a_sound_of_any_length_has_a_fingerprint_of_no_more_than_its_first_seconds() -> None:
    assert len(fingerprint(street(1, 20.0), RATE)) == WORDS
    for n in (1, 99, 4000, 5200, 6000):
        assert len(fingerprint(np.ones(n, np.float32), RATE)) < 10
