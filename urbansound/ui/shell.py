"""The shell: page settings, navigation on top, and the frame in which each page runs."""

import streamlit as st

from urbansound.ui.frame import page_frame
from urbansound.ui.lost import say_lost
from urbansound.ui.opened import show_in_address
from urbansound.ui.rooms import ROOMS
from urbansound.ui.theme import FAVICON

st.set_page_config(page_title="UrbanSound Lab", page_icon=FAVICON, layout="wide")

pages = [
    st.Page(
        room.path,
        title=room.title,
        icon=room.icon,
        url_path="" if name == "home" else name,
        default=name == "home",
        help=room.help,
    )
    for name, room in ROOMS.items()
]
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · UrbanSound Lab")
show_in_address()
with page_frame():
    say_lost()
    page.run()
