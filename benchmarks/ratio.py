"""Two ways to do one thing, timed in turns within one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REPEATS = 5


@dataclass(frozen=True)
class Ratio:
    """Seconds of each turn: of the other way, and of ours right after it."""

    theirs_s: tuple[float, ...]
    ours_s: tuple[float, ...]

    @property
    def each(self) -> list[float]:
        """How many times as fast ours was, turn by turn."""
        return [theirs / ours for theirs, ours in zip(self.theirs_s, self.ours_s, strict=True)]

    @property
    def median(self) -> float:
        """How many times as fast ours is."""
        return statistics.median(self.each)

    def a_piece(self, n_theirs: int, n_ours: int) -> "Ratio":
        """The same a piece, where the other way did n_theirs pieces a turn and ours n_ours."""
        theirs_s = tuple(seconds / n_theirs for seconds in self.theirs_s)
        return Ratio(theirs_s, tuple(seconds / n_ours for seconds in self.ours_s))

    @property
    def text(self) -> str:
        """The median with the least and the greatest."""
        return f"**{self.median:.1f} ×** ({min(self.each):.1f} to {max(self.each):.1f})"


def compare(theirs: Callable[[], Any], ours: Callable[[], Any], *, repeats: int = REPEATS) -> Ratio:
    """Both, one after the other, `repeats` times; what is to be warm is warmed up before."""
    turns = [(seconds_of(theirs), seconds_of(ours)) for _ in range(repeats)]
    return Ratio(tuple(turn[0] for turn in turns), tuple(turn[1] for turn in turns))


def seconds_of(work: Callable[[], Any]) -> float:
    """How long it takes by the clock on the wall."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def seconds_text(seconds: tuple[float, ...]) -> str:
    """The median, in a unit that suits it."""
    median = statistics.median(seconds)
    return f"{median:.2f} s" if median >= 1 else f"{1000 * median:.3g} ms"
