"""Hiding clips from training: onto the list "my exclusions" and off it, with one step back."""

from collections.abc import Callable

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.runs.exclusions import OWN_LIST, exclude, excluded_clips, keep
from urbansound.ui.rooms import ROOMS
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.words import count_text, plain

_LAST, _FAILED = "health_last_hidden", "health_failed"
# It lies over the page's lower edge: what was clicked stays in its place, wherever that is.
_STYLE = """<style>
.st-key-health_undo_line {
  position: fixed; bottom: 1rem; left: 50%; translate: -50%; z-index: 90;
  width: max-content !important; max-width: calc(100vw - 2rem); padding: 0.5rem 1rem;
  background: var(--st-background-color, Canvas); border-radius: 0.75rem;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  box-shadow: 0 2px 16px rgb(0 0 0 / 0.3);
}
</style>"""


def hidden_clips() -> frozenset[str]:
    """The paths that are hidden now; what prevents reading them is said."""
    try:
        return frozenset(excluded_clips(outputs_dir(), OWN_LIST))
    except UrbanSoundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return frozenset()


@changes
def hide(paths: list[str]) -> None:
    """A callback: these clips are hidden, and can be brought back at once."""
    hidden = hidden_clips()
    new = [path for path in paths if path not in hidden]
    if _changed(lambda: exclude(outputs_dir(), OWN_LIST, *new)):
        st.session_state[_LAST] = new


@changes
def bring_back(paths: list[str]) -> None:
    """A callback: these clips are hidden no more."""
    if _changed(lambda: keep(outputs_dir(), OWN_LIST, *paths)):
        st.session_state.pop(_LAST, None)


def hide_buttons(paths: list[str], hidden: frozenset[str], *, key: str, what: str = "") -> None:
    """The button that hides some clips, or brings them back where all are hidden already.

    `what` says which they are where they are several: "all 17".
    """
    if not paths or not may_change():
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


def show_failure() -> None:
    """Why hiding could not be done just now, if it could not."""
    failure = st.session_state.pop(_FAILED, None)
    if failure:
        st.error(plain(failure), icon=":material/error:")


def show_last_hiding() -> None:
    """What was hidden just now, with the step back; below all else, whose place it leaves."""
    paths = st.session_state.get(_LAST)
    if not paths:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="health_undo_line"):
        st.html(_STYLE)
        st.markdown(
            f"Hidden: **{count_text(len(paths), 'clip')}**. Choose *{plain(OWN_LIST)}* under "
            "*Leave out* when you train.",
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
        st.button(
            "Close",
            key="health_undo_close",
            icon=":material/close:",
            type="tertiary",
            on_click=_close,
        )


def _close() -> None:
    st.session_state.pop(_LAST, None)


def _changed(change: Callable[[], object]) -> bool:
    try:
        change()
    except UrbanSoundError as error:
        st.session_state[_FAILED] = str(error)
        return False
    return True
