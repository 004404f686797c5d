"""What was tried, how often, and what went wrong."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """How much is tried, and the seed of all that is drawn."""

    is_long: bool
    seed: int

    def times(self, short: int, long: int) -> int:
        """How often: `short` in a check of a few minutes, `long` for the figures."""
        return long if self.is_long else short

    def within(self, seconds: float) -> float:
        """A limit of time: as promised for the figures, thrice as long in a check beside others."""
        return seconds if self.is_long else 3 * seconds

    def random(self, what: str) -> random.Random:
        """Random numbers for one kind of trial, whatever others are made."""
        return random.Random(f"{self.seed} {what}")


@dataclass(frozen=True)
class Count:
    """Trials of one kind. `wrong` says of each that went wrong how; `figure` what was measured."""

    what: str
    n: int
    wrong: Sequence[str] = ()
    figure: str = ""

    @property
    def is_good(self) -> bool:
        """Something was tried, and nothing of it went wrong."""
        return self.n > 0 and not self.wrong


@dataclass
class Tally:
    """A count that grows, trial by trial."""

    what: str
    n: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, *problems: str) -> None:
        """One trial more, and what went wrong in it: nothing, where all are empty."""
        self.n += 1
        said = "; ".join(filter(None, problems))
        if said:
            self.wrong.append(f"trial {self.n}: {said}")

    def count(self, figure: str = "") -> Count:
        """What it comes to."""
        return Count(self.what, self.n, tuple(self.wrong), figure)


Suite = Callable[[Plan], Iterator[Count]]
