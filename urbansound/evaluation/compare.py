"""Two models on the same test clips: who is better, and is it more than luck.

Three paired tests, two-sided, no normal distribution assumed:

- *Folds*: the signed-rank test of Wilcoxon (1945) over the folds' differences in accuracy,
  which Demsar (2006) recommends over a paired t-test. It says whether the difference lasts
  over other training sets too, but with fewer than six folds it can never fall under 5 %.
- *Recordings*: all of a recording's answers change sides together, at random, because clips
  of one recording are near twins and no independent evidence.
- *Clips*: McNemar's exact test on the clips that only one of the two gets right. It takes
  twins for evidence and so is too sure of itself; it is for data without recordings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from urbansound.errors import BadConfig
from urbansound.evaluation.metrics import count_recordings
from urbansound.evaluation.slices import right_clips
from urbansound.records import ClipResults

FEWEST_FOLDS = 6
_N_FLIPS = 10_000
_ENUMERATED = 12
# Differences of accuracies are not exact in binary.
_DIGITS = 9


@dataclass(frozen=True)
class PairedTest:
    """How likely a difference this large is if the two were equally good.

    `name` says the test in words, `n` how many pairs with a difference it is based on.
    """

    name: str
    p_value: float
    n: int


@dataclass(frozen=True)
class FoldPair:
    """Both accuracies on a fold's n clips."""

    fold: int
    n: int
    accuracy_a: float
    accuracy_b: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """A beside B on the clips that both were tested on.

    `rows_a` and `rows_b` int64 [n] are these clips' rows in A's and in B's results.
    `only_a_right` and `only_b_right` int64 number the flipped clips among those n.
    `won`, `tied` and `lost` count folds as A sees them. The first of `tests` is the one to
    quote; the others that this data allows follow.
    """

    rows_a: NDArray[np.int64]
    rows_b: NDArray[np.int64]
    n_recordings: int | None
    accuracy_a: float
    accuracy_b: float
    folds: tuple[FoldPair, ...]
    only_a_right: NDArray[np.int64]
    only_b_right: NDArray[np.int64]
    tests: tuple[PairedTest, ...]

    @property
    def n(self) -> int:
        """How many clips both were tested on."""
        return len(self.rows_a)

    @property
    def test(self) -> PairedTest:
        """The test to quote."""
        return self.tests[0]

    @property
    def won(self) -> int:
        """Folds on which A is better."""
        return sum(pair.accuracy_a > pair.accuracy_b for pair in self.folds)

    @property
    def tied(self) -> int:
        """Folds on which they are equal."""
        return sum(pair.accuracy_a == pair.accuracy_b for pair in self.folds)

    @property
    def lost(self) -> int:
        """Folds on which B is better."""
        return sum(pair.accuracy_a < pair.accuracy_b for pair in self.folds)


def compare(
    a: ClipResults, b: ClipResults, *, across_folds: bool = True, seed: int = 0
) -> Comparison:
    """A beside B, clip by clip; the seed draws the sign flips.

    `across_folds` False says that one model answered for all folds (a random split): then
    folds are no repetitions and the test over them is left out.

    BadConfig where they were tested on no clip in common.
    """
    rows_a, rows_b = match_clips(a, b)
    if not len(rows_a):
        raise BadConfig(
            "These two runs were tested on no clip in common, so they cannot be compared in "
            "pairs. Choose two runs with a test fold in common, on the same dataset."
        )
    common = a.take(rows_a)
    right_a, right_b = right_clips(common), right_clips(b.take(rows_b))
    folds = _fold_pairs(common.folds, right_a, right_b)
    repeated = folds if across_folds else ()
    return Comparison(
        rows_a=rows_a,
        rows_b=rows_b,
        n_recordings=count_recordings(common.recordings),
        accuracy_a=float(right_a.mean()),
        accuracy_b=float(right_b.mean()),
        folds=folds,
        only_a_right=np.flatnonzero(right_a & ~right_b).astype(np.int64),
        only_b_right=np.flatnonzero(right_b & ~right_a).astype(np.int64),
        tests=_tests(repeated, common.recordings, right_a, right_b, seed=seed),
    )


def match_clips(a: ClipResults, b: ClipResults) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of A and of B, in A's order, that are one test clip: same fold, name and label.

    The name is the path, or the clip number in data without audio.
    """
    row_in_b = _keys(b)
    rows = [(row, row_in_b[key]) for key, row in _keys(a).items() if key in row_in_b]
    both = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def fold_test(folds: tuple[FoldPair, ...]) -> PairedTest:
    """Wilcoxon's signed-rank test over folds, exact; equal folds are left out."""
    differences = np.round([pair.accuracy_a - pair.accuracy_b for pair in folds], _DIGITS)
    differences = differences[differences != 0]
    _, number, counts = np.unique(np.abs(differences), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[number]
    p_value = sign_flip_p(np.sign(differences) * ranks)
    return PairedTest("Wilcoxon signed-rank test over folds", p_value, len(differences))


def recording_test(
    recordings: NDArray[np.int64],
    right_a: NDArray[np.bool_],
    right_b: NDArray[np.bool_],
    seed: int = 0,
) -> PairedTest:
    """Sign-flip test over recordings int64 [n] of clips that A and B get right, bool [n]."""
    _, number = np.unique(recordings, return_inverse=True)
    differences = np.bincount(number, weights=right_a.astype(float) - right_b)
    differences = differences[differences != 0]
    name = "sign-flip test over recordings"
    return PairedTest(name, sign_flip_p(differences, seed), len(differences))


def clip_test(right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]) -> PairedTest:
    """McNemar's exact test over clips that A and B get right, bool [n]."""
    n_a, n_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p_value = min(1.0, 2 * float(bdtr(min(n_a, n_b), n_a + n_b, 0.5))) if n_a + n_b else 1.0
    return PairedTest("McNemar's exact test over clips", p_value, n_a + n_b)


def sign_flip_p(differences: NDArray[np.float64], seed: int = 0) -> float:
    """Two-sided p of the sum of differences [n] if each sign were a coin's.

    Exact for up to 12 differences, else from 10,000 seeded draws with the observed among them.
    """
    n = len(differences)
    if n <= _ENUMERATED:
        heads = np.arange(2**n)[:, None] >> np.arange(n) & 1
    else:
        heads = np.random.default_rng(seed).integers(0, 2, (_N_FLIPS, n), dtype=np.int8)
        heads[0] = 1
    sums = np.abs((2.0 * heads - 1) @ differences)
    return float((sums >= abs(differences.sum()) - 10.0**-_DIGITS).mean())


def _keys(results: ClipResults) -> dict[tuple[int, str, int], int]:
    names = np.where(results.paths == "", results.clip_numbers.astype(str), results.paths)
    rows = np.flatnonzero(results.is_test).tolist()
    folds, labels = results.folds.tolist(), results.labels.tolist()
    return {(folds[row], str(names[row]), labels[row]): row for row in rows}


def _fold_pairs(
    folds: NDArray[np.int64], right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]
) -> tuple[FoldPair, ...]:
    masks = {fold: folds == fold for fold in np.unique(folds).tolist()}
    return tuple(
        FoldPair(fold, int(here.sum()), float(right_a[here].mean()), float(right_b[here].mean()))
        for fold, here in masks.items()
    )


def _tests(
    folds: tuple[FoldPair, ...],
    recordings: NDArray[np.int64],
    right_a: NDArray[np.bool_],
    right_b: NDArray[np.bool_],
    *,
    seed: int,
) -> tuple[PairedTest, ...]:
    tests = [fold_test(folds)] if len(folds) >= FEWEST_FOLDS else []
    if count_recordings(recordings) is not None:
        tests.append(recording_test(recordings, right_a, right_b, seed))
    return (*tests, clip_test(right_a, right_b))
