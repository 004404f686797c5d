"""Runs: every training so far, one of them from inside, or several side by side."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.runs.store import list_runs, unreadable_runs
from urbansound.ui.frame import page_header
from urbansound.ui.rooms import go_to
from urbansound.ui.run_state import read_state
from urbansound.ui.runs.answers import home_of
from urbansound.ui.runs.compare import show_together
from urbansound.ui.runs.removal import forget_old_deletions, undo_bar
from urbansound.ui.runs.table import chosen_runs, run_table
from urbansound.ui.runs.view import show_run
from urbansound.ui.sharing import may_change
from urbansound.ui.words import plain


def name_unreadable(sentences: list[str]) -> None:
    """What cannot be read is said once, quietly, and hides no other run."""
    for sentence in sentences:
        st.markdown(f":small[:orange[:material/warning: {plain(sentence)}]]")


page_header("Runs", "Every training so far. Choose one to look inside, several to compare.")
forget_old_deletions()
undo_bar()
name_unreadable(unreadable_runs(outputs_dir()))
runs = list_runs(outputs_dir())
if not runs:
    st.markdown(
        "Nothing has been trained on this computer yet; the networks in Classify came with the app."
    )
    if may_change() and st.button(
        "Teach a network", type="primary", icon=":material/model_training:"
    ):
        go_to("train")
    st.stop()
chosen = chosen_runs(runs)
run_table(runs, chosen)
if len(chosen) > 1:
    show_together([read_state(run) for run in chosen])
elif chosen:
    show_run(chosen[0], home_of(chosen[0].spec))
else:
    st.markdown("Choose a run above.")
