"""The form's choices in the page's address: a reload and a link keep them.

By hand, since a widget bound to the address would put its label there, in words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

_KNOWN = "train_recalled"


def widget_key(name: str) -> str:
    """The key of the widget that chooses this."""
    return f"train_{name}"


def recall(
    name: str, usual: Any, read: Callable[[str], Any], options: Sequence[Any] | None = None
) -> None:
    """Give a widget its first value: the address's where that can be chosen, else the usual.

    Later a value that can no longer be chosen becomes the usual one.
    """
    key, known = widget_key(name), st.session_state.setdefault(_KNOWN, set())
    if name not in known:
        known.add(name)
        given = _given(name, read)
        st.session_state[key] = usual if given is None else given
    if options is not None and st.session_state.get(key, usual) not in options:
        st.session_state[key] = usual


def _given(name: str, read: Callable[[str], Any]) -> Any:
    text = st.query_params.get(name)
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:
        return None


def remember(choices: Mapping[str, tuple[Any, Any]]) -> None:
    """Keep in the address what is not as usual: (chosen, usual) by name."""
    for name, (chosen, usual) in choices.items():
        if chosen == usual:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(chosen):
            st.query_params[name] = str(chosen)


def yes_or_no(text: str) -> bool:
    """What "True" and "False" say; ValueError for anything else."""
    if text not in ("True", "False"):
        raise ValueError(text)
    return text == "True"
