"""What is remembered of a sound that goes on: its last seconds, and whether more is coming."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import BadAudio
from urbansound.records import CLIP_S, Audio
from urbansound.ui.microphone import Acknowledged, Chunk, parse_chunk, session_of

KEPT_S = 10.0
# Less than this says little: the first answer waits for it.
MIN_S = 1.0


def _nothing() -> NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass
class Ear:
    """The last seconds of one listening session; `heard_at` is the clock's time of the end.

    `turn` counts what was taken in, over all sessions, so that nothing is answered twice.
    """

    session: str | None = None
    number: int = -1
    is_open: bool = False
    refused: str = ""
    turn: int = 0
    heard_at: float = 0.0
    _next: int = 0
    _rate: int = 0
    _samples: NDArray[np.float32] = field(default_factory=_nothing, repr=False)

    def take(self, payload: object) -> bool:
        """Take in what a browser sent; True where it begins a new session.

        What cannot be read is refused in a sentence, and ends the session.
        """
        try:
            chunk = parse_chunk(payload)
        except BadAudio as error:
            self.session = session_of(payload) or self.session
            self.refused, self.is_open = str(error), False
            return False
        is_new = chunk.session != self.session and chunk.number == 0
        if is_new:
            self._begin(chunk)
        if chunk.session == self.session and (is_new or chunk.number > self.number):
            self._append(chunk)
        return is_new

    def _begin(self, chunk: Chunk) -> None:
        self.session, self.is_open, self.refused = chunk.session, True, ""
        self._rate, self._next, self._samples = chunk.audio.sample_rate, chunk.start, _nothing()

    def _append(self, chunk: Chunk) -> None:
        """Add what follows on; where some was left out, begin again with what came after."""
        self.number = chunk.number
        self.is_open = self.is_open and not chunk.is_last
        new = chunk.audio.samples
        if len(new) == 0:
            return
        if chunk.start != self._next or chunk.audio.sample_rate != self._rate:
            self._samples = _nothing()
        self._rate, self._next = chunk.audio.sample_rate, chunk.start + len(new)
        self._samples = np.concatenate([self._samples, new])[-int(KEPT_S * self._rate) :]
        self.turn += 1
        self.heard_at = time.time()

    @property
    def acknowledged(self) -> Acknowledged:
        """What the browser is told."""
        return Acknowledged(self.session, self.number, self.is_open, self.refused)

    def last(self, seconds: float) -> Audio | None:
        """The last seconds, as much of them as there is; None before there is enough."""
        if self._rate == 0 or len(self._samples) < MIN_S * self._rate:
            return None
        return Audio(self._samples[-int(seconds * self._rate) :], self._rate)

    @property
    def window(self) -> Audio | None:
        """What a network is to hear now."""
        return self.last(CLIP_S)
