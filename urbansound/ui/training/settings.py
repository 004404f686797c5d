"""The settings of a training: the model's own preset, and what was changed by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from urbansound.errors import BadConfig
from urbansound.models.catalog import ModelInfo
from urbansound.records import TrainConfig
from urbansound.training.config import OPTIMIZERS, PRESETS, SCHEDULES
from urbansound.ui.training.address import recall, remember, widget_key, yes_or_no

PRESET_WORDS = {"article": "Usual", "article-scores": "Article's scores"}
PRESET_HELP = {
    "article": "the article's networks, loss and 50 epochs, with Adam and inputs on one scale.",
    "article-scores": "all clips in one batch; on the article's split this comes to its 58 % and "
    "65 %, which leak.",
}
OPTIMIZER_WORDS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}
SCHEDULE_WORDS = {"constant": "the same throughout", "one-cycle": "up once, then down"}
DEVICES = ("auto", "cpu", "cuda")
KEEP: dict[str, Any] = {"persist_state": "session"}
_BASE = "train_base"
_PATIENCE = 10
_READ: dict[str, Callable[[str], Any]] = {
    "epochs": int,
    "batch_size": int,
    "optimizer": str,
    "lr": float,
    "schedule": str,
    "weight_decay": float,
    "standardise": yes_or_no,
    "mixup": float,
    "augment": yes_or_no,
    "average": float,
    "seed": int,
    "device": str,
}
_OPTIONS = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "device": DEVICES}


def choose_config(info: ModelInfo) -> TrainConfig:
    """The settings as they stand, checked by nobody yet."""
    preset = _settle(info)
    _choose_preset(info, preset)
    left, right = st.columns(2)
    with left:
        _number("Epochs", "epochs")
        _choice("Optimizer", "optimizer", OPTIMIZER_WORDS)
        _choice("Rate over time", "schedule", SCHEDULE_WORDS, help=_SCHEDULE_HELP)
        _number("Mixup", "mixup", step=0.1, format="%g", help=_MIXUP_HELP)
        _number("Seed", "seed")
    with right:
        _number("Batch size", "batch_size")
        _number("Learning rate", "lr", format="%g", step=1e-4)
        _number("Weight decay", "weight_decay", format="%g", step=0.01, help=_DECAY_HELP)
        _number("Averaged share", "average", step=0.05, format="%g", help=_AVERAGE_HELP)
        _choice("Device", "device", {name: name for name in DEVICES})
    _toggle("Bring all inputs to one scale", "standardise", help=_SCALE_HELP)
    if not info.is_perceptron:
        _toggle("Vary the sounds", "augment", help=_AUGMENT_HELP)
    return _as_chosen(info, preset)


_SCHEDULE_HELP = "Whether the learning rate stays, or rises at first and then falls to nothing."
_MIXUP_HELP = (
    "Above 0, clips are learned two at a time, laid over one another, which keeps a network from "
    "learning them by heart. 0.3 is a good start; 0 is off."
)
_DECAY_HELP = "How strongly weights are pulled towards zero. 0 is off."
_AVERAGE_HELP = (
    "The weights of the last epochs are averaged: 0.25 for the last quarter. With 0 the best epoch "
    "by validation is kept."
)
_SCALE_HELP = "Each number minus its mean, over its deviation, in the training clips."
_AUGMENT_HELP = (
    "Each time a clip is learned it is begun elsewhere, coloured as by another room, and "
    "parts of it are hidden."
)


def _settle(info: ModelInfo) -> TrainConfig:
    """Give every widget its value and return the preset they start from.

    With another model the settings become its own, but for those changed by hand.
    """
    preset = PRESETS[_preset_name(info)]
    before: TrainConfig | None = st.session_state.get(_BASE)
    for name, read in _READ.items():
        usual = getattr(preset, name)
        recall(name, usual, read, _OPTIONS.get(name))
        is_own = before is not None and st.session_state.get(widget_key(name)) == getattr(
            before, name
        )
        if is_own:
            st.session_state[widget_key(name)] = usual
    st.session_state[_BASE] = preset
    return preset


def _preset_name(info: ModelInfo) -> str:
    if info.preset not in PRESET_WORDS:
        return info.preset
    chosen = st.session_state.get(widget_key("preset"))
    return chosen if chosen in PRESET_WORDS else info.preset


def _choose_preset(info: ModelInfo, preset: TrainConfig) -> None:
    """Two starts for the article's models; the way back to its own for any other."""
    if info.preset in PRESET_WORDS:
        st.pills(
            "Start from",
            list(PRESET_WORDS),
            default=info.preset,
            required=True,
            format_func=PRESET_WORDS.__getitem__,
            key=widget_key("preset"),
            on_change=_take_chosen,
            help="  \n".join(f"**{w}**: {PRESET_HELP[name]}" for name, w in PRESET_WORDS.items()),
            **KEEP,
        )
        return
    is_changed = any(st.session_state[widget_key(n)] != getattr(preset, n) for n in _READ)
    st.button(
        f"Back to what suits {info.title}",
        key="train_own_settings",
        icon=":material/undo:",
        disabled=not is_changed,
        on_click=_take,
        args=(preset,),
    )


def _take_chosen() -> None:
    _take(PRESETS[st.session_state[widget_key("preset")] or "article"])


def _take(preset: TrainConfig) -> None:
    """A callback: all settings become the preset's, but seed and device."""
    for name in set(_READ) - {"seed", "device"}:
        st.session_state[widget_key(name)] = getattr(preset, name)


def _number(label: str, name: str, *, step: float = 1, **more: Any) -> None:
    # Without limits of its own, so that a value that cannot work is answered in words.
    st.number_input(label, key=widget_key(name), step=step, **more, **KEEP)


def _choice(label: str, name: str, words: dict[str, str], **more: Any) -> None:
    st.selectbox(
        label,
        list(words),
        format_func=lambda option: words.get(option, option),
        key=widget_key(name),
        **more,
        **KEEP,
    )


def _toggle(label: str, name: str, **more: Any) -> None:
    st.toggle(label, key=widget_key(name), **more, **KEEP)


def _as_chosen(info: ModelInfo, preset: TrainConfig) -> TrainConfig:
    values = {name: st.session_state[widget_key(name)] for name in _READ}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise BadConfig("A setting is empty. Give it a number.")
    remember({name: (value, getattr(preset, name)) for name, value in values.items()})
    values["augment"] = values["augment"] and not info.is_perceptron
    return replace(preset, **values, patience=_choose_patience())


def _choose_patience() -> int | None:
    recall("early_stop", False, yes_or_no)
    recall("patience", _PATIENCE, int)
    _toggle(
        "Stop early",
        "early_stop",
        help="End the training when the validation loss has not fallen for some epochs.",
    )
    is_wanted = st.session_state[widget_key("early_stop")]
    if is_wanted:
        _number("Epochs without a better loss", "patience")
    patience: int | None = st.session_state[widget_key("patience")] if is_wanted else None
    remember({"early_stop": (is_wanted, False), "patience": (patience or _PATIENCE, _PATIENCE)})
    return patience
