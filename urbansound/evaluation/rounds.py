"""Ten clips to be named by ear: balanced, of ten recordings, none of them twice."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.columns import UNKNOWN, Columns

ROUND = 10
MOST_CHOICES = 12
FEWER_CHOICES = 10

Mask = NDArray[np.bool_]


def draw_round(
    columns: Columns,
    allowed: Mask,
    used: Mask,
    rng: np.random.Generator,
    *,
    is_fit: Callable[[int], bool],
    n: int = ROUND,
) -> tuple[list[int], Mask]:
    """Up to n clip numbers of those allowed [n_clips], and what is used [n_clips] after them.

    Every class comes up as often as the others in the long run, but in one round some come
    twice and others not at all: otherwise the last answers follow from the first. No two clips
    are of one recording. A used clip comes again once all allowed ones of its class were used.
    `is_fit` is asked of each clip that is drawn.
    """
    left, used = allowed.copy(), used.copy()
    drawn: list[int] = []
    while len(drawn) < n and left.any():
        for class_id in _bag(columns.class_ids[left], rng, n - len(drawn)):
            own = columns.class_ids == class_id
            if not (allowed & own & ~used).any():
                used &= ~own
            number = _draw(np.flatnonzero(left & own & ~used), rng)
            if number is None:
                left &= ~own
                continue
            left[number], used[number] = False, True
            if is_fit(number):
                drawn.append(number)
                left &= ~_siblings(columns, number)
    rng.shuffle(drawn)
    return drawn, used


def _bag(class_ids: NDArray[np.int16], rng: np.random.Generator, n: int) -> list[int]:
    """n classes drawn from a bag that holds each twice, or as often as it takes."""
    present = np.unique(class_ids)
    copies = max(2, -(-n // len(present)))
    bag: list[int] = rng.permutation(np.repeat(present, copies))[:n].tolist()
    return bag


def _draw(numbers: NDArray[np.int64], rng: np.random.Generator) -> int | None:
    return int(rng.choice(numbers)) if len(numbers) else None


def _siblings(columns: Columns, number: int) -> Mask:
    """The clips of the same recording; none where it is not known."""
    recording = columns.recordings[number]
    if recording == UNKNOWN:
        return np.zeros(len(columns), np.bool_)
    same: Mask = columns.recordings == recording
    return same


def draw_choices(n_classes: int, true: int, rng: np.random.Generator) -> list[int]:
    """The classes to choose from, in their order: all of up to 12, else ten with the true one."""
    if n_classes <= MOST_CHOICES:
        return list(range(n_classes))
    others = [class_id for class_id in range(n_classes) if class_id != true]
    chosen: list[int] = rng.choice(others, FEWER_CHOICES - 1, replace=False).tolist()
    return sorted([true, *chosen])
