"""One network's answer: its name for the sound, how sure it is, and how far to trust it."""

from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import SILENCE, class_title
from urbansound.records import Card, Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.chips import calm_chip, warning_chip
from urbansound.ui.classify.bars import bars_html
from urbansound.ui.classify.headline import headline_html
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.summary import SUM_UP_S, show_summary
from urbansound.ui.classify.trust import familiarity, trust_chips, trust_sentence
from urbansound.ui.classify.verdict import (
    answer_sentence,
    answer_title,
    doubt_sentence,
    look,
    ranked,
)
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import plain, score_text, seconds_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard


def show_answer(saved: SavedModel, heard: "Heard", sound: Sound) -> None:
    """The answer with its bars, the truth where it is known, and the model's score."""
    prediction, card = heard.prediction, saved.card
    if heard.duration_s > SUM_UP_S:
        show_summary(heard)
        show_model(saved)
        return
    if len(heard.segments) > 1:
        quiet_line(whole_text(heard))
    st.html(answer_html(prediction, more=doubt_sentence(prediction, card.calibration)))
    if sound.true_class is not None:
        show_truth(sound, familiarity(card, sound), is_right=prediction.label == sound.true_class)
    if prediction.label != SILENCE:
        st.html(bars_html(prediction, shared_order([prediction])))
    show_model(saved)


def whole_text(heard: "Heard") -> str:
    """That an answer is about all that was heard of a longer sound."""
    return f"on the whole, over {seconds_text(heard.duration_s)}"


def answer_html(prediction: Prediction, *, more: str = "", is_paired: bool = False) -> str:
    """The answer in large letters with its icon, how sure it is, and what `more` there is to say.

    Paired answers are smaller and keep their lines level.
    """
    said = f"{answer_sentence(prediction)} {more}".strip()
    return headline_html(answer_title(prediction), said, look(prediction), is_paired=is_paired)


def shared_order(predictions: list[Prediction]) -> list[str]:
    """The classes, most probable first by the mean of all answers that know them."""
    totals: dict[str, float] = {}
    for prediction in predictions:
        for name, chance in ranked(prediction):
            totals[name] = totals.get(name, 0.0) + chance
    return sorted(totals, key=lambda name: -totals[name])


def show_truth(sound: Sound, known: str, *, is_right: bool = False) -> None:
    """What a dataset's clip truly is, and `known`: whether a model may have learned from it."""
    if sound.clip is None:
        return
    mark = ":material/check_circle:" if is_right else ":material/arrow_forward:"
    said = f"{mark} In truth: **{plain(class_title(sound.true_class or ''))}**."
    where = f"{sound.clip.name}, fold {sound.clip.fold}. {known}".strip()
    st.markdown(f"{said} :small[:gray[{plain(where)}]]")


def show_model(saved: SavedModel) -> None:
    """What the model learned from and how often it is right, in chips and in words."""
    chips = f":small[{calm_chip(model_title(saved))} {_score_text(saved.card)}]"
    st.markdown(f"{chips}  \n:small[:gray[{plain(trust_sentence(saved.card))}]]")


def show_score(saved: SavedModel) -> None:
    """The model's name, its score and what that was taken on."""
    st.markdown(f"**{plain(model_title(saved))}** :small[{_score_text(saved.card)}]")


def _score_text(card: Card) -> str:
    score = [] if card.test is None else [f"**{score_text(card.test.accuracy)}** right"]
    made = [warning_chip("has heard only sounds made by this app")] if card.is_synthetic else []
    return " ".join([*score, trust_chips(card), *made])
