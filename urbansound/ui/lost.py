"""What is said where the dataset that a person had open has gone from its place."""

import streamlit as st

from urbansound.ui.opened import lost_root
from urbansound.ui.sharing import may_change
from urbansound.ui.words import plain


def say_lost() -> None:
    """That its folder is gone, and what is shown instead; nothing while it is there."""
    lost = lost_root()
    if lost is None:
        return
    # Where it lies is told to whoever may open folders.
    place = f"in '{lost}' " if may_change() else "that were open here "
    words = (
        f"The sounds {place}are not there any more: the folder was moved, emptied or "
        "renamed. Put it back and they are here again; until then the pages go on with what "
        "other sounds they find."
    )
    st.warning(plain(words), icon=":material/folder_off:")
