"""The leak in figures: one network under both splits of the same clips. Free of Streamlit."""

import math
from dataclasses import dataclass, replace

import numpy as np

from urbansound.evaluation.leakage import leaked_share, lookup_accuracy
from urbansound.evaluation.protocol import build_protocol, split_rows
from urbansound.records import Card, DatasetIndex, Protocol, RunSpec, Scores, Split
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results
from urbansound.ui.words import count_text, score_text


@dataclass(frozen=True)
class LeakFigures:
    """Of one split: the test clips whose recording trained too, and what memory alone scores.

    `share` and `lookup` are fractions of the test clips.
    """

    share: float
    lookup: float


def as_in_the_article(spec: RunSpec) -> RunSpec:
    """The same training under the random split, which leaks."""
    return replace(spec, protocol=Protocol("random", (), (), spec.protocol.seed))


def as_official(spec: RunSpec, index: DatasetIndex) -> RunSpec | None:
    """The same training under the honest split, with its own test fold or the last one.

    None where there are not two folds to split by.
    """
    if len(index.folds) < 2:
        return None
    if spec.protocol.kind == "official":
        return spec
    with_validation = len(index.folds) > 2
    protocol = build_protocol(index.folds, with_validation=with_validation, seed=spec.protocol.seed)
    return replace(spec, protocol=protocol)


def leak_figures(run: RunFolder, index: DatasetIndex) -> LeakFigures | None:
    """The figures of a run's split, from the dataset's table alone; no sound is read.

    None where the recordings are not known, or the dataset is another. A finished run's own
    clips count, since files that could not be read change a random split.
    """
    recordings = np.array([-1 if c.recording_id is None else c.recording_id for c in index.clips])
    is_here = run.spec.dataset == str(index.root.resolve())
    if not is_here or not len(recordings) or (recordings < 0).any():
        return None
    labels = np.array([clip.class_id for clip in index.clips])
    split = _own_split(run, len(labels)) or _planned_split(run, index)
    # A few recordings span two folds, with other classes: those do not leak.
    share = leaked_share(split, recordings, labels)
    return LeakFigures(share, lookup_accuracy(split, recordings, labels))


def _planned_split(run: RunFolder, index: DatasetIndex) -> Split:
    split = split_rows(np.array([clip.fold for clip in index.clips]), run.spec.protocol)
    excluded = set(run.spec.exclusions.clips) if run.spec.exclusions else set()
    if not excluded:
        return split
    is_kept = np.array([clip.path not in excluded for clip in index.clips])
    return replace(split, train=split.train[is_kept[split.train]])


def _own_split(run: RunFolder, n_clips: int) -> Split | None:
    """Which clips a finished run tested; all that it neither tested nor validated on trained."""
    results = read_results(run.results_path) if run.results_path.exists() else None
    if results is None or run.spec.exclusions is not None:
        return None
    validation = results.clip_numbers[~results.is_test]
    train = np.setdiff1d(np.arange(n_clips), results.clip_numbers)
    return Split(train, validation, results.clip_numbers[results.is_test])


def verdict_text(honest: Card, leaky: Card, figures: LeakFigures | None) -> str:
    """What the two scores mean, in plain words; `figures` are those of the leaking split."""
    if honest.test is None or leaky.test is None:
        return "One of the two kept no clips for a test, so they cannot be compared."
    expected = f"Of recordings it never heard, expect {score_text(honest.test.accuracy)}."
    return f"{_gap_text(honest.test, leaky.test)} {_memory_text(figures)} {expected}"


def _gap_text(honest: Scores, leaky: Scores) -> str:
    gap = leaky.accuracy - honest.accuracy
    if gap > luck(honest, leaky):
        return f"{100 * gap:.1f} points of the article's score are memory, not skill:"
    higher = f"{100 * gap:.1f} points higher" if gap > 0 else "not higher"
    clips = count_text(min(honest.n, leaky.n), "clip")
    return f"The article's score is {higher} here; on {clips} that can be luck. Yet"


def luck(one: Scores, other: Scores) -> float:
    """How far two accuracies may lie apart by the luck of their test clips, at 95 %."""
    variances = (s.accuracy * (1 - s.accuracy) / max(s.n, 1) for s in (one, other))
    return 1.96 * math.sqrt(sum(variances))


def _memory_text(figures: LeakFigures | None) -> str:
    if figures is None:
        return (
            "the random split puts clips of one recording on both sides. How many cannot be "
            "told, for these data do not name their recordings."
        )
    return (
        f"{100 * figures.share:.0f} % of its test clips come from recordings it had trained on, "
        f"and a list of recordings that hears nothing gets {score_text(figures.lookup)} there."
    )
