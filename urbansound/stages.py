"""Where the time goes: a stopwatch of named stages, for as long as somebody asks.

Code names its stages; what they took is written down only while a stopwatch is in force, and
else costs next to nothing. A stage inside another is taken out of the outer one's
time, so all of them and what is left over make up the whole.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

OTHER = "other"
WAITING = "waiting for processes"
"""While other processes work: their own stages say what they did meanwhile."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Spent:
    """What a stage took so far: its own seconds, and how often it was entered."""

    seconds: float = 0.0
    calls: int = 0


@dataclass(frozen=True)
class StageShare:
    """A stage's seconds, its share of all seconds (0 to 1), and its calls."""

    stage: str
    seconds: float
    share: float
    calls: int


@dataclass(frozen=True)
class Profile:
    """Where the time of something went, in the order that its stages began.

    The seconds are added up over this process and n_processes that helped it; of those seconds
    on the clock that it waited for them, they were at work for the share `busy` (0 to 1).
    """

    stages: tuple[StageShare, ...]
    wall_s: float
    n_processes: int
    busy: float


class Stopwatch:
    """Seconds and calls by the stage's name, since it was made.

    `settle` is called where a stage begins and ends: it waits for what a device still does.
    """

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}
        self.settle: Callable[[], None] = _nothing
        self._inner: list[float] = []
        self._started = time.perf_counter()
        self._helpers: set[int] = set()
        self._helped_s = 0.0

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Count the block, less the stages inside it, as a call of this stage."""
        spent = self.spent.setdefault(name, Spent())
        self.settle()
        started = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            self.settle()
            seconds = time.perf_counter() - started
            spent.seconds += seconds - self._inner.pop()
            spent.calls += 1
            if self._inner:
                self._inner[-1] += seconds

    def move(self, seconds: float, source: str, target: str) -> None:
        """Count some of one stage's seconds as a call of another, which they turned out to be."""
        seconds = min(seconds, self.spent[source].seconds)
        self.spent[source].seconds -= seconds
        spent = self.spent.setdefault(target, Spent())
        spent.seconds += seconds
        spent.calls += 1

    def as_json(self) -> dict[str, Any]:
        """What another process's `merge` takes."""
        return {
            "process": os.getpid(),
            "seconds": time.perf_counter() - self._started,
            "stages": {name: [spent.seconds, spent.calls] for name, spent in self.spent.items()},
        }

    def merge(self, other: dict[str, Any]) -> None:
        """Add what another process measured while this one waited."""
        self._helpers.add(other["process"])
        self._helped_s += other["seconds"]
        for name, (seconds, calls) in other["stages"].items():
            spent = self.spent.setdefault(name, Spent())
            spent.seconds += seconds
            spent.calls += calls

    def profile(self) -> Profile:
        """Where the time went until now; what no stage counts is the last one, OTHER."""
        wall_s = time.perf_counter() - self._started
        named, n_helpers, waited_s = dict(self.spent), len(self._helpers), 0.0
        if n_helpers:
            waited_s = named.pop(WAITING, Spent()).seconds
        whole_s = wall_s - waited_s + self._helped_s
        left_s = max(0.0, whole_s - sum(spent.seconds for spent in named.values()))
        named[OTHER] = Spent(left_s, 1)
        return Profile(
            tuple(
                StageShare(name, spent.seconds, spent.seconds / whole_s, spent.calls)
                for name, spent in named.items()
            ),
            wall_s,
            n_helpers,
            min(1.0, self._helped_s / (n_helpers * waited_s)) if waited_s else 0.0,
        )


def _nothing() -> None:
    pass


_in_force: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)
_NO_STAGE = nullcontext()


@contextmanager
def timing_stages() -> Iterator[Stopwatch]:
    """A new stopwatch, in force inside the block and in nothing that runs beside it."""
    stopwatch = Stopwatch()
    token = _in_force.set(stopwatch)
    try:
        yield stopwatch
    finally:
        _in_force.reset(token)


def stopwatch_in_force() -> Stopwatch | None:
    """The stopwatch that stages count on here, if any."""
    return _in_force.get()


def stage(name: str) -> AbstractContextManager[None]:
    """A block that is a stage of the work."""
    stopwatch = _in_force.get()
    return _NO_STAGE if stopwatch is None else stopwatch.measure(name)


def staged(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A function that is a stage of the work, whenever it is called."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> T:
            stopwatch = _in_force.get()
            if stopwatch is None:
                return function(*args, **kwargs)
            with stopwatch.measure(name):
                return function(*args, **kwargs)

        return measured

    return decorate


def each_in_stage(name: str, items: Iterable[T]) -> Iterator[T]:
    """The items; waiting for each of them is the stage, not what is done with it."""
    stopwatch = _in_force.get()
    return iter(items) if stopwatch is None else _measured(stopwatch, name, iter(items))


def _measured(stopwatch: Stopwatch, name: str, items: Iterator[T]) -> Iterator[T]:
    while True:
        with stopwatch.measure(name):
            try:
                item = next(items)
            except StopIteration:
                return
        yield item
