"""Where the time goes while a sound is heard: decoding, features, networks."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds that one sound took, and of these the decoder, the features and the networks.

    Where several threads share the windows of one sound, the networks' seconds are those of
    all threads, and what is left of the whole counts as features.
    """

    decode_s: float
    features_s: float
    network_s: float
    total_s: float

    def body(self) -> dict[str, float]:
        """The same in milliseconds, by name."""
        return {
            "decode_ms": 1000 * self.decode_s,
            "features_ms": 1000 * self.features_s,
            "network_ms": 1000 * self.network_s,
            "total_ms": 1000 * self.total_s,
        }


class Stopwatch:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._lock = threading.Lock()
        self._decode_s = self._network_s = 0.0

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """What happens meanwhile is the decoder's."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._decode_s += time.perf_counter() - began

    @contextmanager
    def networking(self) -> Iterator[None]:
        """What happens meanwhile, on any thread, is the networks'."""
        began = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._network_s += time.perf_counter() - began

    def timing(self) -> Timing:
        """The time so far."""
        total_s = time.perf_counter() - self._began
        rest_s = max(0.0, total_s - self._decode_s - self._network_s)
        return Timing(self._decode_s, rest_s, self._network_s, total_s)
