"""What a screen reader is told when it comes to be: unseen, and it takes no place."""

from pathlib import Path

import streamlit as st

_SCRIPT = (Path(__file__).parent / "static" / "spoken.js").read_text(encoding="utf-8")
_mount = st.components.v2.component(
    "urbansound_spoken",
    html='<div role="status" aria-live="polite"></div>',
    css="div { position: absolute; width: 1px; height: 1px; overflow: hidden; "
    "clip-path: inset(50%); }",
    js=_SCRIPT,
)


def speak(text: str, *, key: str) -> None:
    """Have the text (plain) read aloud when it is another than before; empty says nothing.

    The key ends in "_spoken", by which the style sheet keeps it from taking a place.
    """
    _mount(data={"text": text}, key=f"{key}_spoken")
