"""The two charts of a training: accuracy and loss by epoch, on axes that never move."""

import copy
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.models.catalog import ModelInfo
from urbansound.ui.charts import quiet
from urbansound.ui.run_state import RunState
from urbansound.ui.theme import INK, TEXT_INK, TRAINING, VALIDATION, mode

HEIGHT = 240
MOST_POINTS = 300
FEW_EPOCHS = 100
_LOSS_STEP = 0.25
_RAN_AWAY = 1e6
# What the points and the reference line are called in the charts.
_POINTS, _MARK = "points", "mark"


@dataclass(frozen=True)
class Axes:
    """What stands before any point is drawn: lengths and reference lines.

    A `loss_floor` of 0 is no limit of the model, so no line is drawn for it.
    """

    n_epochs: int
    n_classes: int
    loss_floor: float

    @classmethod
    def of(cls, info: ModelInfo, n_epochs: int, n_classes: int) -> "Axes":
        """The axes for a model that is to be trained so long on so many classes."""
        return cls(max(n_epochs, 1), n_classes, info.loss_floor(n_classes))


@dataclass(frozen=True)
class Line:
    """One curve: its name, its colour, and the epoch events it is drawn from."""

    name: str
    color: str
    epochs: Sequence[dict[str, Any]]
    part: str = "validation"
    best_epoch: int | None = None


@dataclass(frozen=True)
class Figure:
    """What one chart shows: its reference line, its range, and where words do not cover curves.

    `label_dy` moves the reference line's name and `best_dy` the best epoch's, in pixels down.
    """

    mark: float
    mark_name: str
    domain: tuple[float, float]
    unit: str
    label_dy: int
    best_dy: int


def run_lines(state: RunState | None) -> list[Line]:
    """Training in grey and validation in blue, the best epoch marked."""
    epochs = state.epochs if state else ()
    best = state.best if state else None
    return [
        Line("training", TRAINING, epochs, "train"),
        Line(
            "validation",
            VALIDATION[mode()],
            [epoch for epoch in epochs if epoch["validation_loss"] is not None],
            best_epoch=best["epoch"] if best else None,
        ),
    ]


def draw_curves(lines: Sequence[Line], axes: Axes, key: str) -> None:
    """Accuracy and loss side by side, at a height that never changes."""
    left, right = st.columns(2, gap="medium")
    about = _in_words(lines)
    with left:
        st.markdown(":small[**Accuracy**]")
        chart = accuracy_chart(lines, axes)
        st.vega_lite_chart(chart, key=f"{key}_accuracy", alt=f"Accuracy by epoch. {about}")
    with right:
        st.markdown(":small[**Loss**]")
        chart = loss_chart(lines, axes)
        st.vega_lite_chart(chart, key=f"{key}_loss", alt=f"Loss by epoch. {about}")


def _in_words(lines: Sequence[Line]) -> str:
    drawn = [line for line in lines if line.epochs]
    if not drawn:
        return "Nothing is drawn yet."
    return ", ".join(
        f"{line.name} {100 * line.epochs[-1][f'{line.part}_accuracy']:.0f} % "
        f"after epoch {line.epochs[-1]['epoch']}"
        for line in drawn
    )


def accuracy_chart(lines: Sequence[Line], axes: Axes) -> dict[str, Any]:
    """Percent right by epoch, 0 to 100, with the line that guessing would reach."""
    guess = 100 / axes.n_classes
    frame = curve_frame(lines, "accuracy", scale=100)
    figure = Figure(guess, f"guessing = {guess:.0f} %", (0.0, 100.0), " %", -8, 18)
    return _chart(frame, lines, axes, figure)


def loss_chart(lines: Sequence[Line], axes: Axes) -> dict[str, Any]:
    """Cross-entropy by epoch, with the least that a model's bounded outputs allow.

    Where they are not bounded, with what guessing would cost.
    """
    frame = curve_frame(lines, "loss")
    name = f"lowest possible = {axes.loss_floor:.2f}"
    domain = _loss_domain(frame, axes)
    if not axes.loss_floor:
        guess = math.log(axes.n_classes)
        name = f"guessing = {guess:.2f}"
        return _chart(frame, lines, axes, Figure(guess, name, domain, "", -8, -16))
    return _chart(frame, lines, axes, Figure(axes.loss_floor, name, domain, "", 10, -16))


def _loss_domain(frame: pd.DataFrame, axes: Axes) -> tuple[float, float]:
    """From just below the floor to just above guessing; higher only when the loss is."""
    guessing = math.log(axes.n_classes)
    top = max(1.05 * guessing, frame["value"].max() if len(frame) else 0.0)
    low = axes.loss_floor - 0.14 * (guessing - axes.loss_floor) if axes.loss_floor else 0.0
    # Of a loss that ran away, steps cannot be counted: floats end at 1.8e308.
    steps = math.ceil(top / _LOSS_STEP) if top < _RAN_AWAY else 0
    return round(low, 2), steps * _LOSS_STEP if steps else top


def curve_frame(lines: Sequence[Line], figure: str, scale: float = 1.0) -> pd.DataFrame:
    """Columns epoch, value, line, is_best: at most MOST_POINTS points a line."""
    rows = [
        (epoch["epoch"], scale * epoch[f"{line.part}_{figure}"], line.name, epoch is best)
        for line in lines
        for best in [_best(line)]
        for epoch in _thinned(line.epochs, best)
    ]
    frame = pd.DataFrame(rows, columns=["epoch", "value", "line", "is_best"])
    return frame.astype({"epoch": int, "value": float, "line": str, "is_best": bool})


def _best(line: Line) -> dict[str, Any] | None:
    return next((epoch for epoch in line.epochs if epoch["epoch"] == line.best_epoch), None)


def _thinned(epochs: Sequence[dict[str, Any]], best: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Evenly fewer epochs, the best and the last one always among them."""
    step = max(1, math.ceil(len(epochs) / MOST_POINTS))
    return [
        epoch
        for at, epoch in enumerate(epochs)
        if at % step == 0 or epoch is best or at == len(epochs) - 1
    ]


@dataclass(frozen=True)
class _Look:
    """All of a chart but its points: of a training at work it is nearly always the same."""

    names: tuple[str, ...]
    colors: tuple[str, ...]
    axes: Axes
    figure: Figure
    n_best: int
    is_best_late: bool
    mode: str


def _chart(
    frame: pd.DataFrame, lines: Sequence[Line], axes: Axes, figure: Figure
) -> dict[str, Any]:
    """The chart as Vega-Lite with its points beside it, for `st.vega_lite_chart`."""
    best = frame.loc[frame["is_best"], "epoch"].tolist()
    names, colors = tuple(line.name for line in lines), tuple(line.color for line in lines)
    is_best_late = len(best) == 1 and best[0] > axes.n_epochs / 2
    look = _Look(names, colors, axes, figure, len(best), is_best_late, mode())
    mark = {"epoch": [axes.n_epochs], "value": [figure.mark], "name": [figure.mark_name]}
    return copy.deepcopy(_spec(look)) | {"datasets": {_POINTS: frame, _MARK: pd.DataFrame(mark)}}


@functools.lru_cache(maxsize=64)
def _spec(look: _Look) -> dict[str, Any]:
    """The chart without its points: to build and to check it takes 30 ms each time."""
    axes, figure = look.axes, look.figure
    x, y = _x_axis(axes), _y_axis(figure)
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", labelLimit=260, offset=2)
    scale = alt.Scale(domain=list(look.names), range=list(look.colors))
    color = alt.Color("line:N", scale=scale, legend=legend)
    value = alt.Tooltip("value:Q", format=".1f" if figure.unit else ".3f", title="value")
    points = alt.Chart(alt.NamedData(name=_POINTS))
    base = points.encode(x=x, y=y, color=color, tooltip=["line:N", "epoch:Q", value])
    has_dots = axes.n_epochs <= FEW_EPOCHS
    layers = [
        *_mark_layers(look, x, y),
        base.mark_line(strokeWidth=2, point={"size": 22} if has_dots else False),
        *_best_layers(base, look),
    ]
    chart = alt.layer(*layers).properties(height=HEIGHT, padding={"left": 0, "right": 4, "top": 0})
    spec: dict[str, Any] = quiet(chart).to_dict()
    # Altair's own size, which the page's takes the place of.
    for size in ("continuousWidth", "continuousHeight"):
        spec["config"]["view"].pop(size, None)
    return spec


def _x_axis(axes: Axes) -> alt.X:
    axis = alt.Axis(tickMinStep=1, tickCount=5, grid=False, format=",d", titlePadding=0)
    scale = alt.Scale(domain=[0, axes.n_epochs], nice=False)
    return alt.X("epoch:Q", title="epoch", scale=scale, axis=axis)


def _y_axis(figure: Figure) -> alt.Y:
    axis = alt.Axis(tickCount=5, labelExpr=f"datum.label + '{figure.unit}'")
    scale = alt.Scale(domain=list(figure.domain), nice=False, clamp=True)
    return alt.Y("value:Q", title=None, scale=scale, axis=axis)


def _best_layers(base: Any, look: _Look) -> list[Any]:
    """A ring around each line's best epoch; its name too where there is only one."""
    chosen = base.transform_filter("datum.is_best")
    ring = chosen.mark_point(filled=False, size=110, strokeWidth=2, opacity=1)
    if look.n_best > 1:
        return [ring]
    text = chosen.mark_text(
        align="right" if look.is_best_late else "left",
        dx=4 if look.is_best_late else -4,
        dy=look.figure.best_dy,
        fontSize=12,
    ).encode(text=alt.Text("label:N"), color=alt.value(TEXT_INK[look.mode]))
    return [ring, text.transform_calculate(label="'best: epoch ' + datum.epoch")]


def _mark_layers(look: _Look, x: Any, y: Any) -> list[Any]:
    base = alt.Chart(alt.NamedData(name=_MARK)).encode(y=y)
    rule = base.mark_rule(strokeDash=[5, 4], color=INK, strokeWidth=1.2)
    text = base.mark_text(
        align="right", dy=look.figure.label_dy, fontSize=12, color=TEXT_INK[look.mode]
    )
    return [rule, text.encode(x=x, text="name:N")]
