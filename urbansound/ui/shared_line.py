"""One quiet line on top of a shared app: that it is shared, and the way out where one signed in."""

from html import escape

import streamlit as st

from urbansound.ui.sharing import ONLY_LOOKING, base_path, sharing

_WAYS_OUT = {"password": "/sign-out", "people": "/auth/logout"}


def show_sharing() -> None:
    """Draws nothing where the app is this computer's own."""
    kind = sharing().kind
    if kind == "looking":
        st.markdown(
            ":small[:gray[:material/visibility: Shared to look and listen]]", help=ONLY_LOOKING
        )
    elif kind in _WAYS_OUT:
        way = escape(base_path() + _WAYS_OUT[kind])
        st.html(
            '<div style="text-align:end;font-size:.875rem">Signed in · '
            f'<a href="{way}" target="_self" style="color:inherit">Sign out</a></div>'
        )
