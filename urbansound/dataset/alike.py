"""Pairs of clips of different folds that sound the same, found by their fingerprints.

Copies share some words bit for bit, so only clips that stand in the same bucket of words are
compared, word by word at the shift that the shared word gives. The work grows with the number
of clips, not of pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.fingerprint import WORDS, Words

# Copies as MP3 and AAC, shifted, softer or at 8 kHz: at most 0.12 of 60 real clips; clips of
# other recordings: at least 0.39. See benchmarks/health.py.
MOST_WRONG_BITS = 0.22
FEWEST_WORDS = 20
"""Half a second has to be the same; what is shorter can agree by chance."""
_BUCKET = 64
_AT_ONCE = 4096

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Places:
    """Where words occur: words uint32 [m] in rising order, the clip and moment of each [m]."""

    words: Words
    clips: NDArray[np.int32]
    moments: NDArray[np.int16]

    def take(self, rows: NDArray[np.bool_]) -> "_Places":
        return _Places(self.words[rows], self.clips[rows], self.moments[rows])


def find_alike(
    prints: Words, n_words: Ints, folds: Ints, checksums: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Pairs [k, 2] of rows in different folds with the same sound but other samples, in order.

    prints are [n, WORDS] with n_words [n] of them in use. Of clips with the same checksum,
    which are found by that, only the first is compared; 0 is no checksum.
    """
    places = _places(prints, n_words, checksums)
    candidates = [pairs for pairs in _candidates(places, folds) if len(pairs)]
    if not candidates:
        return np.empty((0, 2), np.int64)
    found = np.unique(np.concatenate(candidates), axis=0)
    chunks = [found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE)]
    alike = np.concatenate([chunk[_are_alike(prints, chunk), :2] for chunk in chunks])
    return np.unique(alike, axis=0)


def _places(prints: Words, n_words: Ints, checksums: NDArray[np.uint64]) -> _Places:
    """All words that tell something, but for those that go on from the moment before."""
    firsts = np.unique(checksums, return_index=True)[1]
    clips = np.sort(firsts[checksums[firsts] != 0]).astype(np.int32)
    words = prints[clips]
    tells = (words != 0) & (np.arange(WORDS) < n_words[clips, None])
    tells[:, 1:] &= words[:, 1:] != words[:, :-1]
    told = words[tells]
    order = np.argsort(told, kind="stable")
    counts = tells.sum(axis=1)
    moments = np.broadcast_to(np.arange(WORDS, dtype=np.int16), tells.shape)[tells]
    return _Places(told[order], np.repeat(clips, counts)[order], moments[order])


def _candidates(places: _Places, folds: Ints) -> Iterator[Ints]:
    """[k, 3] each: two clips of different folds that share a word, and by how much it is shifted.

    A word that very many clips have tells nothing and is left out.
    """
    places = _shared(places)
    for distance in range(1, _BUCKET):
        here, there = slice(None, -distance), slice(distance, None)
        is_same = places.words[here] == places.words[there]
        if not is_same.any():
            return
        first, second = places.clips[here], places.clips[there]
        rows = np.flatnonzero(is_same & (folds[first] != folds[second]))
        shift = places.moments[here][rows] - places.moments[there][rows]
        first, second = first[rows].astype(np.int64), second[rows].astype(np.int64)
        is_turned = first > second
        yield np.stack(
            [
                np.where(is_turned, second, first),
                np.where(is_turned, first, second),
                np.where(is_turned, -shift, shift),
            ],
            axis=1,
        )


def _shared(places: _Places) -> _Places:
    """The places of words that several, but not too many places have."""
    is_new = np.diff(places.words, prepend=~places.words[:1]) != 0
    sizes = np.diff(np.append(np.flatnonzero(is_new), len(is_new)))
    is_shared = (sizes > 1) & (sizes <= _BUCKET)
    return places.take(np.repeat(is_shared, sizes))


def _are_alike(prints: Words, candidates: Ints) -> NDArray[np.bool_]:
    """Whether the clips of candidates [k, 3] agree where both tell something: bool [k]."""
    first, second, shift = candidates.T
    moments = np.arange(WORDS) - shift[:, None]
    is_inside = (moments >= 0) & (moments < WORDS)
    theirs = prints[second[:, None], np.clip(moments, 0, WORDS - 1)]
    ours = prints[first]
    tells = is_inside & (ours != 0) & (theirs != 0)
    wrong = (np.bitwise_count(ours ^ theirs) * tells).sum(axis=1)
    n_told = tells.sum(axis=1)
    is_long_enough = n_told >= FEWEST_WORDS
    return np.asarray(is_long_enough & (wrong <= MOST_WRONG_BITS * 32 * n_told), bool)
