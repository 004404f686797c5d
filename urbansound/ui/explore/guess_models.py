"""Which models may be set beside a person's ears: those to which clips are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.rounds import Mask
from urbansound.evaluation.unheard import Unheard, held_out_clips, unheard_clips
from urbansound.features.cache import feature_files
from urbansound.features.sidecar import read_sidecar
from urbansound.features.spec import MFCC40
from urbansound.files import modified_at
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.judges import Judge, judges_of
from urbansound.ui.words import names_text

DEFAULT, MOST = 2, 4


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model, and the clips of the dataset that are new to it."""

    judge: Judge
    unheard: Unheard


def candidates_of(index: DatasetIndex) -> list[Candidate]:
    """The models that know the dataset's classes with what is new to each."""
    digest = _digest(feature_files(index, MFCC40)[-1])
    return [Candidate(judge, _unheard(index, judge, digest)) for judge in judges_of(index)]


def _digest(path: Path) -> str:
    return _read_digest(path, modified_at(path))


@st.cache_data(show_spinner=False, max_entries=4)
def _read_digest(path: Path, stamp: float) -> str:
    """The checksum of the dataset's clips as they were last measured; empty before."""
    sidecar = read_sidecar(path) if stamp else None
    return "" if sidecar is None else sidecar.data_digest


def _unheard(index: DatasetIndex, judge: Judge, digest: str) -> Unheard:
    print_of = judge.card.sha256 or judge.card.created
    return _cached(data.dataset_version(index), judge.key, print_of, digest, (index, judge))


@st.cache_resource(show_spinner=False, max_entries=64)
def _cached(
    version: str, key: str, print_of: str, digest: str, _pair: tuple[DatasetIndex, Judge]
) -> Unheard:
    del version, key, print_of
    index, judge = _pair
    columns = columns_of(index)
    results = judge.results
    if results is not None:
        return held_out_clips(judge.card, results, index, columns, digest)
    return unheard_clips(judge.card, index, columns, digest)


def common_clips(index: DatasetIndex, chosen: Sequence[Candidate]) -> Mask:
    """The clips that are new to all of these; without any model all there are."""
    everything = np.ones(len(index.clips), np.bool_)
    masks = [candidate.unheard.mask for candidate in chosen]
    return reduce(np.logical_and, masks, everything)


def first_choice(index: DatasetIndex, able: Sequence[Candidate]) -> list[str]:
    """The keys of the best two that share clips new to both."""
    chosen: list[Candidate] = []
    for candidate in able:
        if len(chosen) < DEFAULT and common_clips(index, [*chosen, candidate]).any():
            chosen.append(candidate)
    return [candidate.judge.key for candidate in chosen]


def why_not(unable: Sequence[Candidate]) -> list[str]:
    """One sentence for each reason why models are not asked."""
    by_reason: dict[str, list[str]] = {}
    for candidate in unable:
        by_reason.setdefault(candidate.unheard.reason, []).append(candidate.judge.title)
    return [_sentence(titles, reason) for reason, titles in by_reason.items()]


def _sentence(titles: list[str], reason: str) -> str:
    if len(titles) == 1:
        return f"{titles[0]} {reason}."
    verb, _, rest = reason.partition(" ")
    plural = {"has": "have", "knows": "know", "was": "were"}.get(verb, verb)
    return f"{names_text(titles)} {plural} {rest}."
