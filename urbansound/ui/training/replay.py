"""How far a training's curves are drawn.

Fifty epochs of a small network are over in a second. A person who watches sees them
drawn in order over at most two; the worker never waits for the page.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from urbansound.ui.run_state import RunState

DRAW_S = 2.0
QUICK_S, CALM_S = 0.2, 1.0
_QUICK_FOR_S = 20.0


@dataclass
class Watch:
    """One run on one person's screen: how far it is drawn, and since when it is watched.

    `drawn` is None for a run that was at work before the page came: it is shown as it is.
    So is every cross-validation.
    """

    run_id: str
    drawn: int | None = None
    since: float = 0.0
    drawing_since: float | None = None
    saw_work: bool = False
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def from_start(cls, run_id: str, clock: Callable[[], float] = time.monotonic) -> "Watch":
        """A watch over a run that begins now."""
        return cls(run_id, drawn=0, since=clock(), saw_work=True, clock=clock)

    def advance(self, state: RunState) -> RunState:
        """The state with its curves drawn as far as they are due: all of them in DRAW_S."""
        self.saw_work = self.saw_work or state.is_active
        if self.drawn is None or not state.epoch or state.run.spec.is_crossval:
            return state
        now = self.clock()
        if self.drawing_since is None:
            self.drawing_since = now
        due = max(1, math.ceil(state.n_epochs * (now - self.drawing_since) / DRAW_S))
        self.drawn = max(self.drawn, min(due, state.epoch))
        return state.as_of(self.drawn)

    def is_behind(self, state: RunState) -> bool:
        """True while epochs are done that are not drawn."""
        is_replayed = self.drawn is not None and not state.run.spec.is_crossval
        return is_replayed and (self.drawn or 0) < state.epoch

    def pause_s(self, state: RunState) -> float | None:
        """Seconds until the next look: few while it may be over soon, None when it is over."""
        if self.is_behind(state):
            return QUICK_S
        if not state.is_active:
            return None
        is_young = self.drawn is not None and self.clock() - self.since < _QUICK_FOR_S
        return QUICK_S if is_young else CALM_S
