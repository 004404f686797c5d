"""A run's settings and figures in words, for one run or side by side."""

import pandas as pd
import streamlit as st

from urbansound.features.spec import spec_title
from urbansound.models.catalog import MODELS
from urbansound.records import Card, Protocol, RunSpec, Scores, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.ui.run_line import data_name
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.runs.table import table_height
from urbansound.ui.words import count_text, folds_text, score_text, seconds_text

NOTHING = "–"
_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}


def setting_rows(run: RunFolder) -> dict[str, str]:
    """Every setting of a run by its name, in the order they are shown."""
    spec, train = run.spec, run.spec.train
    patience = f"after {count_text(train.patience, 'epoch')}" if train.patience else "no"
    excluded = spec.exclusions
    return {
        "Model": MODELS[spec.model].title,
        "Learns from": spec_title(spec.features),
        "Data": data_name(run),
        "Left out": "no clip"
        if excluded is None
        else f"{count_text(len(excluded.clips), 'clip')} of the list {excluded.name}",
        "Split": "honest" if spec.protocol.kind == "official" else "as in the article, leaks",
        "Test": _test(spec),
        "Validation": _validation(spec),
        "Epochs": f"{train.epochs:,}",
        "Batch size": f"{train.batch_size:,}",
        "Optimizer": _OPTIMIZERS[train.optimizer],
        "Learning rate": f"{train.lr:g}",
        "Schedule": {"constant": "constant", "one-cycle": "one cycle"}[train.schedule],
        "Weight decay": f"{train.weight_decay:g}",
        "Inputs on one scale": "yes" if train.standardise else "no",
        "Mixup": f"alpha {train.mixup:g}" if train.mixup else "no",
        "Sounds varied": "yes" if train.augment else "no",
        "Weights kept": _kept(train),
        "Stop early": patience,
        "Seed": f"{train.seed}",
        "Device": train.device,
    }


def _kept(train: TrainConfig) -> str:
    if train.average:
        return f"average of the last {100 * train.average:.0f} % of epochs"
    return "best epoch by validation loss, else the last"


def _test(spec: RunSpec) -> str:
    words = _folds(spec.protocol, spec.protocol.test_folds)
    return f"{words}, each once" if spec.is_crossval else words


def _validation(spec: RunSpec) -> str:
    is_each = spec.is_crossval and spec.protocol.validation_folds
    return (
        "one other fold each" if is_each else _folds(spec.protocol, spec.protocol.validation_folds)
    )


def _folds(protocol: Protocol, folds: tuple[int, ...]) -> str:
    if protocol.kind == "random":
        return "a tenth of the clips"
    return folds_text(folds) if folds else "none"


def figure_rows(state: RunState) -> dict[str, str]:
    """Every figure of a run by its name; a dash for what is not known yet."""
    card = run_card(state.run)
    seconds = state.last("finished").get("seconds")
    rows = {
        "Validation accuracy": _accuracy(card.validation if card else None),
        "Validation loss": _loss(card.validation if card else None),
        "Test accuracy": _accuracy(card.test if card else None),
        "Test macro F1": score_text(card.test.macro_f1) if card and card.test else NOTHING,
        "Test loss": _loss(card.test if card else None),
        "Weights of epoch": f"{card.epoch:,}" if card and card.sha256 else NOTHING,
        "Numbers learned": f"{card.n_parameters:,}" if card else NOTHING,
        "Clips learned from": _n_train(state, card),
        "Took": seconds_text(seconds) if seconds is not None else NOTHING,
        "Trained on": state.last("started").get("device", NOTHING),
    }
    return rows


def _n_train(state: RunState, card: Card | None) -> str:
    if card is None or card.n_train:
        return f"{card.n_train:,}" if card else NOTHING
    mean = state.last("started").get("n_train")
    return f"{mean:,.0f} in the mean" if mean else NOTHING


def _accuracy(scores: Scores | None) -> str:
    return score_text(scores.accuracy) if scores else NOTHING


def _loss(scores: Scores | None) -> str:
    return f"{scores.loss:.3f}" if scores else NOTHING


def show_rows(rows: dict[str, str], title: str, key: str) -> None:
    """Names and values as a small table."""
    frame = pd.DataFrame({title: rows.keys(), "": rows.values()})
    st.dataframe(
        frame, hide_index=True, height=table_height(len(rows)), key=key, alt=f"{title} of this run"
    )


def difference_frame(states: list[RunState], titles: list[str]) -> pd.DataFrame:
    """The settings in which the runs differ, then their figures: one column a run."""
    settings = [setting_rows(state.run) for state in states]
    names = [name for name in settings[0] if len({rows[name] for rows in settings}) > 1]
    figures = [figure_rows(state) for state in states]
    columns = {
        title: [settings[at][name] for name in names] + list(figures[at].values())
        for at, title in enumerate(titles)
    }
    return pd.DataFrame({"": [*names, *figures[0]], **columns})
