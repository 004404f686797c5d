"""A sound that is to be heard, and what became of it. Imports nothing heavy."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from urbansound.errors import BadAudio
from urbansound.inference.heard import Heard
from urbansound.inference.timing import Timing
from urbansound.records import SoundFacts


@dataclass(frozen=True)
class Source:
    """A sound that can be opened: its label, and what gives its bytes or its path.

    Both are good until the block of `with source.open()` ends. BadAudio where there is
    nothing to be had.
    """

    name: str
    open: Callable[[], AbstractContextManager[bytes | Path]]


@dataclass(frozen=True, eq=False)
class Answer:
    """What the models heard in one sound, in their order, or why it cannot be heard."""

    name: str
    facts: SoundFacts | None
    heard: tuple[Heard, ...]
    error: BadAudio | None = None
    timing: Timing | None = None

    @property
    def duration_s(self) -> float | None:
        """Seconds that were heard: fewer than there are where somebody stopped it."""
        if self.heard:
            return self.heard[0].duration_s
        return self.facts.duration_s if self.facts else None
