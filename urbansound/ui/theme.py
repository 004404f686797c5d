"""Colours, the same on every page in light and in dark.

What Streamlit itself draws follows `.streamlit/config.toml`; this is for what we draw.
"""

from pathlib import Path

import streamlit as st

FAVICON = str(Path(__file__).parent / "static" / "favicon.svg")

INK = "#74808d"
"""Lines and marks of a plot: seen on both backgrounds."""
TEXT_INK = {"light": "#5d6b7a", "dark": "#93a1b0"}
"""Words and numbers of a plot: no one grey reads on both backgrounds."""
TRAINING = "#8491a0"
VALIDATION = {"light": "#2b4fc7", "dark": "#7f9bf5"}
SEQUENTIAL = {"light": ("#f1f4fc", "#1d3690"), "dark": ("#16202f", "#c9d6ff")}


def mode() -> str:
    """The look the person has chosen: "light" or "dark"."""
    return st.context.theme.type or "light"
