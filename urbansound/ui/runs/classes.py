"""Precision, recall and F1, sound by sound."""

import pandas as pd
import streamlit as st

from urbansound.labels import class_title
from urbansound.records import Scores
from urbansound.ui.frame import quiet_line
from urbansound.ui.runs.inside import Inside
from urbansound.ui.runs.table import table_height
from urbansound.ui.words import score_text


def show_classes(inside: Inside) -> None:
    """The table of all classes, and what stands out in it."""
    scores = inside.scores
    if scores is None:
        quiet_line("No clips were kept for a test, so no sound has a score.")
        return
    st.header("Sound by sound", anchor=False)
    st.markdown(f":small[{inside.chips}]")
    config = st.column_config
    percent = "%.1f %%"
    st.dataframe(
        class_frame(scores),
        hide_index=True,
        height=table_height(len(scores.per_class)),
        key="runs_classes",
        column_config={
            "sound": "Sound",
            "precision": config.NumberColumn(
                "Precision", format=percent, help="Of all clips given this name, how many were."
            ),
            "recall": config.NumberColumn(
                "Recall", format=percent, help="Of all clips of this sound, how many were found."
            ),
            "f1": config.ProgressColumn("F1", format=percent, min_value=0, max_value=100),
            "clips": config.NumberColumn("Clips"),
        },
        alt="Precision, recall and F1 of every class",
    )
    quiet_line(
        f"Mean F1 over the sounds (macro F1): {score_text(scores.macro_f1)}. "
        f"Right on all clips: {score_text(scores.accuracy)}."
    )


def class_frame(scores: Scores) -> pd.DataFrame:
    """Columns sound, precision, recall, f1 (percent) and clips: a row for every class."""
    return pd.DataFrame(
        [
            (
                class_title(score.name),
                100 * score.precision,
                100 * score.recall,
                100 * score.f1,
                score.n,
            )
            for score in scores.per_class
        ],
        columns=["sound", "precision", "recall", "f1", "clips"],
    )
