"""Deleting a run: asked once, and taken back as long as the page stands."""

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import delete_run, purge_deleted, restore_run
from urbansound.ui.run_line import viewer_zone
from urbansound.ui.run_state import run_title
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.words import plain

_DELETED = "runs_deleted"


def forget_old_deletions() -> None:
    """What was deleted an hour ago is removed for good; a page elsewhere may yet undo the rest."""
    if _DELETED not in st.session_state:
        if may_change():
            purge_deleted(outputs_dir())
        st.session_state[_DELETED] = {}


def delete_button(run: RunFolder) -> None:
    """[Delete] with its one question."""
    if not may_change():
        return
    with st.popover("Delete", icon=":material/delete:", key="runs_delete"):
        st.markdown("Delete this run and its weights? A model saved from it stays.")
        st.button("Delete it", key="runs_delete_it", on_click=_delete, args=(run,))


@changes
def _delete(run: RunFolder) -> None:
    title = run_title(run, viewer_zone())
    delete_run(run)
    st.session_state[_DELETED][run.id] = title
    if "run" in st.query_params:
        del st.query_params["run"]


def undo_bar() -> None:
    """One line with [Undo] for every run deleted here."""
    for run_id, title in st.session_state[_DELETED].items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"undo_{run_id}"):
            st.markdown(f"{plain(title)} is deleted.", width="content")
            st.button(
                "Undo",
                key=f"runs_undo_{run_id}",
                icon=":material/undo:",
                on_click=_undo,
                args=(run_id,),
            )


@changes
def _undo(run_id: str) -> None:
    restore_run(outputs_dir(), run_id)
    st.session_state[_DELETED].pop(run_id)
    st.query_params["run"] = run_id
