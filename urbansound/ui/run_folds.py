"""A cross-validation at one moment: each fold's curve and score, and how long is left."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from urbansound.evaluation.intervals import confidence_interval
from urbansound.records import RunSpec
from urbansound.runs.folder import epochs_of
from urbansound.ui.words import count_text, score_text

_PACE_EPOCHS = 20
_NAMES = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
Event = dict[str, Any]


def folds_name(n: int) -> str:
    """ "ten-fold" for 10, "three-fold" for 3."""
    return f"{(_NAMES | {10: 'ten'}).get(n, str(n))}-fold"


@dataclass(frozen=True)
class FoldState:
    """One fold: its epochs so far, and its test score once there is one."""

    number: int
    epochs: tuple[Event, ...]
    accuracy: float | None = None

    @property
    def epoch(self) -> int:
        """The last epoch done; 0 before the first."""
        return int(self.epochs[-1]["epoch"]) if self.epochs else 0


@dataclass(frozen=True)
class FoldsState:
    """All folds, in the order in which they test. `pace_s` is the seconds of an epoch.

    `together` says that all folds train at once: an epoch is then one of all of them.
    """

    folds: tuple[FoldState, ...]
    n_epochs: int
    n_train: int
    together: bool
    pace_s: float

    @cached_property
    def accuracies(self) -> tuple[float, ...]:
        """The test accuracies that are known."""
        return tuple(fold.accuracy for fold in self.folds if fold.accuracy is not None)

    @property
    def fraction(self) -> float:
        """How much of all epochs is done, 0 to 1."""
        return 1 - self._n_left() / max(self.n_epochs * len(self.folds), 1)

    @property
    def left_s(self) -> float:
        """Seconds until the last epoch, at the pace of the latest ones."""
        at_once = len(self.folds) if self.together else 1
        return self.pace_s * self._n_left() / at_once

    @property
    def clips_per_s(self) -> float:
        """Training clips a second, of all folds; 0 while it is not known."""
        at_once = len(self.folds) if self.together else 1
        return self.n_train * at_once / self.pace_s if self.pace_s else 0.0

    @property
    def place_text(self) -> str:
        """Where the work stands: "fold 3 of 10", or the epoch that all folds are in."""
        if self.together:
            epoch = max(fold.epoch for fold in self.folds)
            return f"{len(self.folds)} folds at once · epoch {epoch:,} of {self.n_epochs:,}"
        at = min(len(self.accuracies) + 1, len(self.folds))
        return f"fold {at} of {len(self.folds)}"

    @property
    def at_work(self) -> tuple[FoldState, ...]:
        """The folds that train now, where some do."""
        waiting = [fold for fold in self.folds if fold.accuracy is None]
        return tuple(waiting if self.together else waiting[:1])

    def _n_left(self) -> int:
        return sum(self.n_epochs - fold.epoch for fold in self.folds if fold.accuracy is None)


def read_folds(spec: RunSpec, events: Sequence[Event]) -> FoldsState:
    """What the events say of each fold of the spec."""
    started = _last(events, "started")
    is_together = bool(started.get("together", False))
    epochs = epochs_of(events)
    scores = {event["fold"]: float(event["accuracy"]) for event in _named(events, "fold")}
    folds = tuple(
        FoldState(
            fold, tuple(epoch for epoch in epochs if epoch.get("fold") == fold), scores.get(fold)
        )
        for fold in spec.folds
    )
    n_train = int(started.get("n_train", 0))
    return FoldsState(folds, spec.train.epochs, n_train, is_together, pace_of(events, is_together))


def pace_of(events: Sequence[Event], together: bool = False) -> float:
    """Seconds of an epoch, the median of the latest; 0 before the first.

    Of folds that train together each event bears the seconds since the epoch of all began.
    """
    epochs = [event for event in events if event["event"] == "epoch"]
    if not together:
        recent = [epoch["seconds"] for epoch in epochs[-_PACE_EPOCHS:]]
        return statistics.median(recent) if recent else 0.0
    longest: dict[int, float] = {}
    for epoch in epochs:
        longest[epoch["epoch"]] = max(longest.get(epoch["epoch"], 0.0), epoch["seconds"])
    recent = list(longest.values())[-_PACE_EPOCHS:]
    return statistics.median(recent) if recent else 0.0


def mean_text(accuracies: Sequence[float]) -> str:
    """ "53.2 % right on average, between 49 and 57 %"; without a range for a single fold."""
    mean = f"{score_text(statistics.fmean(accuracies))} right on average"
    interval = confidence_interval(accuracies)
    if interval is None:
        return mean
    low, high = (min(max(100 * end, 0.0), 100.0) for end in interval)
    return f"{mean}, between {low:.0f} and {high:.0f} %"


def so_far_text(folds: FoldsState) -> str:
    """The running mean of the folds that are tested, in one line."""
    known = folds.accuracies
    if not known:
        return "A fold's test score stands under its curve as soon as it is tested."
    done = f"{len(known)} of {count_text(len(folds.folds), 'fold')}"
    if len(known) == 1:
        return f"So far {score_text(known[0])} right, in {done}."
    return f"So far {mean_text(known)} (95 % certain), in {done}."


def _named(events: Iterable[Event], name: str) -> list[Event]:
    return [event for event in events if event["event"] == name]


def _last(events: Sequence[Event], name: str) -> Event:
    return next((event for event in reversed(events) if event["event"] == name), {})
