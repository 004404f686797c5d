"""The models whose word is asked for beside a person's: saved ones, finished runs, and ten-folds.

Only those that know the dataset's own classes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from urbansound.evaluation.protocol import tested_protocol
from urbansound.files import modified_at
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED, outputs_dir
from urbansound.records import Card, ClipResults, DatasetIndex, Scores
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import list_models
from urbansound.runs.store import list_runs
from urbansound.runs.weights import SavedModel, card_path
from urbansound.ui.chips import calm_chip, score_chip
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.run_state import run_card, run_title
from urbansound.ui.runs.answers import run_answers

_ORIGINS = {"saved": "taught here", "shipped": "came with the app"}
_BEST_FIRST = ("cnn", "mlp", "model2", "model1")


@dataclass(frozen=True)
class Judge:
    """One model: a name that no other has, and what answers, weights or a ten-fold's results."""

    key: str
    title: str
    card: Card
    saved: SavedModel | None = None
    run: RunFolder | None = None
    origin: str = ""

    @property
    def scores(self) -> Scores | None:
        """What its card says of clips that it did not learn from."""
        return self.card.test or self.card.validation

    @property
    def chips(self) -> str:
        """What its scores stand beside, as Markdown."""
        chip = score_chip(self.card.dataset_name, tested_protocol(self.card))
        return chip if self.card.test else f"{calm_chip('validation clips')} {chip}"

    @property
    def results(self) -> ClipResults | None:
        """What a cross-validation said clip by clip; None for weights."""
        return None if self.run is None else run_answers(self.run)


def judges_of(index: DatasetIndex) -> list[Judge]:
    """The models that know these classes, the likely best first; damaged ones are left out."""
    judges = _judges(outputs_dir(), _stamp(outputs_dir()))
    return [judge for judge in judges if judge.card.class_names == index.class_names]


def _stamp(outputs: Path) -> tuple[float, ...]:
    """What changes whenever a model comes or goes."""
    saved = [folder / f"{name}.pth" for folder in (outputs, PRETRAINED) for name in MODELS]
    runs = outputs / "runs"
    cards = sorted(runs.glob("[!.]*/card.json")) if runs.is_dir() else []
    return tuple(modified_at(path) for path in (*saved, *map(card_path, saved), *cards))


@st.cache_resource(max_entries=2, show_spinner=False)
def _judges(outputs: Path, stamp: tuple[float, ...]) -> list[Judge]:
    del stamp
    models, _ = list_models(outputs)
    found = [_of_weights(saved) for saved in models]
    found += [judge for run in list_runs(outputs) if (judge := _of_folds(run)) is not None]
    return _with_own_titles(sorted(found, key=_rank))


def _of_weights(saved: SavedModel) -> Judge:
    title = model_title(saved)
    return Judge(saved.key, title, saved.card, saved=saved, origin=_ORIGINS.get(saved.source, ""))


def _of_folds(run: RunFolder) -> Judge | None:
    """A finished cross-validation; None where it keeps no answers."""
    card = run_card(run) if run.spec.is_crossval and run.results_path.exists() else None
    return None if card is None else Judge(run.id, run_title(run), card, run=run)


def _rank(judge: Judge) -> tuple[int, int]:
    """Saved models before runs, and the likely best first."""
    is_run = judge.run is not None or (judge.saved is not None and judge.saved.source == "run")
    name = judge.card.spec.model
    return int(is_run), _BEST_FIRST.index(name) if name in _BEST_FIRST else len(_BEST_FIRST)


def _with_own_titles(judges: list[Judge]) -> list[Judge]:
    """The same with their origin, or their run, in the title where two are called alike."""
    titles = [judge.title for judge in judges]
    return [_renamed(judge, titles.count(judge.title) > 1) for judge in judges]


def _renamed(judge: Judge, is_shared: bool) -> Judge:
    if not is_shared:
        return judge
    more = judge.origin or judge.key
    return replace(judge, title=f"{judge.title} ({more})")
