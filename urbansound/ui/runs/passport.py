"""How a run was made and what it is for: its card in words."""

import pandas as pd
import streamlit as st

from urbansound.features.spec import spec_title
from urbansound.labels import class_title
from urbansound.records import Card
from urbansound.runs.command import command_for
from urbansound.ui.run_state import RunState
from urbansound.ui.runs.inside import Inside
from urbansound.ui.runs.settings import NOTHING, figure_rows, setting_rows, show_rows
from urbansound.ui.runs.table import table_height
from urbansound.ui.words import extent_text, plain, plain_title, score_text

_SHORT = 16


def show_settings(state: RunState, card: Card | None = None) -> None:
    """Settings, figures and the command; with a card also what tells the run from any other."""
    st.header("How it was made", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        show_rows(setting_rows(state.run), "Settings", key="runs_settings")
    with right:
        known = {name: text for name, text in figure_rows(state).items() if text != NOTHING}
        show_rows(known, "Figures", key="runs_figures")
        if card is not None:
            show_rows(identity_rows(card), "Identity", key="runs_identity")
            show_rows(dict(card.versions), "Made with", key="runs_versions")
    st.markdown("This command does the same again:")
    st.code(command_for(state.run.spec), language="bash", wrap_lines=True)


def show_passport(inside: Inside) -> None:
    """What the run is for, what it knows, how it was made, and what with."""
    card = inside.card
    st.header("Passport", anchor=False)
    st.markdown(f":small[{inside.chips}]")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**What it is for**  \n{plain(card.intended_use)}")
    with right:
        st.markdown(f"**Where it ends**  \n{plain(card.limits)}")
    st.markdown(f"**Its answers, in their order**  \n{labels_text(card)}")
    show_settings(inside.state, card)
    if card.folds:
        _fold_scores(card)


def labels_text(card: Card) -> str:
    """The classes with their numbers: "0 air conditioner · 1 car horn"."""
    return " · ".join(
        f"{number}\u00a0{plain_title(name)}" for number, name in enumerate(card.class_names)
    )


def identity_rows(card: Card) -> dict[str, str]:
    """What tells this run's material and weights from any other."""
    spec = card.spec.features
    hears = f"{spec_title(spec)} at {spec.sample_rate:,} Hz"
    window = f"window {spec.n_fft:,}, step {spec.hop_length:,}, {spec.n_mels} mel bands"
    not_sure = f"below {score_text(card.calibration.threshold)}"
    return {
        "Features": hears,
        "Measured with": window,
        "Data": card.dataset_name + (", made by this app" if card.is_synthetic else ""),
        "Data digest": card.data_digest[:_SHORT] or NOTHING,
        "Weights digest": card.sha256[:_SHORT] or "no weights are kept",
        "Scored on": extent_text(card.test) if card.test else NOTHING,
        "Not sure": not_sure if card.calibration.threshold else "never",
        "Temperature": f"{card.calibration.temperature:.3f}",
        "Made": card.created[:_SHORT].replace("T", ", ") + " UTC",
    }


def _fold_scores(card: Card) -> None:
    st.markdown("**Right in per cent, by fold and sound**")
    frame = fold_class_frame(card)
    config = {
        name: st.column_config.NumberColumn(name, format="%.0f %%", width="small")
        for name in frame.columns[1:]
    }
    st.dataframe(
        frame,
        hide_index=True,
        height=table_height(len(frame)),
        key="runs_fold_classes",
        column_config={"fold": st.column_config.TextColumn("Fold", width="small"), **config},
        alt="The share of each sound's clips that was found, fold by fold",
    )


def fold_class_frame(card: Card) -> pd.DataFrame:
    """One line a fold with the recall (percent) of every class; empty where it has no clips."""
    return pd.DataFrame(
        [
            {
                "fold": str(fold.fold),
                **{
                    class_title(score.name): 100 * score.recall if score.n else None
                    for score in fold.scores.per_class
                },
            }
            for fold in card.folds
        ]
    )
