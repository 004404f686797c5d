"""Several networks' answers to one sound, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import SILENCE
from urbansound.records import Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.agreement import agreement_sentence
from urbansound.ui.classify.answer import (
    answer_html,
    shared_order,
    show_score,
    show_truth,
    whole_text,
)
from urbansound.ui.classify.bars import bars_table_html
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.summary import SUM_UP_S, show_summary
from urbansound.ui.classify.trust import familiarity
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

    Answers = Sequence[tuple[SavedModel, Heard]]

# Wide enough for a model's chips; on a phone and a tablet one answer then stands below another.
_WIDTH = 268


def show_compared(answers: "Answers", sound: Sound) -> None:
    """Whether they agree, each answer with its model's score, and all their bars in one table."""
    if answers[0][1].duration_s > SUM_UP_S:
        _show_sums(answers)
        return
    said = [(model_title(saved), heard.prediction) for saved, heard in answers]
    st.markdown(f"**{plain(agreement_sentence(said))}**")
    if len(answers[0][1].segments) > 1:
        quiet_line(whole_text(answers[0][1]))
    known = [familiarity(saved.card, sound) for saved, _ in answers]
    if sound.true_class is not None:
        show_truth(sound, known[0] if len(set(known)) == 1 else "")
    with st.container(horizontal=True, gap="medium"):
        for (saved, heard), knows in zip(answers, known, strict=True):
            with st.container(width=_WIDTH, gap="xsmall"):
                show_score(saved)
                st.html(answer_html(heard.prediction, is_paired=True))
                if sound.true_class is not None:
                    more = knows if len(set(known)) > 1 else ""
                    _judge(heard.prediction, sound.true_class, more)
    if any(prediction.label != SILENCE for _, prediction in said):
        st.html(bars_table_html(said, shared_order([prediction for _, prediction in said])))


def _show_sums(answers: "Answers") -> None:
    """What each model named in a longer recording, and for how long."""
    with st.container(horizontal=True, gap="medium"):
        for saved, heard in answers:
            with st.container(width=_WIDTH, gap="xsmall"):
                show_score(saved)
                show_summary(heard, is_paired=True)


def _judge(prediction: Prediction, truth: str, known: str) -> None:
    said = f":small[:gray[{plain(known)}]]" if known else ""
    if not prediction.verdict:
        is_right = prediction.label == truth
        mark = ":material/check_circle: Right." if is_right else ":material/close: Wrong."
        said = f"{mark} {said}".strip()
    if said:
        st.markdown(said)
