"""The folds of a cross-validation as small curves, each in axes that stand from the start."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from urbansound.ui.run_folds import FoldsState, FoldState
from urbansound.ui.run_state import RunState
from urbansound.ui.theme import TRAINING, VALIDATION, mode
from urbansound.ui.words import score_text

MOST_POINTS = 100
_STATIC = Path(__file__).parent.parent / "static"


def _source(kind: str) -> str:
    return (_STATIC / f"folds.{kind}").read_text(encoding="utf-8")


_mount = st.components.v2.component(
    "urbansound_folds", html=_source("html"), css=_source("css"), js=_source("js")
)


def draw_folds(state: RunState, n_classes: int, key: str) -> None:
    """Every fold's accuracy by epoch, and its test score as soon as it is known."""
    guess = 1 / n_classes
    st.markdown(
        f":small[**Accuracy by epoch, fold by fold** :gray[dashed: guessing, {100 * guess:.0f} %]]"
    )
    board = {
        "label": "The folds",
        "guess": guess,
        "n_epochs": state.n_epochs,
        "colors": {"validation": VALIDATION[mode()], "training": TRAINING},
        "folds": fold_cards(state.folds, is_active=state.status == "running"),
    }
    _mount(data=board, key=f"{key}_folds")


def fold_cards(folds: FoldsState, *, is_active: bool) -> list[dict[str, Any]]:
    """What each fold's card shows, in the order in which they test."""
    at_work = folds.at_work if is_active else ()
    return [_card(fold, folds.n_epochs, fold in at_work) for fold in folds.folds]


def _card(fold: FoldState, n_epochs: int, is_at_work: bool) -> dict[str, Any]:
    part = _drawn_part(fold.epochs)
    points = [(epoch["epoch"], epoch[f"{part}_accuracy"]) for epoch in _thinned(fold.epochs)]
    reached = score_text(points[-1][1]) if points else ""
    return {
        "name": f"Fold {fold.number}",
        "state": "done" if fold.accuracy is not None else "works" if is_at_work else "waits",
        "score": "" if fold.accuracy is None else score_text(fold.accuracy),
        "part": "training" if part == "train" else part,
        "points": points,
        "heard": ("training" if part == "train" else part) if points else "",
        "reached": reached,
        "note": _note(fold, n_epochs, is_at_work),
        "alt": _in_words(fold, part, reached),
    }


def _drawn_part(epochs: Sequence[dict[str, Any]]) -> str:
    """Validation is drawn; training where no fold validates."""
    is_validated = not epochs or epochs[-1]["validation_accuracy"] is not None
    return "validation" if is_validated else "train"


def _note(fold: FoldState, n_epochs: int, is_at_work: bool) -> str:
    if fold.accuracy is not None:
        return f"tested after epoch {fold.epoch:,}" if fold.epoch else "tested"
    if fold.epoch:
        return f"epoch {fold.epoch:,} of {n_epochs:,}"
    return "begins" if is_at_work else "waits"


def _in_words(fold: FoldState, part: str, reached: str) -> str:
    name = "training" if part == "train" else part
    curve = f"{name} {reached} after epoch {fold.epoch}" if reached else "nothing is drawn yet"
    test = "" if fold.accuracy is None else f", test {score_text(fold.accuracy)}"
    return f"Accuracy by epoch of fold {fold.number}: {curve}{test}"


def _thinned(epochs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    step = max(1, -(-len(epochs) // MOST_POINTS))
    return [epoch for at, epoch in enumerate(epochs) if at % step == 0 or epoch is epochs[-1]]
