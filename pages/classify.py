"""Classify: a sound comes in on the left, its name stands on the right."""

import streamlit as st

from urbansound.ui.classify.model_choice import choose_models
from urbansound.ui.classify.moments import show_moments
from urbansound.ui.classify.sound_input import choose_sound
from urbansound.ui.classify.stage import (
    hear_all,
    say_no_model,
    show_answers,
    show_export,
    show_sound,
    show_waiting,
)
from urbansound.ui.frame import page_header

page_header("What is this sound?", "Record or choose a sound, and a network names it.")
left, right = st.columns((5, 6), gap="large")
with left:
    sound = choose_sound()
    if sound is not None:
        show_sound(sound)
answers = []
with right:
    models = choose_models()
    if not models:
        say_no_model()
    elif sound is None:
        show_waiting(models)
    else:
        answers = hear_all(models, sound)
        if answers:
            show_answers(answers, sound)
            show_export(sound, answers)
if sound is not None and any(len(heard.segments) > 1 for _, heard in answers):
    show_moments(sound, answers)
