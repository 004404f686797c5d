"""The app with one page that fails for a reason nobody foresaw."""

from dataclasses import replace
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from urbansound.paths import PROJECT
from urbansound.ui.frame import show_error
from urbansound.ui.gate.keeper import Gatekeeper
from urbansound.ui.rooms import ROOMS
from urbansound.ui.routes import ROUTES

SHELL = PROJECT / "urbansound" / "ui" / "shell.py"

ROOMS["runs"] = replace(ROOMS["runs"], path=Path(__file__).with_name("broken_page.py"))
app = st.App(SHELL, routes=ROUTES, middleware=[Middleware(Gatekeeper)], on_script_error=show_error)

if __name__ == "__main__":
    app.run()
