"""The mean MFCCs of a class's clips: of all that were measured, else of a few measured now."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.errors import BadAudio
from urbansound.features.average_spectrum import AverageSpectrum, average_spectrum
from urbansound.features.mfcc import mean_mfcc
from urbansound.features.spec import MFCC40
from urbansound.records import DatasetIndex, FeatureTable
from urbansound.ui import data
from urbansound.ui.data import Floats

SAMPLE = 100
"""So many clips are measured while a person waits: a second or so for two classes."""


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """Mean MFCCs [n, 40] of n clips of a class and their average spectrum.

    `is_sample` says that the class has more clips.
    """

    features: Floats
    spectrum: AverageSpectrum
    is_sample: bool = False

    def __len__(self) -> int:
        return len(self.features)


def class_means(
    index: DatasetIndex, table: FeatureTable | None, class_id: int
) -> ClassMeans | None:
    """The means of one class, of at most 100 clips where there is no table yet.

    They are always the same 100, drawn from the whole class. None where no clip can be read.
    """
    version = data.dataset_version(index)
    if table is None:
        return _sample(version, class_id, index)
    return _of_table(version, table.data_digest, class_id, table)


@st.cache_resource(show_spinner=False, max_entries=64)
def _of_table(version: str, digest: str, class_id: int, _table: FeatureTable) -> ClassMeans | None:
    del version, digest
    return _summary(_table.features[_table.labels == class_id], is_sample=False)


@st.cache_resource(show_spinner="Listening to some clips of each …", max_entries=64)
def _sample(version: str, class_id: int, _index: DatasetIndex) -> ClassMeans | None:
    del version
    numbers = np.flatnonzero(columns_of(_index).class_ids == class_id)
    drawn = np.random.default_rng(0).permutation(numbers)[:SAMPLE]
    rows = [row for number in drawn.tolist() if (row := _means(_index, number)) is not None]
    features = np.array(rows, np.float32).reshape(-1, MFCC40.n_mfcc)
    return _summary(features, is_sample=len(numbers) > SAMPLE)


def _summary(features: Floats, *, is_sample: bool) -> ClassMeans | None:
    if not len(features):
        return None
    return ClassMeans(features, average_spectrum(features, MFCC40), is_sample)


def _means(index: DatasetIndex, number: int) -> Floats | None:
    try:
        return mean_mfcc(data.clip_audio(index, number), MFCC40)
    except BadAudio:
        return None
