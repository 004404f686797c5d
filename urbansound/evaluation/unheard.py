"""Which clips of a dataset a model has never learned from, as far as its card can prove it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.columns import UNKNOWN, Columns
from urbansound.dataset.index import OFFICIAL_NAME
from urbansound.evaluation.protocol import has_never_heard
from urbansound.records import Card, ClipResults, DatasetIndex

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Unheard:
    """The clips, bool [n] in the index's order, and where there are none the reason.

    The reason goes on after the model's name: "was trained on other classes".
    """

    mask: Mask
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no clip is known to be new to the model."""
        return bool(self.reason)


def unheard_clips(card: Card, index: DatasetIndex, columns: Columns, digest: str) -> Unheard:
    """The clips that the weights of this card never learned from.

    `digest` is the dataset's, empty where it is not known. A clip cut from a recording that
    also lies in a fold that was heard counts as heard.
    """
    if card.class_names != index.class_names:
        return _none(columns, "knows other classes than these")
    if card.is_synthetic != index.is_synthetic:
        return Unheard(np.ones(len(columns), np.bool_))
    if not is_same_data(card, index, digest):
        return _none(columns, _why_unknown(card, index))
    if card.spec.protocol.kind == "random":
        return _none(columns, "was tested on clips of recordings that it knew")
    new = [fold for fold in columns.fold_numbers if has_never_heard(card, fold)]
    mask = _without_kin(np.isin(columns.folds, new), columns)
    return Unheard(mask) if mask.any() else _none(columns, "has heard all folds there are")


def held_out_clips(
    card: Card, results: ClipResults, index: DatasetIndex, columns: Columns, digest: str
) -> Unheard:
    """The clips on which a cross-validation's networks were tested, each by one new to it.

    A clip whose recording lies in several folds was not new, and is left out.
    """
    if card.class_names != index.class_names:
        return _none(columns, "knows other classes than these")
    if not is_same_data(card, index, digest):
        return _none(columns, _why_unknown(card, index))
    if card.spec.protocol.kind == "random":
        return _none(columns, "was tested on clips of recordings that it knew")
    known = columns.by_path
    tested = [known[path] for path in results.paths[results.is_test].tolist() if path in known]
    mask = np.zeros(len(columns), np.bool_)
    mask[np.array(tested, np.int64)] = True
    mask &= ~_in_several_folds(columns)
    return Unheard(mask) if mask.any() else _none(columns, "kept no answers on clips of these")


def is_same_data(card: Card, index: DatasetIndex, digest: str) -> bool:
    """Whether the card's folds are this dataset's.

    So it is for the same files. UrbanSound8K's folds, and those of the sounds that the app
    makes, are the same wherever they are, also where only some of them are.
    """
    if digest and digest == card.data_digest:
        return True
    has_fixed_folds = index.name == OFFICIAL_NAME or index.is_synthetic
    return has_fixed_folds and card.dataset_name == index.name


def _why_unknown(card: Card, index: DatasetIndex) -> str:
    if card.dataset_name == index.name:
        return "learned from other files of this name, or these have changed since"
    return f"learned from {card.dataset_name}, which may hold these very recordings"


def _none(columns: Columns, reason: str) -> Unheard:
    return Unheard(np.zeros(len(columns), np.bool_), reason)


def _without_kin(mask: Mask, columns: Columns) -> Mask:
    """Those of the clips whose recordings have no clip outside of them."""
    heard = columns.recordings[~mask & (columns.recordings != UNKNOWN)]
    return mask & ~np.isin(columns.recordings, heard)


def _in_several_folds(columns: Columns) -> Mask:
    known = columns.recordings != UNKNOWN
    pairs = np.unique(np.stack([columns.recordings, columns.folds])[:, known], axis=1)
    recordings, n_folds = np.unique(pairs[0], return_counts=True)
    return np.isin(columns.recordings, recordings[n_folds > 1])
