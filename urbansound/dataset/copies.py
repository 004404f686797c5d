"""Clips that are the same sound: to the last sample, to the ear, or by their recording."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from urbansound.article_tensors import read_tensors
from urbansound.dataset.findings import Finding
from urbansound.dataset.survey import Survey
from urbansound.errors import BadDataset
from urbansound.records import DatasetIndex


def copies_of(index: DatasetIndex, survey: Survey) -> Iterator[Finding]:
    """Each clip that is the same as an earlier one; of a dataset of numbers each row."""
    if not index.has_audio:
        yield from _same(index, _row_groups(index), "numbers")
        return
    groups = _groups(np.where(survey.is_silent, 0, survey.checksums))
    yield from _same(index, groups, "sound")
    yield from _alike(index, survey.alike)


def _groups(keys: NDArray[np.uint64]) -> list[list[int]]:
    """The numbers that share a key, where several do; 0 is no key."""
    _, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    shared = np.flatnonzero((sizes[place] > 1) & (keys != 0))
    groups: dict[int, list[int]] = defaultdict(list)
    for number in shared.tolist():
        groups[int(place[number])].append(number)
    return list(groups.values())


def _row_groups(index: DatasetIndex) -> list[list[int]]:
    try:
        features = np.ascontiguousarray(read_tensors(index.root)[0])
    except BadDataset:
        # The check has said so.
        return []
    rows = features.view(np.dtype((np.void, features.shape[1] * features.itemsize)))[:, 0]
    places = np.unique(rows, return_inverse=True)[1]
    return _groups(places.astype(np.uint64) + np.uint64(1))


def _same(index: DatasetIndex, groups: list[list[int]], what: str) -> Iterator[Finding]:
    """Each clip of a group but the first, beside the one that it contradicts most."""
    for first, *others in groups:
        for number in others:
            clip, like = index.clips[number], index.clips[first]
            message = f"{_name(index, number)} holds the same {what} as {_name(index, first)}"
            if clip.class_id != like.class_id:
                code = "same_sound_other_class"
                message += f", which is of class '{index.class_names[like.class_id]}'"
            elif clip.fold != like.fold:
                code = "same_sound_across_folds"
            else:
                code = "same_sound"
            message += f"{_fold_words(index, number, first)}."
            yield Finding(code, _label(index, number), message, number, first)


def _alike(index: DatasetIndex, alike: NDArray[np.int64]) -> Iterator[Finding]:
    told: set[int] = set()
    for first, number in alike.tolist():
        if number in told:
            continue
        told.add(number)
        message = (
            f"{_name(index, number)} sounds nearly the same as {_name(index, first)}"
            f"{_fold_words(index, number, first)}."
        )
        yield Finding("alike_across_folds", _label(index, number), message, number, first)


def recordings_across_folds(index: DatasetIndex) -> Iterator[Finding]:
    """One clip of each recording that has clips in several folds."""
    firsts: dict[int, int] = {}
    told: set[int] = set()
    for number, clip in enumerate(index.clips):
        recording = clip.recording_id
        if recording is None:
            continue
        first = firsts.setdefault(recording, number)
        if index.clips[first].fold != clip.fold and recording not in told:
            told.add(recording)
            message = (
                f"Recording {recording} has clips in folds {index.clips[first].fold} and "
                f"{clip.fold}{_class_words(index, first, number)}."
            )
            yield Finding("recording_across_folds", _label(index, number), message, number, first)


def _label(index: DatasetIndex, number: int) -> str:
    return index.clips[number].path or f"row {number}"


def _name(index: DatasetIndex, number: int) -> str:
    path = index.clips[number].path
    return f"'{path}'" if path else f"Row {number}"


def _fold_words(index: DatasetIndex, number: int, other: int) -> str:
    mine, theirs = index.clips[number].fold, index.clips[other].fold
    return "" if mine == theirs else f"; they are in folds {theirs} and {mine}"


def _class_words(index: DatasetIndex, first: int, second: int) -> str:
    one, two = (index.clips[number].class_id for number in (first, second))
    if one == two:
        return ""
    return f", there as '{index.class_names[one]}' and here as '{index.class_names[two]}'"
