"""What stands above a run's curves: its name, its chips, what it is doing."""

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from urbansound.dataset.index import SYNTHETIC
from urbansound.records import DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.chips import calm_chip, card_chip, score_chip, warning_chip
from urbansound.ui.run_state import RunState, moment_text, run_card, run_name
from urbansound.ui.words import score_text

DEMO_NAME = "Demo sounds"


def viewer_zone() -> tzinfo | None:
    """The time zone of the person's browser; None (this computer's) where it does not say."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def data_name(run: RunFolder, index: DatasetIndex | None = None) -> str:
    """The name of the dataset that a run learns from."""
    card = run_card(run)
    if card is not None:
        return card.dataset_name
    root = Path(run.spec.dataset)
    if index is not None and root == index.root.resolve():
        return index.name
    return DEMO_NAME if (root / SYNTHETIC).is_file() else root.name


def is_synthetic(run: RunFolder) -> bool:
    """True where a run learns from sounds that the app made itself."""
    card = run_card(run)
    if card is not None:
        return card.is_synthetic
    return (Path(run.spec.dataset) / SYNTHETIC).is_file()


def run_chips(run: RunFolder, index: DatasetIndex | None = None) -> str:
    """How and on what a run is scored, as Markdown."""
    card, spec = run_card(run), run.spec
    chips = (
        score_chip(data_name(run, index), spec.protocol, seed=spec.train.seed)
        if card is None
        else card_chip(card)
    )
    return f"{chips} {warning_chip('made by this app')}" if is_synthetic(run) else chips


def run_heading(state: RunState, index: DatasetIndex | None = None) -> None:
    """The run's model, moment and chips in one line."""
    moment = calm_chip(moment_text(state.run, viewer_zone()))
    chips = f"{moment} {run_chips(state.run, index)} {_validation_chip(state)}".strip()
    st.markdown(f"**{run_name(state.run)}** :small[{chips}]")


def _validation_chip(state: RunState) -> str:
    card = run_card(state.run) if state.status == "finished" else None
    if card is None or card.validation is None:
        return ""
    return calm_chip(f"validation {score_text(card.validation.accuracy)}")
