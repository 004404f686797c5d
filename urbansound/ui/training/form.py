"""The choices before a training: model, split, settings. They survive page changes."""

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import build_protocol
from urbansound.models.catalog import MODELS, ModelInfo
from urbansound.records import DatasetIndex, Protocol, RunSpec, TrainConfig
from urbansound.training.config import PRESETS, check_config
from urbansound.ui.chips import warning_chip
from urbansound.ui.words import folds_text, plain

PRESET_WORDS = {"article": "Usual", "article-scores": "Article's scores"}
PRESET_HELP = {
    "article": "the article's networks, loss and 50 epochs, with Adam and inputs on one scale.",
    "article-scores": "all clips in one batch; on the article's split this comes to its 58 % and "
    "65 %, which leak.",
}
OPTIMIZERS: tuple[Literal["adam", "sgd"], ...] = ("adam", "sgd")
DEVICES = ("auto", "cpu", "cuda")
NO_FOLD = "none"
AUTO_FOLD = "the one before"
KEEP: dict[str, Any] = {"persist_state": "session"}


def choose_spec(index: DatasetIndex) -> RunSpec | None:
    """The training that the form asks for; None, with a sentence, where it cannot work."""
    model = _choose_model(len(index.class_names))
    kind = _choose_split()
    test_fold = _choose_test_fold(index.folds) if kind == "official" else None
    with st.expander("Settings", key="train_settings"):
        config = _choose_config()
        validation = _choose_validation(index.folds, test_fold) if kind == "official" else None
    try:
        check_config(config)
        protocol = _protocol(index, kind, (test_fold, validation), config.seed)
    except BadConfig as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    return RunSpec(str(index.root.resolve()), model.name, train=config, protocol=protocol)


def _choose_model(n_classes: int) -> ModelInfo:
    infos = list(MODELS.values())
    name = st.radio(
        "Model",
        list(MODELS),
        format_func=lambda name: MODELS[name].title,
        captions=[_model_line(info, n_classes) for info in infos],
        key="train_model",
        **KEEP,
    )
    return MODELS[name or infos[0].name]


def _model_line(info: ModelInfo, n_classes: int) -> str:
    numbers = f"{info.n_parameters(n_classes=n_classes):,} numbers to learn"
    return f"{info.layers_text(n_classes=n_classes)} · {numbers}"


def _choose_split() -> str:
    words = {
        "official": "Honest: tested on recordings it never heard",
        "random": f"As in the article: {warning_chip('leaks')}",
    }
    kind = st.radio(
        "Split",
        list(words),
        format_func=lambda kind: words[kind],
        captions=[
            "Whole groups of recordings are kept for the test.",
            "Pieces of one recording both teach and test, so scores come out too high.",
        ],
        key="train_split",
        **KEEP,
    )
    return kind or "official"


def _choose_test_fold(folds: tuple[int, ...]) -> int | None:
    fold: int | None = st.selectbox(
        "Test fold",
        folds,
        index=len(folds) - 1,
        key="train_test_fold",
        help="The group of recordings that is kept for the test at the end.",
        **KEEP,
    )
    return fold


def _choose_config() -> TrainConfig:
    """The settings as they stand, checked by nobody yet."""
    _choose_preset()
    start = TrainConfig()
    left, right = st.columns(2)
    with left:
        epochs = _number("Epochs", "epochs", start.epochs)
        optimizer = _choose_optimizer()
        seed = _number("Seed", "seed", start.seed)
    with right:
        batch_size = _number("Batch size", "batch_size", start.batch_size)
        lr = _number("Learning rate", "lr", start.lr, format="%g", step=1e-4)
        device = st.selectbox("Device", DEVICES, key="train_device", **KEEP)
    standardise = st.toggle(
        "Bring all inputs to one scale",
        value=start.standardise,
        key="train_standardise",
        help="Each of the 40 numbers minus its mean, over its deviation, in the training clips.",
        **KEEP,
    )
    return replace(
        start,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        lr=float(lr),
        seed=seed,
        device=device,
        standardise=standardise,
        patience=_choose_patience(),
    )


def _choose_optimizer() -> Literal["adam", "sgd"]:
    chosen = st.selectbox(
        "Optimizer",
        OPTIMIZERS,
        format_func=_optimizer_text,
        key="train_optimizer",
        persist_state="session",
    )
    return chosen


def _optimizer_text(name: str) -> str:
    return {"adam": "Adam", "sgd": "SGD"}.get(name, name)


def _number(label: str, name: str, value: Any, **more: Any) -> Any:
    # Without limits of its own, so that a value that cannot work is answered in words.
    return st.number_input(label, value=value, key=f"train_{name}", **({"step": 1} | more), **KEEP)


def _choose_preset() -> None:
    st.pills(
        "Start from",
        list(PRESETS),
        default="article",
        required=True,
        format_func=lambda name: PRESET_WORDS[name],
        key="train_preset",
        on_change=_take_preset,
        help="  \n".join(f"**{PRESET_WORDS[name]}**: {PRESET_HELP[name]}" for name in PRESETS),
        **KEEP,
    )


def _take_preset() -> None:
    """A callback: the settings become the preset's."""
    preset = PRESETS[st.session_state["train_preset"] or "article"]
    for name in ("epochs", "batch_size", "optimizer", "lr", "standardise"):
        st.session_state[f"train_{name}"] = getattr(preset, name)


def _choose_patience() -> int | None:
    is_wanted = st.toggle(
        "Stop early",
        key="train_early_stop",
        help="End the training when the validation loss has not fallen for some epochs.",
        **KEEP,
    )
    if not is_wanted:
        return None
    patience: int = _number("Epochs without a better loss", "patience", 10)
    return patience


def _choose_validation(folds: tuple[int, ...], test_fold: int | None) -> int | str:
    others = [fold for fold in folds if fold != test_fold]
    fold: int | str = st.selectbox(
        "Validation fold",
        [AUTO_FOLD, NO_FOLD, *others],
        format_func=lambda fold: folds_text((fold,)) if isinstance(fold, int) else fold,
        key="train_validation_fold",
        help="Its clips choose the epoch whose weights are kept. Without one, the last epoch is.",
        **KEEP,
    )
    return fold


def _protocol(
    index: DatasetIndex, kind: str, chosen: tuple[int | None, int | str | None], seed: int
) -> Protocol:
    test_fold, validation = chosen
    return build_protocol(
        index.folds,
        kind=kind,
        test_fold=test_fold,
        validation_fold=validation if isinstance(validation, int) else None,
        with_validation=validation != NO_FOLD,
        seed=seed,
    )
