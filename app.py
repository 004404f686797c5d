"""The entry: hands over to the shell, behind the gate, and nothing else."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from urbansound.ui.frame import show_error
from urbansound.ui.gate.keeper import Gatekeeper
from urbansound.ui.heap import hold_together
from urbansound.ui.routes import ROUTES
from urbansound.ui.uploads import UploadsToDisk

hold_together()
SHELL = Path(__file__).resolve().parent / "urbansound" / "ui" / "shell.py"

app = st.App(
    SHELL,
    routes=ROUTES,
    middleware=[Middleware(Gatekeeper), Middleware(UploadsToDisk)],
    on_script_error=show_error,
)

if __name__ == "__main__":
    app.run()
