"""What stands on Classify while there is nothing to name, or nobody to name it."""

from collections.abc import Sequence

import streamlit as st

from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.runs.weights import SavedModel
from urbansound.ui.chips import class_mark
from urbansound.ui.classify.answer import show_model
from urbansound.ui.rooms import go_to
from urbansound.ui.sharing import may_change


def say_no_model() -> None:
    """There is nobody to listen; where to get one."""
    st.info("No network has been taught yet, so nobody can name a sound.")
    if may_change() and st.button(
        "Teach a network these sounds", type="primary", icon=":material/model_training:"
    ):
        go_to("train")


def show_waiting(models: Sequence[SavedModel]) -> None:
    """What will stand here, while there is no sound: the names to choose from, and by whom."""
    names = models[0].card.class_names if models else URBAN_SOUND_NAMES
    st.markdown(f"The answer appears here, one of {len(names)} names:")
    marks = "".join(class_mark(name, class_id) for class_id, name in enumerate(names))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.5rem 1.25rem">{marks}</div>')
    for saved in models:
        show_model(saved)
