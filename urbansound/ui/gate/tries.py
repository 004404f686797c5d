"""How often a password may be tried: a few times at once, then now and then."""

import time
from collections.abc import Callable
from dataclasses import dataclass

BURST, EVERY_S = 5, 30.0
BURST_OF_ALL, EVERY_S_OF_ALL = 50, 3.0
_MOST_KNOWN = 4096


@dataclass
class Allowance:
    """`burst` tries at once, and one more each `every_s`."""

    burst: int
    every_s: float
    used: float = 0.0
    at: float = 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until one is allowed: 0 where it is now."""
        self.used = max(0.0, self.used - (now - self.at) / self.every_s)
        self.at = now
        return max(0.0, (self.used + 1 - self.burst) * self.every_s)


class Tries:
    """What each address, and all of them together, may still try.

    An address decides nothing but how soon it may try again; who uses many meets the limit of
    all. Those signed in already are not concerned.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Allowance(BURST_OF_ALL, EVERY_S_OF_ALL, at=clock())
        self._each: dict[str, Allowance] = {}

    def take(self, who: str) -> float:
        """Use up one try of this address; where none is left, the seconds until one is."""
        now = self._clock()
        both = (self._of(who, now), self._all)
        wait_s = max(one.wait_s(now) for one in both)
        if wait_s == 0:
            for one in both:
                one.used += 1
        return wait_s

    def give_back(self, who: str) -> None:
        """A right try costs nothing."""
        for one in (self._of(who, self._clock()), self._all):
            one.used = max(0.0, one.used - 1)

    def _of(self, who: str, now: float) -> Allowance:
        known = self._each.pop(who, None) or Allowance(BURST, EVERY_S, at=now)
        # The one seen last stands last; what has to go is the one seen longest ago.
        self._each[who] = known
        if len(self._each) > _MOST_KNOWN:
            del self._each[next(iter(self._each))]
        return known
