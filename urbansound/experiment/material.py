"""A dataset with its features and, for one protocol, the rows that do what."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import split_rows
from urbansound.features.cache import load_features
from urbansound.models.catalog import find_model_info
from urbansound.records import DatasetIndex, FeatureTable, Protocol, RunSpec, Split
from urbansound.training.config import check_config

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Material:
    """Everything a training may see."""

    index: DatasetIndex
    table: FeatureTable
    split: Split

    def under(self, protocol: Protocol) -> "Material":
        """The same clips, split by another protocol."""
        return replace(self, split=split_rows(self.table.folds, protocol))


def load_material(spec: RunSpec, on_progress: OnProgress | None = None) -> Material:
    """What the spec asks for, extracted where needed; BadConfig where it cannot work."""
    find_model_info(spec.model)
    check_config(spec.train)
    index = load_dataset(Path(spec.dataset))
    table = load_features(index, spec.features, on_progress=on_progress)
    material = Material(index, table, split_rows(table.folds, spec.protocol))
    if not len(material.split.train):
        raise BadConfig("No clip is left to train on. Choose other folds, or add data.")
    return material
