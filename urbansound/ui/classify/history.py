"""What was heard over the last minutes: one network's answers, as a strip and as a list."""

import html
import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from urbansound.inference.heard import predict
from urbansound.labels import NOT_SURE, SILENCE, class_style
from urbansound.records import Card, Prediction
from urbansound.ui.theme import INK
from urbansound.ui.words import seconds_text

SHOWN_S = 120.0
LISTED = 5
# An answer speaks for the time until the next one, if that comes soon.
_LASTS_S = 1.2
# One sound that falters this long is still one event.
_FALTERS_S = 2.5
# The share of the newest answer in what is shown: three answers make up nine tenths.
_NEWEST = 0.5


@dataclass
class Stretch:
    """From clock time to clock time one answer held: a class name, "not_sure" or "silence"."""

    start: float
    end: float
    label: str
    class_id: int
    confidence: float


@dataclass
class History:
    """One network's answers while it listens, smoothed so that a name does not flicker."""

    turn: int = 0
    prediction: Prediction | None = None
    stretches: deque[Stretch] = field(default_factory=lambda: deque(maxlen=400))
    events: deque[Stretch] = field(default_factory=lambda: deque(maxlen=LISTED))
    _chances: NDArray[np.float32] | None = field(default=None, repr=False)
    _strangeness: float = 0.0

    def add(
        self,
        card: Card,
        chances: NDArray[np.float32],
        *,
        is_strange: bool,
        is_quiet: bool,
        at: float,
    ) -> None:
        """Take in the newest probabilities [classes], heard up to the clock time `at`."""
        before = self._chances
        if before is None or is_quiet or self._was_silent():
            self._chances, self._strangeness = chances, float(is_strange)
        else:
            self._chances = _NEWEST * chances + (1 - _NEWEST) * before
            self._strangeness = _NEWEST * is_strange + (1 - _NEWEST) * self._strangeness
        self.prediction = predict(
            card, self._chances, is_quiet=is_quiet, is_strange=self._strangeness > 0.5
        )
        self._note(self.prediction, at)

    def _was_silent(self) -> bool:
        return self.prediction is not None and self.prediction.label == SILENCE

    def _note(self, prediction: Prediction, at: float) -> None:
        now = Stretch(
            self._since(at),
            at,
            prediction.label,
            prediction.labels.index(prediction.best),
            prediction.confidence,
        )
        _extend(self.stretches, now)
        if now.label not in (NOT_SURE, SILENCE):
            _extend(self.events, now, patience_s=_FALTERS_S)

    def _since(self, at: float) -> float:
        """When what is heard at `at` began: at the end of the answer before, if that is near."""
        ended_at = self.stretches[-1].end if self.stretches else -math.inf
        return ended_at if at - ended_at <= _LASTS_S else at


def _extend(stretches: deque[Stretch], now: Stretch, *, patience_s: float = 0.0) -> None:
    """Let the last stretch last until now where it says the same, at most patience_s before.

    Else begin another one.
    """
    last = stretches[-1] if stretches else None
    if last is None or last.label != now.label or now.start - last.end > patience_s:
        # A copy: a stretch of the strip and an event do not end together.
        stretches.append(replace(now))
        return
    last.end, last.confidence = now.end, max(last.confidence, now.confidence)


_STRIP_STYLE = """<style>
.strip .past { position: relative; height: 2.75rem; border-radius: .3rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 7%, transparent); }
.strip s { position: absolute; bottom: 0; text-decoration: none; }
.strip .times { display: flex; justify-content: space-between; padding-top: .2rem;
  font-size: .75rem; opacity: .75; }
.strip .whose { font-size: .875rem; font-weight: 600; padding-bottom: .2rem; }
</style>"""


def strip_html(stretches: Iterable[Stretch], now: float, *, title: str = "") -> str:
    """The last two minutes as a coloured strip, the newest on the right.

    With a `title` it says whose answers these are.
    """
    shown = [s for s in stretches if s.end > now - SHOWN_S]
    bars = "".join(_bar(stretch, now) for stretch in shown)
    names = sorted({class_style(s.label).title for s in shown if s.label not in _UNNAMED})
    said = html.escape(", ".join(names) or "nothing named", quote=True)
    whose = f'<div class="whose">{html.escape(title)}</div>' if title else ""
    return (
        f'{_STRIP_STYLE}<div class="strip">{whose}<div class="past" role="img" '
        f'aria-label="Heard in the last two minutes: {said}">{bars}</div><div class="times">'
        "<span>2 min ago</span><span>1 min</span><span>now</span></div></div>"
    )


# Height and opacity, in percent, of what has no name.
_UNNAMED = {NOT_SURE: (30, 45), SILENCE: (6, 60)}


def _bar(stretch: Stretch, now: float) -> str:
    """One answer: full height where it has a name, low and grey where it has none."""
    height, opacity = _UNNAMED.get(stretch.label, (100, 100))
    style = class_style(stretch.label, stretch.class_id)
    color = INK if stretch.label in _UNNAMED else style.color
    start = max(0.0, SHOWN_S - (now - stretch.start))
    width = max(0.4, SHOWN_S - (now - stretch.end) - start)
    return (
        f'<s title="{html.escape(style.title, quote=True)}" '
        f'style="left:{100 * start / SHOWN_S:.2f}%;'
        f"width:{100 * width / SHOWN_S:.2f}%;height:{height}%;opacity:{opacity}%;"
        f'background:{color}"></s>'
    )


_LIST_STYLE = f"""<style>
.events {{ list-style: none; margin: 0; padding: 0 !important; min-height: {LISTED * 1.75}rem; }}
.events li {{ display: flex; align-items: center; gap: .5rem; height: 1.75rem; margin: 0 !important;
  font-size: .9375rem; }}
.events i {{ font: normal 1.25rem/1 "Material Symbols Rounded"; font-feature-settings: "liga";
  width: 1em; overflow: hidden; white-space: nowrap; }}
.events time, .events span {{ font-variant-numeric: tabular-nums; opacity: .75; }}
.events span {{ margin-left: auto; }}
</style>"""


def events_html(events: Sequence[Stretch], zone: tzinfo | None) -> str:
    """The last named events, the newest first: time of day, name, how long it lasted."""
    rows = "".join(_event_row(event, zone) for event in reversed(events))
    if not rows:
        rows = "<li>Nothing has been named yet.</li>"
    return f'{_LIST_STYLE}<ul class="events">{rows}</ul>'


def _event_row(event: Stretch, zone: tzinfo | None) -> str:
    style = class_style(event.label, event.class_id)
    clock = datetime.fromtimestamp(event.start, zone).strftime("%H:%M:%S")
    lasted = seconds_text(max(0.5, event.end - event.start))
    return (
        f'<li><time>{clock}</time><i aria-hidden="true" style="color:{style.color}">{style.icon}'
        f"</i><b>{html.escape(style.title)}</b><span>{lasted}</span></li>"
    )
