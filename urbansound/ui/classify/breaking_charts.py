"""How far one knob can go before the answer flips: a small chart, and the same in words."""

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.labels import SILENCE, class_style, class_title
from urbansound.ui.charts import quiet
from urbansound.ui.theme import INK
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.robustness import Flip, Sweep

_HEIGHT = 150
_PADDING = {"left": 0, "right": 12, "top": 4, "bottom": 0}


@dataclass(frozen=True)
class KnobWords:
    """What a knob is called, and how its axis is drawn."""

    title: str
    ticks: tuple[float, ...]
    scale: Literal["linear", "log"] = "linear"


KNOB_WORDS: dict[str, KnobWords] = {
    "gain_db": KnobWords("Louder or softer", (-48, -24, 0, 24)),
    "noise_db": KnobWords("Added noise", (-60, -40, -20, 0)),
    "low_pass_hz": KnobWords("Muffled: no tones above", (250, 1000, 4000, 11025), "log"),
    "speed": KnobWords("Slower or faster", (0.5, 0.71, 1, 1.41, 2), "log"),
}
"""By the knob's name in inference.robustness."""


def level_text(name: str, level: float) -> str:
    """A level as a person reads it: "+6 dB", "none", "2.8 kHz", "1.26 x"."""
    if name == "gain_db":
        return f"{level:+.0f} dB" if level else "as it is"
    if name == "noise_db":
        return "none" if level <= -60 else f"{level:+.0f} dB"
    if name == "low_pass_hz":
        if level > 11000:
            return "all tones"
        return f"{level / 1000:g} kHz" if level >= 1000 else f"{level:.0f} Hz"
    return "as it is" if level == 1 else f"{level:g} x"


def show_sweep(sweep: "Sweep", level: float, threshold: float, *, key: str) -> None:
    """The chart of one knob with the present level marked, and where the answer flips."""
    words = KNOB_WORDS[sweep.knob.name]
    st.markdown(f":small[**{words.title}**]")
    said = flip_sentence(sweep)
    name, spec = f"{key}_{sweep.knob.name}_chart", _spec(sweep, level, threshold)
    st.vega_lite_chart(copy.deepcopy(spec), key=name, alt=f"{words.title}: {said}")
    st.markdown(f":small[{plain(said)}]")


@functools.lru_cache(maxsize=256)
def _spec(sweep: "Sweep", level: float, threshold: float) -> dict[str, Any]:
    """`sweep_chart` as Vega-Lite: of four charts under a moving slider, only one changes."""
    spec: dict[str, Any] = sweep_chart(sweep, level, threshold).to_dict()
    return spec


def flip_sentence(sweep: "Sweep") -> str:
    """Where the answer flips on either side, in words; or that it holds, and how surely."""
    flips = _flips(sweep)
    if not flips:
        return _holds(sweep)
    said = [f"at {level_text(sweep.knob.name, flip.level)} {_says(flip.answer)}" for flip in flips]
    listed = ", ".join(said)
    return f"{listed[0].upper()}{listed[1:]}."


def _holds(sweep: "Sweep") -> str:
    """That another level changes no answer, and where it would be too unsure to give it."""
    given = dict(zip(sweep.levels, (not one.verdict for one in sweep.predictions), strict=True))
    neutral = sweep.knob.neutral
    if not given[neutral]:
        return "It leans to the same answer over the whole range."
    unsure = sorted(level for level, is_given in given.items() if not is_given)
    below = [level for level in unsure if level < neutral]
    above = [level for level in unsure if level > neutral]
    nearest = [*below[-1:], *above[:1]]
    if not nearest:
        return "Its answer holds over the whole range."
    listed = " and ".join(level_text(sweep.knob.name, level) for level in nearest)
    return f"It leans to the same answer over the whole range; at {listed} it is too unsure."


def _flips(sweep: "Sweep") -> "list[Flip]":
    from urbansound.inference.robustness import find_flip

    found = [find_flip(sweep, upwards=upwards) for upwards in (False, True)]
    return [flip for flip in found if flip is not None]


def _says(answer: str) -> str:
    return "it hears silence" if answer == SILENCE else f"it says {class_title(answer)} instead"


def sweep_chart(sweep: "Sweep", level: float, threshold: float) -> Any:
    """The original answer's probability over a knob's levels; flips ringed, `level` a line."""
    best = sweep_best(sweep)
    labels = sweep.predictions[0].labels
    at = labels.index(best)
    color = class_style(best, at).color
    frame = pd.DataFrame(
        {
            "level": sweep.levels,
            "words": [level_text(sweep.knob.name, one) for one in sweep.levels],
            "chance": sweep.probabilities[:, at],
            "answer": ["silence" if a == SILENCE else class_title(a) for a in sweep.answers],
        }
    )
    x, y = _x_axis(sweep), _y_axis()
    tooltip = [
        alt.Tooltip("words:N", title="Level"),
        alt.Tooltip("chance:Q", title=class_title(best), format=".0%"),
        alt.Tooltip("answer:N", title="It says"),
    ]
    dots = {"size": 22, "color": color}
    line = alt.Chart(frame).mark_line(color=color, strokeWidth=2, point=dots)
    flipped = frame[frame["level"].isin([flip.level for flip in _flips(sweep)])]
    ring = alt.Chart(flipped).mark_point(
        filled=False, size=130, strokeWidth=2.5, opacity=1, color=INK
    )
    here = alt.Chart(pd.DataFrame({"level": [level]})).mark_rule(color=INK, strokeWidth=1.5)
    least = alt.Chart(pd.DataFrame({"chance": [threshold]})).mark_rule(
        color=INK, strokeDash=[5, 4], strokeWidth=1.2
    )
    layers = [
        least.encode(y=y),
        here.encode(x=x),
        line.encode(x=x, y=y, tooltip=tooltip),
        ring.encode(x=x, y=y, tooltip=tooltip),
    ]
    return quiet(alt.layer(*layers).properties(height=_HEIGHT, padding=_PADDING))


def sweep_best(sweep: "Sweep") -> str:
    """The class that the unchanged sound is heard as."""
    return sweep.predictions[sweep.levels.index(sweep.knob.neutral)].best


def _x_axis(sweep: "Sweep") -> alt.X:
    words = KNOB_WORDS[sweep.knob.name]
    texts = {level: _tick_text(sweep.knob.name, level) for level in words.ticks}
    expression = " : ".join(
        f"abs(datum.value - {level}) < 1e-6 ? '{text}'" for level, text in texts.items()
    )
    axis = alt.Axis(
        values=list(words.ticks), labelExpr=f"{expression} : ''", grid=False, labelOverlap=False
    )
    domain = [min(sweep.knob.levels), max(sweep.knob.levels)]
    scale = alt.Scale(type=words.scale, domain=domain, nice=False)
    return alt.X("level:Q", title=None, axis=axis, scale=scale)


def _tick_text(name: str, level: float) -> str:
    """`level_text` where there is little room."""
    short = {("gain_db", 0.0): "0 dB", ("speed", 1.0): "1 x", ("low_pass_hz", 11025.0): "all"}
    return short.get((name, level)) or level_text(name, level)


def _y_axis() -> alt.Y:
    axis = alt.Axis(values=[0, 0.5, 1], labelExpr="format(datum.value * 100, 'd') + ' %'")
    return alt.Y("chance:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1]))
