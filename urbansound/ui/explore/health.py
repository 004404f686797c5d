"""What a look at every file of the dataset found."""

from collections import Counter

import pandas as pd
import streamlit as st

from urbansound.dataset.check import check_dataset
from urbansound.records import DatasetIndex, Problem
from urbansound.ui import data
from urbansound.ui.words import count_text

_WORDS = {
    "missing": "missing file",
    "empty": "empty file",
    "unreadable": "unreadable file",
    "not_finite": "file with values that are not numbers",
    "wrong_length": "clip of the wrong length",
    "mislabelled": "name that contradicts the table",
    "duplicate": "clip listed twice",
    "unexpected": "file that is not in the table",
    "bad_fold": "row with an impossible fold",
}


def health(index: DatasetIndex) -> None:
    """A button that checks every file, and then what it found."""
    found: dict[str, list[Problem]] = st.session_state.setdefault("explore_health", {})
    version = data.dataset_version(index)
    if version not in found:
        st.markdown("Every file is opened and compared with the table.")
        if not st.button("Check all files", type="primary", icon=":material/health_and_safety:"):
            return
        found[version] = _check(index)
        st.rerun()
    _tell(index, found[version])


def _check(index: DatasetIndex) -> list[Problem]:
    bar = st.progress(0.0, "Checking …")
    n_shown = max(1, len(index.clips) // 50)

    def on_progress(done: int, total: int) -> None:
        if done % n_shown == 0:
            bar.progress(done / max(total, 1), f"Checking … {done:,} of {total:,} clips")

    problems = check_dataset(index, on_progress)
    bar.empty()
    return problems


def _tell(index: DatasetIndex, problems: list[Problem]) -> None:
    if not problems:
        st.success(
            f"All {count_text(len(index.clips), 'clip')} are in place and can be read.",
            icon=":material/check_circle:",
        )
        return
    counts = Counter(problem.code for problem in problems)
    parts = [count_text(n, _WORDS.get(code, code)) for code, n in counts.most_common()]
    st.warning(f"Found: {', '.join(parts)}.", icon=":material/warning:")
    rows = [(problem.clip, problem.message) for problem in problems]
    st.dataframe(
        pd.DataFrame(rows, columns=["clip", "what"]),
        column_config={"clip": "File", "what": st.column_config.TextColumn("What", width="large")},
        hide_index=True,
        alt="Problems found, one a row",
    )
