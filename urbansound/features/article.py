"""A dataset without sound: a folder that holds the article's three tensors."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.article_tensors import read_tensors
from urbansound.errors import BadConfig, BadDataset
from urbansound.features.spec import MFCC40
from urbansound.features.stores import content_sha256
from urbansound.records import DatasetIndex, FeatureSpec, FeatureTable


def load_article(index: DatasetIndex, spec: FeatureSpec) -> FeatureTable:
    """The table of a features-only dataset, row n being clip n.

    BadConfig for features other than the article's; BadDataset where a file is missing,
    damaged or does not fit the others.
    """
    if spec != MFCC40:
        raise BadConfig(
            f"'{index.root}' holds no sound, only 40 mean MFCCs a clip, so it cannot train a "
            "model that needs other features. Choose another model, or a dataset with sound."
        )
    features, labels, folds = read_tensors(index.root)
    _check_features(index, features)
    _check_labels(index, labels)
    checksums = " ".join(content_sha256(array) for array in (features, labels, folds))
    return FeatureTable(
        features=features,
        labels=labels,
        folds=folds,
        clip_numbers=np.arange(len(index.clips)),
        spec=spec,
        data_digest=hashlib.sha256(checksums.encode()).hexdigest(),
    )


def _check_features(index: DatasetIndex, features: NDArray[Any]) -> None:
    expected = (len(index.clips), MFCC40.n_mfcc)
    if features.shape != expected:
        raise BadDataset(
            f"The features in '{index.root}' are of shape {list(features.shape)}; "
            f"{list(expected)} was expected, 40 numbers for each clip."
        )
    bad_rows = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(bad_rows) > 0:
        raise BadDataset(
            f"Row {bad_rows[0]} of the features in '{index.root}' holds values that are not "
            "numbers. Extract them again, or leave such rows out."
        )


def _check_labels(index: DatasetIndex, labels: NDArray[np.int64]) -> None:
    n_classes = len(index.class_names)
    wrong = labels[(labels < 0) | (labels >= n_classes)]
    if len(wrong) > 0:
        raise BadDataset(
            f"The labels in '{index.root}' hold {wrong[0]}; 0 to {n_classes - 1} was expected."
        )
