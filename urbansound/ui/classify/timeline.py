"""What was heard when: the windows of a longer recording as a coloured strip."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.labels import NOT_SURE, SILENCE, class_style, class_title
from urbansound.records import Segment
from urbansound.ui.charts import quiet
from urbansound.ui.theme import INK

_HEIGHT = 230
_SILENT_HEIGHT = 0.02
_WORDS = {NOT_SURE: "not sure", SILENCE: "silence"}
_ROW_FIELDS = ["start_s", "end_s", "heard", "color", "icon"]


def spans(segments: tuple[Segment, ...]) -> list[tuple[float, float]]:
    """The time each window speaks for, in seconds: windows that overlap share by halves."""
    centres = [(segment.start_s + segment.end_s) / 2 for segment in segments]
    borders = [(a + b) / 2 for a, b in pairwise(centres)]
    return list(pairwise([segments[0].start_s, *borders, segments[-1].end_s]))


def heard_words(segment: Segment) -> str:
    """What a stretch was heard as: "siren", "not sure" or "silence"."""
    label = segment.prediction.label
    return _WORDS.get(label, class_title(label))


def heard_look(segment: Segment) -> tuple[str, str]:
    """Colour and icon of the class that was heard; ink and a plain icon where there is none."""
    prediction = segment.prediction
    if prediction.verdict:
        return INK, "graphic_eq"
    style = class_style(prediction.best, prediction.labels.index(prediction.best))
    return style.color, style.icon


def timeline_rows(segments: tuple[Segment, ...]) -> list[dict[str, Any]]:
    """One row a window: where it is drawn, what it covers, what was heard and how surely."""
    return [
        {
            "from_s": from_s,
            "to_s": to_s,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "heard": heard_words(segment),
            "color": heard_look(segment)[0],
            "icon": heard_look(segment)[1],
            "confidence": segment.prediction.confidence,
            "height": _height(segment),
            "opacity": 0.4 if segment.prediction.verdict else 1.0,
        }
        for (from_s, to_s), segment in zip(spans(segments), segments, strict=True)
    ]


def _height(segment: Segment) -> float:
    is_silence = segment.prediction.label == SILENCE
    return _SILENT_HEIGHT if is_silence else segment.prediction.confidence


def timeline_chart(segments: tuple[Segment, ...]) -> Any:
    """Windows over time in class colours; height is confidence, grey is "not sure"."""
    frame = pd.DataFrame(timeline_rows(segments))
    colors = dict(zip(frame["heard"], frame["color"], strict=True))
    chart = (
        alt.Chart(frame)
        .mark_rect(cornerRadius=2, cursor="pointer")
        .encode(
            x=alt.X(
                "from_s:Q",
                title="time (s)",
                scale=alt.Scale(domain=[0, segments[-1].end_s], nice=False),
                axis=alt.Axis(grid=False),
            ),
            x2="to_s:Q",
            y=alt.Y(
                "height:Q",
                title="confidence",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(
                    values=[0, 0.5, 1], labelExpr="format(datum.value * 100, 'd') + ' %'"
                ),
            ),
            y2=alt.datum(0),
            color=alt.Color(
                "heard:N",
                title=None,
                scale=alt.Scale(domain=list(colors), range=list(colors.values())),
                legend=alt.Legend(
                    orient="top", symbolType="square", columns=3, values=_named(colors)
                ),
            ),
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
            tooltip=_tooltip(),
        )
        .add_params(alt.selection_point(name="moment", fields=_ROW_FIELDS, on="click"))
    )
    return quiet(chart)


def _named(colors: dict[str, str]) -> list[str]:
    """What the legend explains: silence is seen by its absence."""
    return [words for words in colors if words != _WORDS[SILENCE]]


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("heard:N", title="Heard"),
        alt.Tooltip("confidence:Q", title="Confidence", format=".0%"),
        alt.Tooltip("start_s:Q", title="From (s)", format=".1f"),
        alt.Tooltip("end_s:Q", title="To (s)", format=".1f"),
    ]


def show_timeline(
    segments: tuple[Segment, ...], *, key: str, on_moment: Callable[[dict[str, Any]], None]
) -> None:
    """Draw the strip; a click hands the window's row to `on_moment` before the page runs."""

    def clicked() -> None:
        chosen = st.session_state[key]["selection"].get("moment")
        if chosen:
            on_moment(chosen[0])

    heard = sorted({heard_words(segment) for segment in segments})
    st.altair_chart(
        timeline_chart(segments),
        height=_HEIGHT,
        key=key,
        on_select=clicked,
        alt=f"What was heard over {segments[-1].end_s:.0f} s: {', '.join(heard)}",
    )
