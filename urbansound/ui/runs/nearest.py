"""The clip a run learned from that is most like one it was asked about."""

import numpy as np
from numpy.typing import NDArray

from urbansound.evaluation.nearest import nearest_row
from urbansound.experiment.material import fold_protocols, split_material
from urbansound.records import FeatureTable, Protocol, RunSpec
from urbansound.ui.runs.inside import Inside


def nearest_learned(inside: Inside, table: FeatureTable, row: int, class_id: int) -> int | None:
    """The clip number of the most similar training clip of a class, by the 40 means.

    `row` is of the run's results. None where the clip could not be measured, or where the
    run learned from no clip of that class.
    """
    assert inside.results is not None
    assert inside.index is not None
    number = int(inside.results.clip_numbers[row])
    at = np.flatnonzero(table.clip_numbers == number)
    learned = _learned(inside, table, int(inside.results.folds[row]))
    found = None
    if len(at):
        candidates = learned[table.labels[learned] == class_id]
        found = nearest_row(table.features, int(at[0]), candidates)
    return None if found is None else int(table.clip_numbers[found])


def _learned(inside: Inside, table: FeatureTable, fold: int) -> NDArray[np.int64]:
    """Rows of the table that the network learned from which was tested on this fold."""
    assert inside.index is not None
    spec = inside.card.spec
    protocol = _protocol_of(spec, fold) if spec.is_crossval else spec.protocol
    return split_material(inside.index, table, protocol, spec.exclusions).train


def _protocol_of(spec: RunSpec, fold: int) -> Protocol:
    return next(p for p in fold_protocols(spec) if fold in p.test_folds)
