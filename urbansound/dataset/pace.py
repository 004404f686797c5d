"""How fast a download goes, in words: how far, how much a second, how long still."""

import time
from collections import deque
from collections.abc import Callable

from urbansound.wording import far_text, seconds_text, size_text

STAGES = {"fetch": "Fetching", "verify": "Checking", "unpack": "Unpacking"}
_WINDOW_S = 15.0
_EVERY_S = 0.5


class Pace:
    """Says how far a download is; what came in the last quarter of a minute makes its rate."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._seen: deque[tuple[float, int]] = deque()

    def text(self, stage: str, done: int, total: int) -> str:
        """For example "Fetching … 1.20 of 6.02 GB · 12.3 MB/s · 7 min left"."""
        rate = self._rate(stage, done)
        parts = [f"{STAGES[stage]} … {far_text(done, total)}"]
        if rate is not None and rate <= 0:
            parts.append("waiting for the server")
        elif rate:
            parts += [f"{size_text(rate)}/s", f"{seconds_text((total - done) / rate)} left"]
        return " · ".join(parts)

    def _rate(self, stage: str, done: int) -> float | None:
        """Bytes a second; None while that would be a guess."""
        now = self._clock()
        if stage != self._stage or (self._seen and done < self._seen[-1][1]):
            self._seen.clear()
            self._stage = stage
        if not self._seen or now - self._seen[-1][0] >= _EVERY_S:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now - since >= 1 else None
