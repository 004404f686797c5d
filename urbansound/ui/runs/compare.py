"""Several runs laid over one another, and what differs between them."""

import streamlit as st

from urbansound.ui.chips import calm_chip
from urbansound.ui.curves import Axes, Line, draw_curves
from urbansound.ui.run_line import run_chips, viewer_zone
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.runs.settings import difference_frame
from urbansound.ui.runs.table import table_height
from urbansound.ui.words import score_text

COLORS = ("#3f6ee0", "#1f9a6b", "#b5479c", "#94762a", "#7b5cc9", "#6b7f8f")


def show_together(states: list[RunState]) -> None:
    """Validation curves of all, the scores with their chips, and the differing settings."""
    titles = run_names(states)
    st.subheader(f"{len(states)} runs side by side", anchor=False)
    for title, state in zip(titles, states, strict=True):
        st.markdown(f"**{title}** :small[{run_chips(state.run)} {_score_chips(state)}]")
    if len({state.run.spec.protocol for state in states}) > 1:
        st.markdown("They were tested on different clips, so their test scores cannot be compared.")
    draw_curves(overlay_lines(states, titles), _common_axes(states), "runs_overlay")
    st.subheader("What differs", anchor=False)
    frame = difference_frame(states, titles)
    st.dataframe(
        frame,
        hide_index=True,
        height=table_height(len(frame)),
        key="runs_differences",
        alt="Settings that differ and all figures, one column a run",
    )


def run_names(states: list[RunState]) -> list[str]:
    """A short name for each run, no two alike: "Model 1, 12:46:03"."""
    zone = viewer_zone()
    names: list[str] = []
    for state in states:
        name = f"{state.info.title}, {state.run.begun_at.astimezone(zone):%H:%M:%S}"
        n_alike = sum(other.startswith(name) for other in names)
        names.append(f"{name} ({n_alike + 1})" if n_alike else name)
    return names


def overlay_lines(states: list[RunState], titles: list[str]) -> list[Line]:
    """One line a run: validation, or training where there was no validation fold."""
    return [
        _line(state, title, COLORS[at % len(COLORS)])
        for at, (state, title) in enumerate(zip(states, titles, strict=True))
    ]


def _line(state: RunState, title: str, color: str) -> Line:
    if state.best is None:
        return Line(f"{title} (training)", color, state.epochs, "train")
    validated = [epoch for epoch in state.epochs if epoch["validation_loss"] is not None]
    return Line(title, color, validated, best_epoch=state.best["epoch"])


def _common_axes(states: list[RunState]) -> Axes:
    cards = [card for card in map(run_card, (state.run for state in states)) if card]
    n_classes = len(cards[0].class_names) if cards else 10
    all_axes = [Axes.of(state.info, state.n_epochs, n_classes) for state in states]
    longest = max(axes.n_epochs for axes in all_axes)
    return Axes(longest, n_classes, min(axes.loss_floor for axes in all_axes))


def _score_chips(state: RunState) -> str:
    card = run_card(state.run)
    if card is None:
        return calm_chip("no scores yet")
    chips = [
        calm_chip(f"{name} {score_text(scores.accuracy)}")
        for name, scores in (("validation", card.validation), ("test", card.test))
        if scores
    ]
    return " ".join(chips)
