"""A dataset with its features and, for one protocol, the rows that do what."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import split_rows
from urbansound.features.cache import load_features
from urbansound.features.spec import find_spec
from urbansound.models.catalog import ModelInfo, find_model_info
from urbansound.records import (
    DatasetIndex,
    Exclusions,
    FeatureSpec,
    FeatureTable,
    Protocol,
    RunSpec,
    Split,
)
from urbansound.stages import staged
from urbansound.training.config import check_config, check_fits

OnProgress = Callable[[int, int], None]
# The spread of a single clip is none, by which networks scale what they hear.
FEWEST_CLIPS = 2


@dataclass(frozen=True, eq=False)
class Material:
    """Everything a training may see. Excluded clips neither train nor validate."""

    index: DatasetIndex
    table: FeatureTable
    split: Split
    exclusions: Exclusions | None = None

    def under(self, protocol: Protocol) -> "Material":
        """The same clips, split by another protocol."""
        return replace(
            self, split=split_material(self.index, self.table, protocol, self.exclusions)
        )

    @property
    def recordings(self) -> NDArray[np.int64]:
        """The recording of every row [n], -1 where unknown."""
        clips = (self.index.clips[number] for number in self.table.clip_numbers)
        ids = (clip.recording_id for clip in clips)
        return np.array([-1 if number is None else number for number in ids], np.int64)


@staged("loading features")
def load_material(
    spec: RunSpec, on_progress: OnProgress | None = None, *, cluster: str | None = None
) -> Material:
    """What the spec asks for, extracted where needed; BadConfig where it cannot work.

    A cross-validation's material is split as for its first fold.
    """
    check_config(spec.train)
    check_fits(spec.train, find_model_info(spec.model))
    index = load_dataset(Path(spec.dataset))
    table = load_features(index, spec.features, cluster=cluster, on_progress=on_progress)
    return material_of(spec, index, table)


def material_of(spec: RunSpec, index: DatasetIndex, table: FeatureTable) -> Material:
    """What the spec asks for, of features at hand; BadConfig where it cannot work."""
    protocols = fold_protocols(spec) if spec.is_crossval else [spec.protocol]
    splits = [split_material(index, table, protocol, spec.exclusions) for protocol in protocols]
    n_fewest = min(len(split.train) for split in splits)
    if n_fewest < FEWEST_CLIPS:
        left = "No clip is" if n_fewest == 0 else "Only one clip is"
        raise BadConfig(
            f"{left} left to train on, and {FEWEST_CLIPS} are needed. Choose other folds, "
            "train without a validation fold (--validation-fold none), or add data."
        )
    return Material(index, table, splits[0], spec.exclusions)


def fold_protocols(spec: RunSpec) -> list[Protocol]:
    """One protocol for each fold that a cross-validation tests."""
    validation = spec.protocol.validation_folds or (None,) * len(spec.folds)
    return [
        replace(
            spec.protocol,
            test_folds=(test,),
            validation_folds=() if chooses is None else (chooses,),
        )
        for test, chooses in zip(spec.folds, validation, strict=True)
    ]


def features_for(model: str, index: DatasetIndex, name: str | None = None) -> FeatureSpec:
    """The features that a model learns from on a dataset, the model's own choice without a name.

    A dataset without sound has mean MFCCs only. BadConfig where that cannot work.
    """
    info = find_model_info(model)
    possible = possible_features(info, index)
    if not possible:
        raise BadConfig(
            f"'{index.name}' holds no sound, only 40 mean MFCCs a clip, and {info.title} needs "
            "sound. Choose another model, or a dataset with sound."
        )
    if name is not None and name not in possible:
        raise BadConfig(
            f"{info.title} cannot learn from '{name}' on '{index.name}'. "
            f"It can learn from: {', '.join(possible)}."
        )
    return find_spec(name or possible[0])


def possible_features(info: ModelInfo, index: DatasetIndex) -> tuple[str, ...]:
    """What a model can learn from on a dataset, its own choice first; empty for nothing."""
    return tuple(name for name in info.features if index.has_audio or name == "mfcc")


def split_material(
    index: DatasetIndex, table: FeatureTable, protocol: Protocol, exclusions: Exclusions | None
) -> Split:
    """The table's rows under a protocol, without the excluded clips but in the test."""
    split = split_rows(table.folds, protocol)
    if exclusions is None:
        return split
    excluded = set(exclusions.clips)
    paths = [index.clips[number].path for number in table.clip_numbers]
    is_kept = np.array([path not in excluded for path in paths])
    return replace(
        split,
        train=split.train[is_kept[split.train]],
        validation=split.validation[is_kept[split.validation]],
    )
