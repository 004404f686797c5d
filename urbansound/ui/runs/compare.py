"""Several runs laid over one another, what differs, and of two which one is better."""

import statistics
from typing import Any

import streamlit as st

from urbansound.errors import BadConfig
from urbansound.ui.chips import calm_chip, warning_chip
from urbansound.ui.curves import Axes, Line, draw_curves
from urbansound.ui.frame import quiet_line
from urbansound.ui.run_line import run_chips, viewer_zone
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.runs.answers import dataset_of
from urbansound.ui.runs.flips import both_ways, show_flips
from urbansound.ui.runs.settings import difference_frame
from urbansound.ui.runs.table import table_height
from urbansound.ui.runs.verdict import (
    Contestant,
    compare_runs,
    contestant,
    fold_chart,
    verdict,
)
from urbansound.ui.words import plain, score_text

COLORS = ("#3f6ee0", "#1f9a6b", "#b5479c", "#94762a", "#7b5cc9", "#6b7f8f")


def show_together(states: list[RunState]) -> None:
    """Of two the verdict in pairs; of all the curves, the scores and the differing settings."""
    titles = run_names(states)
    st.header(f"{len(states)} runs side by side", anchor=False)
    for title, state in zip(titles, states, strict=True):
        st.markdown(f"**{title}** :small[{run_chips(state.run)} {_score_chips(state)}]")
    if len(states) == 2:
        show_verdict(states)
    elif len({state.run.spec.protocol for state in states}) > 1:
        st.markdown("They were tested on different clips, so their test scores cannot be compared.")
    st.header("How they learned", anchor=False)
    draw_curves(overlay_lines(states, titles), _common_axes(states), "runs_overlay")
    st.header("What differs", anchor=False)
    frame = difference_frame(states, titles)
    st.dataframe(
        frame,
        hide_index=True,
        height=table_height(len(frame)),
        key="runs_differences",
        alt="Settings that differ and all figures, one column a run",
    )


def show_verdict(states: list[RunState]) -> None:
    """Which of two runs is better, on the clips both were tested on; or why nobody can say."""
    st.header("Which is better?", anchor=False)
    try:
        a, b = (
            contestant(state, title)
            for state, title in zip(states, short_names(states), strict=True)
        )
        comparison = compare_runs(a, b)
    except BadConfig as error:
        quiet_line(str(error))
        return
    said = verdict(comparison, a, b)
    st.markdown(f"**{plain(said.headline)}:** {plain(said.figures)}. {_leak_chip(a, b)}")
    if said.chance:
        st.markdown(plain(said.chance))
    if said.remarks:
        quiet_line(" ".join(said.remarks))
    if len(comparison.folds) > 1:
        chart = fold_chart(comparison.folds, (a.title, b.title), COLORS[:2])
        st.altair_chart(chart, key="runs_fold_pairs", alt=f"Accuracy fold by fold. {said.headline}")
    show_flips(both_ways(comparison, a, b), dataset_of(a.card))


def _leak_chip(a: Contestant, b: Contestant) -> str:
    leaking = sum((a.leaks, b.leaks))
    return (
        f":small[{warning_chip(('one of them leaks', 'both leak')[leaking - 1])}]"
        if leaking
        else ""
    )


def short_names(states: list[RunState]) -> list[str]:
    """The models' titles where they differ, else the runs' names with their moments."""
    titles = [state.info.title for state in states]
    return titles if len(set(titles)) == len(titles) else run_names(states)


def run_names(states: list[RunState]) -> list[str]:
    """A short name for each run, no two alike: "Model 1 (12:46:03)"."""
    zone = viewer_zone()
    names: list[str] = []
    for state in states:
        name = f"{state.info.title} ({state.run.begun_at.astimezone(zone):%H:%M:%S})"
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
    epochs = mean_epochs(state) if state.run.spec.is_crossval else list(state.epochs)
    validated = [epoch for epoch in epochs if epoch["validation_loss"] is not None]
    if not validated:
        return Line(f"{title} (training)", color, epochs, "train")
    best = min(validated, key=lambda epoch: epoch["validation_loss"])
    return Line(title, color, validated, best_epoch=best["epoch"])


def mean_epochs(state: RunState) -> list[dict[str, Any]]:
    """A cross-validation's epochs as the mean of the folds that came so far."""
    by_number: dict[int, list[dict[str, Any]]] = {}
    for epoch in state.epochs:
        by_number.setdefault(epoch["epoch"], []).append(epoch)
    return [{**alike[0], **_means(alike)} for _, alike in sorted(by_number.items())]


def _means(alike: list[dict[str, Any]]) -> dict[str, float | None]:
    names = [
        f"{part}_{figure}" for part in ("train", "validation") for figure in ("loss", "accuracy")
    ]
    known = {name: [e[name] for e in alike if e[name] is not None] for name in names}
    return {name: statistics.fmean(values) if values else None for name, values in known.items()}


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
