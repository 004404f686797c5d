"""Which network listens: one of those at hand, several side by side, or a finished run's."""

from collections.abc import Sequence

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.models.catalog import MODELS
from urbansound.paths import outputs_dir
from urbansound.runs.saved import list_models
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.shelf import (
    COMPARE,
    OTHER,
    Shelf,
    build_shelf,
    model_title,
    other_title,
)
from urbansound.ui.data import current_dataset
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import plain

_CHOICE, _OTHER_KEY, _WANTED = "classify_model", "classify_other", "classify_wanted"
_COMPARED, _SOURCES = "classify_compared", "classify_sources"
_TITLES = {COMPARE: "Compare", OTHER: "Other models"}


def use_model(key: str) -> None:
    """The model of this key is the one chosen when Classify is next shown."""
    st.session_state[_WANTED] = key


def choose_models() -> list[SavedModel]:
    """Draw the choice; the chosen models, several to compare, none where there is no model.

    Damaged models are named below it and hide no others.
    """
    models, damaged = list_models(outputs_dir())
    _follow_wish(models)
    shelf = build_shelf(models, st.session_state.get(_SOURCES), _classes_at_hand())
    chosen = [] if shelf.is_empty else _choose(shelf)
    for error in damaged:
        st.markdown(f":small[:orange[:material/warning: {plain(str(error))}]]")
    return chosen


def _classes_at_hand() -> tuple[str, ...] | None:
    try:
        index = current_dataset()
    except UrbanSoundError:
        return None
    return None if index is None else index.class_names


def _follow_wish(models: Sequence[SavedModel]) -> None:
    wanted = st.session_state.pop(_WANTED, None)
    saved = next((saved for saved in models if saved.key == wanted), None)
    if saved is None:
        return
    if saved.source == "run":
        st.session_state[_CHOICE], st.session_state[_OTHER_KEY] = OTHER, wanted
    else:
        _put_first(saved)
        st.session_state[_CHOICE] = saved.name


def _put_first(saved: SavedModel) -> None:
    """Of the models of its name this one is offered, until the app is opened anew."""
    st.session_state[_SOURCES] = {
        **st.session_state.get(_SOURCES, {}),
        saved.name: saved.source,
    }


def _choose(shelf: Shelf) -> list[SavedModel]:
    options = shelf.options()
    if st.session_state.get(_CHOICE) not in options:
        st.session_state[_CHOICE] = shelf.default()
    choice = st.segmented_control(
        "Who listens",
        options,
        required=True,
        format_func=_option_title,
        key=_CHOICE,
        wrap=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    choice = choice or shelf.default()
    if choice == OTHER:
        return [_choose_other(shelf.others)]
    if choice == COMPARE:
        return _choose_compared(shelf)
    saved = shelf.first[choice]
    _offer_twin(saved, shelf.twin(saved))
    return [saved]


def _option_title(option: str) -> str:
    return MODELS[option].title if option in MODELS else _TITLES[option]


def _offer_twin(saved: SavedModel, twin: SavedModel | None) -> None:
    """One click to the model of the same name that this one hides, and back."""
    if twin is None:
        return
    title = model_title(saved)
    is_shipped = twin.source == "shipped"
    whose = "that came with the app" if is_shipped else "that was taught here"
    st.button(
        f"Use the {title} {whose}",
        icon=":material/undo:" if is_shipped else ":material/model_training:",
        type="tertiary",
        key="classify_twin",
        on_click=_put_first,
        args=(twin,),
        help=plain(other_title(twin)),
    )


def _choose_compared(shelf: Shelf) -> list[SavedModel]:
    """The chosen models of those offered first: all of them before anything was chosen."""
    names = list(shelf.first)
    if len(names) == 2:
        return list(shelf.first.values())
    kept = [name for name in st.session_state.get(_COMPARED, names) if name in names]
    st.session_state[_COMPARED] = kept or names
    chosen = st.pills(
        "Compare",
        names,
        selection_mode="multi",
        format_func=_option_title,
        key=_COMPARED,
        label_visibility="collapsed",
        persist_state="session",
    )
    if len(chosen) == 1:
        quiet_line("Choose a second one to compare.")
    return [shelf.first[name] for name in names if name in chosen]


def _choose_other(others: Sequence[SavedModel]) -> SavedModel:
    by_key = {saved.key: saved for saved in others}
    if st.session_state.get(_OTHER_KEY) not in by_key:
        st.session_state[_OTHER_KEY] = next(iter(by_key))
    key = st.selectbox(
        "Other models",
        list(by_key),
        format_func=lambda key: other_title(by_key[key]),
        key=_OTHER_KEY,
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_key[key]
