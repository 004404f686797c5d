"""The stretches of a recording that hold one class, from what its windows heard.

Windows overlap by half, so most moments were heard twice: a moment's probabilities are the
mean of its windows. An event begins where they are high and goes on while they are not low,
the double threshold of Dinkel et al. (2021, "Towards duration robust weakly supervised sound
event detection"). Recordings made up of real clips decided the numbers below: further
smoothing, and closing short gaps, found fewer events or wrong ones.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from urbansound.inference.windows import HOP_S
from urbansound.labels import SILENCE
from urbansound.records import Card, Prediction, Segment

# Shares of the threshold that is meant for one window: a mean of two is seldom as high.
_BEGIN, _GO_ON = 0.8, 0.6
_ROUNDING_S = 1e-6


def find_events(segments: Sequence[Segment], card: Card) -> list[Segment]:
    """Stretches of one class in the order of time, none longer than the sound.

    An event's probabilities are those of its surest moment; they add up to less than 1 where
    a window was strange, which speaks for no class. Silence and what is not sure are no
    events. A single window is an event as it is, if it has a name.
    """
    if len(segments) == 1:
        return [segment for segment in segments if not segment.prediction.verdict]
    edges, chances = moments(segments)
    return [
        Segment(edges[start], edges[end], Prediction(chances[surest], card.class_names))
        for start, end, surest in _stretches(chances, _GO_ON * card.calibration.threshold)
        if chances[surest].max() >= least_confidence(card)
    ]


def least_confidence(card: Card) -> float:
    """From which probability up a moment of a longer recording is named."""
    return _BEGIN * card.calibration.threshold


def moments(segments: Sequence[Segment]) -> tuple[list[float], NDArray[np.float32]]:
    """The borders [n + 1] in s of the moments between windows, and their probabilities
    [n, classes]: the mean of the windows over each, 0 in silence."""
    end_s = segments[-1].end_s
    edges = [*np.arange(0.0, end_s - _ROUNDING_S, HOP_S).tolist(), end_s]
    sums = np.zeros((len(edges) - 1, len(segments[0].prediction.labels)), np.float64)
    heard_s, silent_s = np.zeros(len(sums)), np.zeros(len(sums))
    for segment in segments:
        prediction = segment.prediction
        for n, shared_s in _shares(segment, edges):
            if prediction.label == SILENCE:
                silent_s[n] = max(silent_s[n], shared_s)
            else:
                heard_s[n] += shared_s
                sums[n] += 0 if prediction.is_strange else shared_s * prediction.probabilities
    is_silent = silent_s > np.diff(edges) - _ROUNDING_S
    sums[is_silent] = 0
    means = sums / np.maximum(heard_s, _ROUNDING_S)[:, np.newaxis]
    return edges, means.astype(np.float32)


def _shares(segment: Segment, edges: Sequence[float]) -> Iterator[tuple[int, float]]:
    """The moments that a window covers, and how many seconds of each."""
    for n in range(int(segment.start_s / HOP_S), len(edges) - 1):
        shared_s = min(segment.end_s, edges[n + 1]) - max(segment.start_s, edges[n])
        if shared_s <= _ROUNDING_S:
            return
        yield n, shared_s


def _stretches(chances: NDArray[np.float32], least: float) -> Iterator[tuple[int, int, int]]:
    """Neighbouring moments (first, one behind the last, surest) of one best class."""
    best, highest = chances.argmax(axis=1), chances.max(axis=1)
    named = np.where((highest > 0) & (highest >= least), best, -1)
    changes = np.flatnonzero(np.diff(named)) + 1
    for start, end in pairwise([0, *changes.tolist(), len(named)]):
        if named[start] >= 0:
            yield start, end, start + int(highest[start:end].argmax())
