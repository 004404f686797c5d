"""Classify: a sound comes in on the left, its name stands on the right."""

import streamlit as st

from urbansound.ui.classify.live import show_live
from urbansound.ui.classify.model_choice import choose_models
from urbansound.ui.classify.sound_input import LIVE, choose_source, take
from urbansound.ui.classify.stage import name_sound
from urbansound.ui.classify.waiting import say_no_model
from urbansound.ui.classify.warming import warm_up
from urbansound.ui.frame import page_header

page_header("What is this sound?", "Record or choose a sound, and a network names it.")
warm_up()
source = choose_source()
if source != LIVE:
    name_sound(source)
else:
    # In one place, however many choices it draws: a microphone that moves is let go of.
    with st.container():
        models = choose_models()
    if models:
        show_live(models, on_keep=take)
    else:
        say_no_model()
