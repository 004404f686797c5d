"""The three buttons of the Train page, each with a line that says what it does."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.records import DatasetIndex, RunSpec
from urbansound.runs.folder import ACTIVE
from urbansound.runs.store import list_runs
from urbansound.ui.run_folds import folds_name
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.training.form import as_crossval
from urbansound.ui.training.leak import as_in_the_article, as_official
from urbansound.ui.training.pace import time_text
from urbansound.ui.training.watched import begin, begin_pair
from urbansound.ui.words import folds_text

_ICONS = {"start": "model_training", "crossval": "view_module", "leak": "water_drop"}


def show_actions(spec: RunSpec | None, index: DatasetIndex) -> None:
    """[Train], [Ten-fold] and [Show me the leak]; a press begins at once."""
    if not may_change():
        say_only_looking("Nothing is trained from here.")
        return
    crossval = as_crossval(spec, index) if spec else None
    honest = as_official(spec, index) if spec else None
    pair = [honest, as_in_the_article(honest)] if honest else []
    line = f"One network, tested on {_test_text(spec)}"
    if _action("Train", "start", line, [spec] if spec else [], index) and spec:
        begin(spec)
    name = folds_name(len(index.folds)).capitalize()
    line = "Each fold is tested once, by a network that learned from the others"
    if _action(name, "crossval", line, [crossval] if crossval else [], index) and crossval:
        begin(crossval)
    line = "The same network twice: with the honest split and with the article's"
    if _action("Show me the leak", "leak", line, pair, index):
        begin_pair(*pair)
    if any(run.status() in ACTIVE for run in list_runs(outputs_dir())):
        st.caption("A training is at work. What you start now waits in the queue.")


def _action(label: str, key: str, line: str, specs: list[RunSpec], index: DatasetIndex) -> bool:
    """A button with a line on what it does and about how long; True when it is pressed."""
    with st.container(gap="xxsmall", key=f"train_action_{key}"):
        is_pressed = st.button(
            label,
            type="primary" if key == "start" else "secondary",
            icon=f":material/{_ICONS[key]}:",
            key=f"train_{key}",
            width="stretch",
            disabled=not specs,
        )
        time = f" · {time_text(specs, index, outputs_dir())}" if specs else ""
        st.caption(f"{line}{time}")
    return is_pressed and bool(specs)


def _test_text(spec: RunSpec | None) -> str:
    if spec is None or not spec.protocol.test_folds:
        return "a tenth of the clips"
    return folds_text(spec.protocol.test_folds)
