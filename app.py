"""The entry: hands over to the shell, and nothing else."""

from pathlib import Path

import streamlit as st

from urbansound.ui.frame import show_error
from urbansound.ui.routes import ROUTES

SHELL = Path(__file__).resolve().parent / "urbansound" / "ui" / "shell.py"

app = st.App(SHELL, routes=ROUTES, on_script_error=show_error)

if __name__ == "__main__":
    app.run()
