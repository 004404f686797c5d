"""From a finished run to Classify: its model chosen, a clip it has never heard at hand."""

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.records import Card, DatasetIndex
from urbansound.runs.saved import find_model
from urbansound.ui.classify.model_choice import use_model
from urbansound.ui.classify.pick import ANY
from urbansound.ui.classify.sound_input import PICK
from urbansound.ui.opened import choose, chosen_root, token_of
from urbansound.ui.rooms import go_to


def go_and_test(card: Card, index: DatasetIndex | None) -> None:
    """Walk to Classify, where this run's model names a clip of its test folds."""
    use_model(_model_key(card))
    if index is not None and index.has_audio:
        _turn_to(index)
        st.session_state["classify_source"] = PICK
        st.session_state["classify_kind"] = ANY
        st.session_state["classify_number"] = unheard_clip(card, index) + 1
    go_to("classify")


def _turn_to(index: DatasetIndex) -> None:
    """Classify picks from the dataset that the session looks at: now from the run's own."""
    at_hand = chosen_root()
    if at_hand is None or token_of(at_hand) != token_of(index.root):
        choose(index.root)


def unheard_clip(card: Card, index: DatasetIndex) -> int:
    """The number of a clip of the test folds; the first clip where there is none."""
    folds = card.spec.protocol.test_folds
    return next((n for n, clip in enumerate(index.clips) if clip.fold in folds), 0)


def _model_key(card: Card) -> str:
    """The run's id, or the model's name where the saved model is the very same."""
    try:
        saved = find_model(outputs_dir(), card.spec.model)
    except UrbanSoundError:
        return card.run_id
    return saved.key if saved.card.sha256 == card.sha256 else card.run_id
