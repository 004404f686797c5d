"""Saved weights against clips, and the classifier that listens."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import BadConfig, BadWeights
from urbansound.evaluation.protocol import has_never_heard
from urbansound.experiment.answers import ask, score_answers
from urbansound.experiment.material import Material
from urbansound.features.cache import load_features
from urbansound.inference.classify import Classifier, restore_network
from urbansound.records import Card, DatasetIndex, FeatureTable, Scores, Split
from urbansound.runs.saved import find_model
from urbansound.runs.weights import SavedModel, load_weights


def evaluate(saved: SavedModel, index: DatasetIndex, folds: tuple[int, ...] | None) -> Scores:
    """Scores of saved weights on a dataset's folds (all present without).

    BadWeights where label order or feature spec differ, BadConfig for a fold not there.
    """
    card = saved.card
    if card.class_names != index.class_names:
        raise BadWeights(
            f"This {saved.name} knows the classes {', '.join(card.class_names)}; the dataset has "
            f"{', '.join(index.class_names)}. Choose a model trained on these classes."
        )
    model = restore_network(card, load_weights(saved))
    table = load_features(index, card.spec.features)
    rows, nothing = _rows_of(table, folds), np.empty(0, np.int64)
    material = Material(index, table, Split(nothing, nothing, rows))
    scores = score_answers(ask(model, table, rows), material)
    assert scores is not None  # A fold that is there has clips.
    return scores


def heard_in_training(card: Card, index: DatasetIndex, folds: tuple[int, ...] | None) -> bool:
    """True when some of these folds trained or chose this model on data of this name."""
    if card.dataset_name != index.name:
        return False
    return not all(has_never_heard(card, fold) for fold in folds or index.folds)


def find_classifier(outputs: Path, key: str) -> Classifier:
    """The classifier of a model key ("model1", "shipped:model1", a run's id)."""
    return open_classifier(find_model(outputs, key))


def open_classifier(saved: SavedModel) -> Classifier:
    """The saved model, ready to listen; BadWeights where its files do not hold together."""
    return Classifier(saved.card, load_weights(saved))


def _rows_of(table: FeatureTable, folds: tuple[int, ...] | None) -> NDArray[np.int64]:
    present = sorted(set(table.folds.tolist()))
    for fold in folds or ():
        if fold not in present:
            raise BadConfig(
                f"There is no fold {fold} in this dataset. It has folds "
                f"{', '.join(map(str, present))}."
            )
    return np.flatnonzero(np.isin(table.folds, folds or present)).astype(np.int64)
