"""What a longer recording held, in sum: which sounds, how often and for how long."""

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import SILENCE, class_title
from urbansound.ui.classify.bars import Bar, shares_html
from urbansound.ui.classify.headline import headline_html
from urbansound.ui.words import names_text
from urbansound.wording import clock_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

# A sound that lasts longer holds more than one thing: the mean of all it holds says little.
SUM_UP_S = 20.0
_TITLED = 3


def show_summary(heard: "Heard", *, is_paired: bool = False) -> None:
    """The sounds that were named, the longest first, each with its time; what was not."""
    bars = summary_bars(heard)
    st.html(headline_html(summary_title(heard), summary_sentence(heard), is_paired=is_paired))
    if bars:
        st.html(shares_html(bars, first=bars[0].name))


def summary_title(heard: "Heard") -> str:
    """The longest first: "Siren, dog bark, drilling and 2 more"."""
    names = [class_title(bar.name) for bar in summary_bars(heard)]
    if not names:
        return "Nothing clear enough to name"
    more = [f"{len(names) - _TITLED} more"] if len(names) > _TITLED + 1 else []
    shown = names[:_TITLED] if more else names
    return names_text([*shown, *more]).capitalize()


def summary_sentence(heard: "Heard") -> str:
    """How much of the recording was named, how much was silent and how much is not clear."""
    named_s = sum(event.end_s - event.start_s for event in heard.events)
    silent = sum(segment.prediction.label == SILENCE for segment in heard.segments)
    silent_s = heard.duration_s * silent / max(1, len(heard.segments))
    left_s = max(0.0, heard.duration_s - named_s - silent_s)
    silence = f", {_span(silent_s)} is silence" if silent else ""
    return (
        f"Of {_span(heard.duration_s)}, {_span(named_s)} could be named{silence} and "
        f"{_span(left_s)} was not clear enough."
    )


def _span(seconds: float) -> str:
    """A stretch of time to the second: "42 s", "10:13 min", "1:02:03 h"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{clock_text(seconds)} {'h' if seconds >= 3600 else 'min'}"


def summary_bars(heard: "Heard") -> list[Bar]:
    """A bar for each class that was named: its share of the recording, its time and how often."""
    seconds: dict[str, float] = {}
    times: Counter[str] = Counter()
    for event in heard.events:
        name, lasting_s = event.prediction.best, event.end_s - event.start_s
        seconds[name] = seconds.get(name, 0.0) + lasting_s
        times[name] += 1
    labels = heard.prediction.labels
    return [
        Bar(name, labels.index(name), s / heard.duration_s, f"{_span(s)} · {times[name]}×")
        for name, s in sorted(seconds.items(), key=lambda pair: -pair[1])
    ]
