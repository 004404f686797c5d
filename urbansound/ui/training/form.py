"""The choices before a training: model, split, settings. Page changes and reloads keep them."""

from dataclasses import replace

import streamlit as st

from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import build_protocol, crossval_protocol
from urbansound.experiment.material import features_for, possible_features
from urbansound.features.clip import row_shape
from urbansound.features.spec import find_spec, spec_title
from urbansound.models.catalog import MODELS, ModelInfo
from urbansound.paths import outputs_dir
from urbansound.records import DatasetIndex, Exclusions, Protocol, RunSpec
from urbansound.runs.exclusions import list_exclusions
from urbansound.training.config import check_config, own_preset
from urbansound.ui.chips import warning_chip
from urbansound.ui.training.address import recall, remember, widget_key
from urbansound.ui.training.settings import KEEP, choose_config
from urbansound.ui.words import count_text, folds_text, plain

NO_FOLD = "none"
AUTO_FOLD = "the one before"
NO_LIST = ""


def choose_spec(index: DatasetIndex) -> RunSpec | None:
    """The training that the form asks for; None, with a sentence, where it cannot work."""
    info = _choose_model(index)
    kind = _choose_split()
    try:
        with st.expander("Settings", key="train_settings"):
            is_official = kind == "official"
            test_fold = _choose_test_fold(index.folds) if is_official else None
            validation = _choose_validation(index.folds, test_fold) if is_official else AUTO_FOLD
            features = _choose_features(info, index)
            preset = own_preset(info, is_synthetic=index.is_synthetic)
            config = choose_config(replace(info, preset=preset))
            exclusions = _choose_exclusions()
        check_config(config)
        protocol = _protocol(index, kind, (test_fold, validation), config.seed)
        spec = features_for(info.name, index, features)
    except BadConfig as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    return RunSpec(
        str(index.root.resolve()), info.name, spec, config, protocol, exclusions=exclusions
    )


def as_crossval(spec: RunSpec, index: DatasetIndex) -> RunSpec | None:
    """The same training once for every fold; None where there is only one fold.

    With two folds none is left to validate.
    """
    folds = index.folds
    if len(folds) < 2:
        return None
    wants_validation = bool(spec.protocol.validation_folds) or spec.protocol.kind == "random"
    protocol = crossval_protocol(
        folds, folds, with_validation=wants_validation and len(folds) > 2, seed=spec.protocol.seed
    )
    return replace(spec, protocol=protocol, folds=folds)


def _choose_model(index: DatasetIndex) -> ModelInfo:
    infos = [info for info in MODELS.values() if possible_features(info, index)]
    names = [info.name for info in infos]
    recall("model", names[0], str, names)
    st.radio(
        "Model",
        names,
        format_func=lambda name: MODELS[name].title,
        captions=[_model_line(info, index) for info in infos],
        key=widget_key("model"),
        **KEEP,
    )
    for info in MODELS.values():
        if info not in infos:
            st.markdown(
                f":small[:gray[{info.title} is not possible here: these data hold no sound, only "
                f"numbers, and {info.title} learns from spectrograms.]]"
            )
    chosen: str = st.session_state[widget_key("model")] or names[0]
    remember({"model": (chosen, names[0])})
    return MODELS[chosen]


def _model_line(info: ModelInfo, index: DatasetIndex) -> str:
    possible = possible_features(info, index)
    chosen = st.session_state.get(widget_key("features"))
    spec = find_spec(chosen if chosen in possible else possible[0])
    sizes = (row_shape(spec)[0], len(index.class_names))
    return f"{info.layers_text(*sizes)} · {info.n_parameters(*sizes):,} numbers to learn"


def _choose_split() -> str:
    words = {
        "official": "Honest: tested on recordings it never heard",
        "random": f"As in the article: {warning_chip('leaks')}",
    }
    recall("split", "official", str, list(words))
    st.radio(
        "Split",
        list(words),
        format_func=lambda kind: words[kind],
        captions=[
            "Whole groups of recordings are kept for the test.",
            "Pieces of one recording both teach and test, so scores come out too high.",
        ],
        key=widget_key("split"),
        **KEEP,
    )
    kind: str = st.session_state[widget_key("split")] or "official"
    remember({"split": (kind, "official")})
    return kind


def _choose_test_fold(folds: tuple[int, ...]) -> int:
    recall("test_fold", folds[-1], int, folds)
    st.selectbox(
        "Test fold",
        folds,
        key=widget_key("test_fold"),
        help="The group of recordings that is kept for the test at the end.",
        **KEEP,
    )
    fold: int = st.session_state[widget_key("test_fold")]
    remember({"test_fold": (fold, folds[-1])})
    return fold


def _choose_features(info: ModelInfo, index: DatasetIndex) -> str:
    """What the model learns from: a choice where there is one, else said in a line."""
    names = possible_features(info, index)
    if len(names) == 1:
        st.markdown(f":small[:gray[Learns from: {spec_title(find_spec(names[0]))}.]]")
        return names[0]
    recall("features", names[0], str, names)
    st.selectbox(
        "Learns from",
        names,
        format_func=lambda name: _capital(spec_title(find_spec(name))),
        key=widget_key("features"),
        help="The numbers that each clip is turned into before the network sees it.",
        **KEEP,
    )
    name: str = st.session_state[widget_key("features")]
    remember({"features": (name, names[0])})
    return name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _choose_validation(folds: tuple[int, ...], test_fold: int | None) -> int | str:
    others = [fold for fold in folds if fold != test_fold]
    options: list[int | str] = [AUTO_FOLD, NO_FOLD, *others]
    recall("validation_fold", AUTO_FOLD, _fold_or_word, options)
    st.selectbox(
        "Validation fold",
        options,
        format_func=lambda fold: folds_text((fold,)) if isinstance(fold, int) else fold,
        key=widget_key("validation_fold"),
        help="Its clips choose when the network is not sure and, unless weights are averaged, "
        "the epoch that is kept.",
        **KEEP,
    )
    fold: int | str = st.session_state[widget_key("validation_fold")]
    remember({"validation_fold": (fold, AUTO_FOLD)})
    return fold


def _fold_or_word(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _choose_exclusions() -> Exclusions | None:
    """A list of clips to leave out, where such lists were made."""
    lists = {found.name: found for found in list_exclusions(outputs_dir())}
    if not lists:
        return None
    names = [NO_LIST, *lists]
    recall("leave_out", NO_LIST, str, names)
    st.selectbox(
        "Leave out",
        names,
        format_func=lambda name: (
            f"{name} ({count_text(len(lists[name].clips), 'clip')})" if name in lists else "none"
        ),
        key=widget_key("leave_out"),
        help="These clips neither train nor validate. They still test.",
        **KEEP,
    )
    chosen: str = st.session_state[widget_key("leave_out")]
    remember({"leave_out": (chosen, NO_LIST)})
    return lists.get(chosen)


def _protocol(
    index: DatasetIndex, kind: str, chosen: tuple[int | None, int | str], seed: int
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
