"""The frame around every page: its width, its heading, and what is said when it fails.

This is one of the two places where any exception is caught: a person never meets a
traceback, the log does.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.ui.words import plain

CONTENT_WIDTH = 1200
_ONE_SOUND = Path(__file__).parent / "static" / "one_sound.js"
_REACH = Path(__file__).parent / "static" / "reach.css"
_log = logging.getLogger("urbansound")


def show_error(error: Exception) -> bool:
    """Say in one calm sentence what went wrong; True, because it has been said.

    Errors raised on purpose speak for themselves; any other is written to the log.
    """
    if isinstance(error, UrbanSoundError):
        st.error(plain(str(error)), icon=":material/error:")
        return True
    _log.error("A page failed", exc_info=error)
    st.error(
        "Something in the app went wrong here; nothing you made is lost. "
        "Reload the page to go on. The detail is in the terminal that runs the app.",
        icon=":material/error:",
    )
    return True


@contextmanager
def page_frame() -> Iterator[None]:
    """A centred column at most 1,200 px wide, in which failures become sentences."""
    with st.container(horizontal_alignment="center", gap=None):
        _keep_one_playing()
        st.html(_REACH)
        with st.container(width=CONTENT_WIDTH, key="page"):
            try:
                yield
            except Exception as error:
                show_error(error)


def _keep_one_playing() -> None:
    """Any `st.audio` that starts pauses every other sound on the page."""
    script = _ONE_SOUND.read_text(encoding="utf-8")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def page_header(title: str, line: str = "") -> None:
    """A page's heading and the one line that says what to do here (plain text)."""
    st.title(title, anchor=False)
    if line:
        st.markdown(plain(line))


def quiet_line(text: str, chips: str = "") -> None:
    """A small line of plain text in the app's grey, after any chips (Markdown)."""
    st.markdown(f":small[{chips} :gray[{plain(text)}]]")
