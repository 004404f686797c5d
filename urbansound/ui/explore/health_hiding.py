"""Hiding clips from training: onto the list "my exclusions" and off it, with one step back."""

from collections.abc import Callable

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.runs.exclusions import OWN_LIST, exclude, excluded_clips, keep
from urbansound.ui.rooms import ROOMS
from urbansound.ui.words import count_text, plain

_LAST, _FAILED = "health_last_hidden", "health_failed"


def hidden_clips() -> frozenset[str]:
    """The paths that are hidden now; what prevents reading them is said."""
    try:
        return frozenset(excluded_clips(outputs_dir(), OWN_LIST))
    except UrbanSoundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return frozenset()


def hide(paths: list[str]) -> None:
    """A callback: these clips are hidden, and can be brought back at once."""
    hidden = hidden_clips()
    new = [path for path in paths if path not in hidden]
    if _changed(lambda: exclude(outputs_dir(), OWN_LIST, *new)):
        st.session_state[_LAST] = new


def bring_back(paths: list[str]) -> None:
    """A callback: these clips are hidden no more."""
    if _changed(lambda: keep(outputs_dir(), OWN_LIST, *paths)):
        st.session_state.pop(_LAST, None)


def hide_buttons(paths: list[str], hidden: frozenset[str], *, key: str, what: str = "") -> None:
    """The button that hides some clips, or brings them back where all are hidden already.

    `what` says which they are where they are several: "all 17".
    """
    if not paths:
        return
    is_hidden = hidden.issuperset(paths)
    label = f"Use {what} again" if is_hidden else f"Hide {what} from training"
    st.button(
        " ".join(label.split()),
        key=f"health_hide_{key}",
        icon=":material/undo:" if is_hidden else ":material/block:",
        on_click=bring_back if is_hidden else hide,
        args=(paths,),
    )


def show_last_hiding() -> None:
    """What was hidden just now, with the step back, or why that could not be done."""
    failure = st.session_state.pop(_FAILED, None)
    if failure:
        st.error(plain(failure), icon=":material/error:")
    paths = st.session_state.get(_LAST)
    if not paths:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="health_undo_line"):
        verb = "is" if len(paths) == 1 else "are"
        st.markdown(
            f"**{count_text(len(paths), 'clip')}** {verb} hidden now: a training can leave out "
            f"the list *{plain(OWN_LIST)}*.",
            width="content",
        )
        st.button(
            "Undo",
            key="health_undo",
            icon=":material/undo:",
            on_click=bring_back,
            args=(paths,),
        )
        st.page_link(
            ROOMS["train"].path, label="Train without them", icon=":material/model_training:"
        )


def _changed(change: Callable[[], object]) -> bool:
    try:
        change()
    except UrbanSoundError as error:
        st.session_state[_FAILED] = str(error)
        return False
    return True
