"""One network's answer: its name for the sound, how sure it is, and how far to trust it."""

import html
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import NOT_SURE, SILENCE, class_style, class_title
from urbansound.records import Card, Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.chips import calm_chip, score_chip, warning_chip
from urbansound.ui.classify.bars import bars_html
from urbansound.ui.classify.model_choice import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.verdict import answer_sentence, answer_title, ranked, trust_sentence
from urbansound.ui.frame import quiet_line
from urbansound.ui.theme import INK
from urbansound.ui.words import plain, seconds_text

if TYPE_CHECKING:
    from urbansound.inference.classify import Heard

_STYLE = """<style>
.heard .name { display: flex; align-items: center; gap: .6rem; font-size: 2rem; font-weight: 650;
  line-height: 1.15; }
.heard i { font: normal 2.75rem/1 "Material Symbols Rounded"; font-feature-settings: "liga";
  width: 1em; overflow: hidden; flex: none; white-space: nowrap; }
.heard .sure { margin-top: .6rem; line-height: 1.5; }
@media (min-width: 641px) {
  .heard.paired .name { font-size: 1.375rem; min-height: 3.2rem; }
  .heard.paired .sure { min-height: 3em; }
}
</style>"""


def show_answer(
    saved: SavedModel, heard: "Heard", sound: Sound, *, order: list[str], is_paired: bool = False
) -> None:
    """The answer with its bars in `order`, the truth where it is known, and the model's score.

    Paired answers are headed by their model's title, and keep their lines level.
    """
    prediction = heard.prediction
    whose = [model_title(saved)] if is_paired else []
    if len(heard.segments) > 1:
        whose.append(f"on the whole, over {seconds_text(sound.audio.duration_s)}")
    if whose:
        quiet_line(" · ".join(whose))
    st.html(answer_html(prediction, is_paired=is_paired))
    if sound.true_class is not None:
        _show_truth(saved.card, prediction, sound)
    if prediction.label != SILENCE:
        st.html(bars_html(prediction, order))
    show_model(saved)


def answer_html(prediction: Prediction, *, is_paired: bool = False) -> str:
    """The answer in large letters with its icon, and the sentence that says how sure it is."""
    icon, color = _icon(prediction)
    kind = "heard paired" if is_paired else "heard"
    return (
        f'{_STYLE}<div class="{kind}"><div class="name" role="heading" aria-level="2">'
        f'<i aria-hidden="true" style="color:{color}">{icon}</i>'
        f"<span>{html.escape(answer_title(prediction))}</span></div>"
        f'<div class="sure">{html.escape(answer_sentence(prediction))}</div></div>'
    )


def _icon(prediction: Prediction) -> tuple[str, str]:
    if prediction.label == SILENCE:
        return "volume_off", INK
    if prediction.label == NOT_SURE:
        return "help", INK
    style = class_style(prediction.best, prediction.labels.index(prediction.best))
    return style.icon, style.color


def shared_order(predictions: list[Prediction]) -> list[str]:
    """The classes, most probable first by the mean of all answers that know them."""
    totals: dict[str, float] = {}
    for prediction in predictions:
        for name, chance in ranked(prediction):
            totals[name] = totals.get(name, 0.0) + chance
    return sorted(totals, key=lambda name: -totals[name])


def _show_truth(card: Card, prediction: Prediction, sound: Sound) -> None:
    truth = sound.true_class or ""
    is_right = prediction.label == truth
    mark = ":material/check_circle:" if is_right else ":material/arrow_forward:"
    said = f"{mark} In truth: **{plain(class_title(truth))}**."
    st.markdown(f"{said} :small[:gray[{plain(_familiarity(card, sound))}]]")


def _familiarity(card: Card, sound: Sound) -> str:
    """Whether the model may have learned from this very clip."""
    if sound.dataset is None or sound.clip is None:
        return ""
    said = f"{sound.clip.name}, fold {sound.clip.fold}."
    if sound.dataset.is_synthetic and not card.is_synthetic:
        return f"{said} The app made this sound; the model has only heard real ones."
    if card.dataset_name != sound.dataset.name:
        return said
    protocol = card.spec.protocol
    if protocol.kind == "official" and sound.clip.fold in protocol.test_folds:
        return f"{said} The model never heard this recording."
    return f"{said} The model may have learned from this very clip."


def show_model(saved: SavedModel) -> None:
    """What the model learned from and how often it is right."""
    card = saved.card
    chips = f"{calm_chip(model_title(saved))} {score_chip(card.dataset_name, card.spec.protocol)}"
    if card.is_synthetic:
        chips += f" {warning_chip('has heard only sounds made by this app')}"
    st.markdown(f":small[{chips}]  \n:small[:gray[{plain(trust_sentence(card))}]]")
