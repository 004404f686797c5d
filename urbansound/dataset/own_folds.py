"""Folds for a dataset that brings none: by recording, never across one."""

from collections import Counter, defaultdict
from collections.abc import Sequence

N_FOLDS = 5
# One to test, one to choose by, one to learn from.
FEWEST_FOLDS = 3


def assign_folds(recordings: Sequence[int], class_ids: Sequence[int]) -> list[int]:
    """A fold, 1 to at most 5, for each clip [n]; clips of one recording share theirs.

    There are as many folds as the class of fewest recordings has recordings, but at least 3
    where there are as many recordings. The largest recordings go first, each to the fold that
    has least of its classes, so every fold has a like share of each. A class of too few
    recordings fills the first folds, which learn where the last one tests. The order of the
    clips does not matter.
    """
    held: dict[int, Counter[int]] = defaultdict(Counter)
    for recording, class_id in zip(recordings, class_ids, strict=True):
        held[recording][class_id] += 1
    per_class = Counter(class_id for own in held.values() for class_id in own)
    n_folds = _count_folds(per_class, len(held))
    # Some class has to reach every fold before others may crowd into the first ones.
    is_crowding = max(per_class.values()) >= n_folds
    loads = [Counter[int]() for _ in range(n_folds)]
    folds: dict[int, int] = {}
    for rarest, _, recording in sorted(_order(held, per_class, n_folds)):
        at = _emptiest(loads, held[recording], is_rare=is_crowding and rarest < n_folds)
        loads[at] += held[recording]
        folds[recording] = at + 1
    return [folds[recording] for recording in recordings]


def _count_folds(per_class: Counter[int], n_recordings: int) -> int:
    wanted = min(N_FOLDS, max(FEWEST_FOLDS, min(per_class.values())))
    return min(wanted, n_recordings)


def _order(
    held: dict[int, Counter[int]], per_class: Counter[int], n_folds: int
) -> list[tuple[int, int, int]]:
    """(recordings of its rarest class, clips less than none, number) of each recording."""
    return [
        (min(n_folds, *(per_class[class_id] for class_id in own)), -own.total(), recording)
        for recording, own in held.items()
    ]


def _emptiest(loads: Sequence[Counter[int]], own: Counter[int], *, is_rare: bool) -> int:
    """The fold that has least of the classes of a recording."""

    def burden(at: int) -> tuple[int, int, int]:
        share = sum(loads[at][class_id] * n for class_id, n in own.items())
        return share, 0 if is_rare else loads[at].total(), at

    return min(range(len(loads)), key=burden)
