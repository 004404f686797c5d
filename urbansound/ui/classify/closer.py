"""What stands behind an answer: what drove it, when it breaks, which clips are like the sound."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.breaking import show_breaking
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.similar import show_similar
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.why import show_why

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

    Answers = Sequence[tuple[SavedModel, Heard]]

_WHOSE = "classify_closer"


def show_closer(sound: Sound, answers: "Answers") -> None:
    """Three folds about one model's answer; nothing is worked out before one is opened."""
    st.header("Look closer", anchor=False)
    saved, heard = answers[_choose(answers)] if len(answers) > 1 else answers[0]
    show_why(sound, saved, heard)
    show_breaking(sound, saved, heard)
    show_similar(sound, saved, heard)


def _choose(answers: "Answers") -> int:
    """Which of several models is looked at."""
    if st.session_state.get(_WHOSE) not in range(len(answers)):
        st.session_state[_WHOSE] = 0
    chosen = st.segmented_control(
        "Whose answer",
        range(len(answers)),
        required=True,
        format_func=lambda at: model_title(answers[at][0]),
        key=_WHOSE,
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or 0
