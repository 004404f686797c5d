"""The shell: page settings, navigation on top, and the frame in which each page runs."""

import streamlit as st

from urbansound.ui.frame import page_frame
from urbansound.ui.lost import say_lost
from urbansound.ui.opened import show_in_address
from urbansound.ui.rooms import ROOMS
from urbansound.ui.shared_line import show_sharing
from urbansound.ui.theme import FAVICON
from urbansound.ui.tidying import tidy_up

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
tidy_up()
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · UrbanSound Lab")
show_in_address()
with page_frame():
    show_sharing()
    say_lost()
    page.run()
