"""What the map lays out, how, and by what it is coloured: one row of choices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from urbansound.features.spec import MFCC40
from urbansound.paths import outputs_dir
from urbansound.records import DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import list_models
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.shelf import build_shelf, model_subject
from urbansound.ui.explore.map_answers import runs_at_hand
from urbansound.ui.explore.map_places import is_prepared
from urbansound.ui.explore.map_state import forget_lasso
from urbansound.ui.run_line import viewer_zone
from urbansound.ui.run_state import run_title

STATISTICS = "statistics"
_WHAT, _HOW, _COLOR, _RUN = "map_what", "map_how", "map_colour", "map_run"
_METHODS = {"tsne": "Neighbours kept", "pca": "Quick"}
_COLORS = {
    "class": "Class",
    "fold": "Fold",
    "recording": "Recording",
    "answers": "Right or wrong",
}


@dataclass(frozen=True)
class Choice:
    """The layout of `saved`'s embedding, of statistics where that is None, by `method`."""

    method: str
    saved: SavedModel | None
    color_by: str
    run: RunFolder | None


def choose(index: DatasetIndex, *, has_recordings: bool) -> Choice:
    """Draw the choices; what is chosen."""
    models = _models(index)
    runs = runs_at_hand(index)
    colors = list(_COLORS)
    if not has_recordings:
        colors.remove("recording")
    if not runs:
        colors.remove("answers")
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        what = _choose_what(index, models)
        method = _pick("How", _METHODS, list(_METHODS), key=_HOW, help_text=_HOW_HELP)
        color_by = _pick("Colour by", _COLORS, colors, key=_COLOR, on_change=_recoloured)
    run = _choose_run(runs) if color_by == "answers" else None
    return Choice(method, models.get(what), color_by, run)


_HOW_HELP = (
    "Neighbours kept (t-SNE): what sounds alike lies side by side; takes a while, once. "
    "Quick (PCA): the two directions in which the clips differ most."
)


def _models(index: DatasetIndex) -> dict[str, SavedModel]:
    """Models that can lay out the clips, by key: the best first."""
    shelf = build_shelf(list_models(outputs_dir())[0])
    models = [*shelf.first.values(), *shelf.others]
    if not index.has_audio:
        models = [saved for saved in models if saved.card.spec.features == MFCC40]
    return {saved.key: saved for saved in models}


def _choose_what(index: DatasetIndex, models: dict[str, SavedModel]) -> str:
    options = [*models, STATISTICS]
    if st.session_state.get(_WHAT) not in options:
        st.session_state[_WHAT] = _first(index, models)
    return st.selectbox(
        "Of what",
        options,
        format_func=lambda key: _what_title(models.get(key)),
        key=_WHAT,
        width=260,
        persist_state="session",
    )


def _first(index: DatasetIndex, models: dict[str, SavedModel]) -> str:
    """What can be shown at once, of that what says most."""
    ready = (key for key, saved in models.items() if is_prepared(index, saved))
    return next(ready, STATISTICS)


def _what_title(saved: SavedModel | None) -> str:
    return "The sounds' statistics" if saved is None else f"As {model_subject(saved)} hears them"


def _recoloured() -> None:
    """By recording all points count: a line drawn before would leave most of them faded."""
    if st.session_state.get(_COLOR) == "recording":
        forget_lasso()


def _pick(
    label: str,
    titles: dict[str, str],
    options: Sequence[str],
    *,
    key: str,
    help_text: str = "",
    on_change: Callable[[], None] | None = None,
) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=lambda option: titles[option],
        key=key,
        wrap=True,
        help=help_text or None,
        on_change=on_change,
        persist_state="session",
    )
    return str(chosen or options[0])


def _choose_run(runs: Sequence[RunFolder]) -> RunFolder:
    by_id, zone = {run.id: run for run in runs}, viewer_zone()
    if st.session_state.get(_RUN) not in by_id:
        st.session_state[_RUN] = runs[0].id
    chosen = st.selectbox(
        "Answers of",
        list(by_id),
        format_func=lambda key: run_title(by_id[key], zone),
        key=_RUN,
        width=360,
        persist_state="session",
    )
    return by_id[chosen]
