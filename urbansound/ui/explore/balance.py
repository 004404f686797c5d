"""How many clips there are of each class in each fold."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from urbansound.labels import class_title
from urbansound.records import DatasetIndex
from urbansound.ui.charts import ink_on_squares, quiet, sequential_scale
from urbansound.ui.words import count_text, plain


def balance(index: DatasetIndex) -> None:
    """A sentence, and a heatmap of class by fold with the counts in it."""
    counts = class_by_fold(index)
    totals = counts.groupby("sound", sort=False)["clips"].sum().sort_values()
    if totals.iloc[0] < totals.iloc[-1]:
        st.markdown(
            f"Fewest: **{plain(totals.index[0])}** with "
            f"{count_text(int(totals.iloc[0]), 'clip')}; "
            f"most: **{plain(totals.index[-1])}** with {int(totals.iloc[-1]):,}."
        )
    else:
        each = count_text(int(totals.iloc[0]), "clip")
        st.markdown(f"Every class has {each}.")
    st.altair_chart(_heatmap(counts), alt="Clips by class and fold")


def class_by_fold(index: DatasetIndex) -> pd.DataFrame:
    """Columns sound, fold, clips: a row for every class and fold, with zeros."""
    rows = pd.DataFrame([(clip.class_id, clip.fold) for clip in index.clips], columns=["c", "f"])
    table = rows.value_counts().unstack(fill_value=0)
    table = table.reindex(index=range(len(index.class_names)), columns=index.folds, fill_value=0)
    return pd.DataFrame(
        [
            {"sound": class_title(name), "fold": fold, "clips": int(table.to_numpy()[class_id, at])}
            for class_id, name in enumerate(index.class_names)
            for at, fold in enumerate(index.folds)
        ]
    )


def _heatmap(counts: pd.DataFrame) -> Any:
    most = int(counts["clips"].max())
    fold = alt.X("fold:O", title="fold", axis=alt.Axis(labelAngle=0, labelOverlap=False))
    sound = alt.Y("sound:N", title=None, sort=None, axis=alt.Axis(labelLimit=200))
    base = alt.Chart(counts).encode(x=fold, y=sound, tooltip=["sound", "fold", "clips"])
    color = alt.Color("clips:Q", legend=None, scale=sequential_scale(domain=[0, most]))
    ink = ink_on_squares(f"datum.clips > {most * 0.5}")
    squares = base.mark_rect(cornerRadius=3).encode(color=color)
    numbers = base.mark_text(fontSize=12).encode(text="clips:Q", color=ink)
    return quiet((squares + numbers).properties(height=34 * counts["sound"].nunique() + 40))
