"""A page that fails, with something in its message that nobody should read."""

import streamlit as st

SECRET = "the-secret-of-the-house"

st.write("Before.")
raise ValueError(SECRET)
