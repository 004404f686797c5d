"""Colours, the same on every page in light and in dark.

What Streamlit itself draws follows `.streamlit/config.toml`; this is for what we draw.
"""

from pathlib import Path

import streamlit as st

FAVICON = str(Path(__file__).parent / "static" / "favicon.svg")

INK = "#74808d"
"""Text, ticks and lines of a plot: reads on both backgrounds."""
TRAINING = "#8b97a4"
VALIDATION = {"light": "#2b4fc7", "dark": "#7f9bf5"}
SEQUENTIAL = {"light": ("#f1f4fc", "#1d3690"), "dark": ("#16202f", "#c9d6ff")}


def mode() -> str:
    """The look the person has chosen: "light" or "dark"."""
    return st.context.theme.type or "light"
