"""Saved or fresh weights against clips, and the classifier that listens."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from urbansound.errors import BadConfig, BadWeights
from urbansound.evaluation.metrics import score
from urbansound.features.cache import load_features
from urbansound.inference.classify import Classifier, restore_network
from urbansound.models.article import ArticleNetwork
from urbansound.records import Card, DatasetIndex, FeatureTable, Scores
from urbansound.runs.saved import find_model
from urbansound.runs.weights import SavedModel, load_weights


def score_rows(
    model: ArticleNetwork,
    table: FeatureTable,
    rows: NDArray[np.int64],
    class_names: tuple[str, ...],
) -> Scores:
    """Scores of a model that takes raw features on these rows of a table."""
    with torch.inference_mode():
        outputs = model.eval()(torch.from_numpy(table.features[rows])).numpy()
    return score(outputs, table.labels[rows], class_names)


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
    return score_rows(model, table, _rows_of(table, folds), card.class_names)


def heard_in_training(card: Card, index: DatasetIndex, folds: tuple[int, ...] | None) -> bool:
    """True when some of these folds trained or chose this model on data of this name."""
    if card.dataset_name != index.name:
        return False
    asked = set(folds or index.folds)
    return card.spec.protocol.kind == "random" or bool(asked - set(card.spec.protocol.test_folds))


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
