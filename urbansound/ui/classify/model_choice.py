"""Which network listens: Model 1, Model 2, both, or any other finished run."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from urbansound.models.catalog import MODELS
from urbansound.paths import outputs_dir
from urbansound.runs.saved import list_models
from urbansound.runs.weights import SavedModel
from urbansound.ui.words import plain, protocol_text, score_text

BOTH, OTHER = "both", "other"
_CHOICE, _OTHER_KEY, _WANTED = "classify_model", "classify_other", "classify_wanted"


@dataclass(frozen=True)
class Shelf:
    """The models at hand: by name the one that is offered first, and all others."""

    first: dict[str, SavedModel]
    others: tuple[SavedModel, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no model at all."""
        return not self.first and not self.others

    def options(self) -> list[str]:
        """What there is to choose: names, then "both" and "other" where these make sense."""
        both = [BOTH] if len(self.first) == 2 else []
        return [*self.first, *both, *([OTHER] if self.others else [])]

    def default(self) -> str:
        """The first name whose model has heard real sounds; else the first option."""
        real = (name for name, saved in self.first.items() if not saved.card.is_synthetic)
        return next(real, self.options()[0])


def build_shelf(models: Sequence[SavedModel]) -> Shelf:
    """Saved before shipped, but one that has heard real sounds before one that has not."""
    first: dict[str, SavedModel] = {}
    for name in MODELS:
        offered = [saved for saved in models if saved.name == name and saved.source != "run"]
        if offered:
            first[name] = min(offered, key=lambda saved: saved.card.is_synthetic)
    kept = {id(saved) for saved in first.values()}
    return Shelf(first, tuple(saved for saved in models if id(saved) not in kept))


def model_title(saved: SavedModel) -> str:
    """What a model is called here: "Model 1", with its moment where it is a run's."""
    title = MODELS[saved.name].title if saved.name in MODELS else saved.name
    if saved.source != "run":
        return title
    return f"{title} of {saved.card.created[:16].replace('T', ' ')}"


def use_model(key: str) -> None:
    """The model of this key is the one chosen when Classify is next shown."""
    st.session_state[_WANTED] = key


def choose_models() -> list[SavedModel]:
    """Draw the choice; the chosen models, two for "both", none where there is no model.

    Damaged models are named below it and hide no others.
    """
    models, damaged = list_models(outputs_dir())
    shelf = build_shelf(models)
    chosen = [] if shelf.is_empty else _choose(shelf)
    for error in damaged:
        st.markdown(f":small[:orange[:material/warning: {plain(str(error))}]]")
    return chosen


def _choose(shelf: Shelf) -> list[SavedModel]:
    _follow_wish(shelf)
    options = shelf.options()
    if st.session_state.get(_CHOICE) not in options:
        st.session_state[_CHOICE] = shelf.default()
    choice = st.segmented_control(
        "Who listens",
        options,
        required=True,
        format_func=_option_title,
        key=_CHOICE,
        label_visibility="collapsed",
        persist_state="session",
    )
    choice = choice or shelf.default()
    if choice == OTHER:
        return [_choose_other(shelf.others)]
    return list(shelf.first.values()) if choice == BOTH else [shelf.first[choice]]


def _follow_wish(shelf: Shelf) -> None:
    wanted = st.session_state.pop(_WANTED, None)
    named = next((name for name, saved in shelf.first.items() if saved.key == wanted), None)
    if named is not None:
        st.session_state[_CHOICE] = named
    elif any(saved.key == wanted for saved in shelf.others):
        st.session_state[_CHOICE], st.session_state[_OTHER_KEY] = OTHER, wanted


def _option_title(option: str) -> str:
    if option in MODELS:
        return MODELS[option].title
    return "Both" if option == BOTH else "Other models"


def _choose_other(others: Sequence[SavedModel]) -> SavedModel:
    by_key = {saved.key: saved for saved in others}
    if st.session_state.get(_OTHER_KEY) not in by_key:
        st.session_state[_OTHER_KEY] = next(iter(by_key))
    key = st.selectbox(
        "Other models",
        list(by_key),
        format_func=lambda key: _other_title(by_key[key]),
        key=_OTHER_KEY,
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_key[key]


def _other_title(saved: SavedModel) -> str:
    card = saved.card
    parts = [model_title(saved), card.dataset_name, protocol_text(card.spec.protocol)]
    if card.test is not None:
        parts.append(score_text(card.test.accuracy))
    return " · ".join(parts)
