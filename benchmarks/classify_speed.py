"""Files classified by model2: ours on all cores beside a loop that takes one at a time."""

import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.features_speed import KINDS, Kind, wav_files
from benchmarks.machine import machine_text
from benchmarks.peers import answers_one_at_a_time, librosa_features
from benchmarks.ratio import compare, seconds_text
from benchmarks.table import Table
from urbansound.experiment.scoring import find_classifier
from urbansound.inference.batch import classify_all
from urbansound.inference.classify import Classifier
from urbansound.inference.sources import source_of
from urbansound.worker_pool import n_cores

N_FILES, N_DISTINCT = 400, 100


def classify() -> Iterator[Table]:
    """One row a kind of file."""
    machine = machine_text("librosa", "torch", "soundfile", "av")
    rows = [_row(kind) for kind in KINDS]
    head = ("files", "instead of", "theirs", "ours", "files/s", "ratio", "error")
    notes = (
        f"{N_FILES} files of 4 s a turn. Ours reads every file as an upload, by a decoder in a "
        "process of its own, and also looks for silence and events. The error is the greatest "
        "difference of the calibrated probabilities.",
    )
    yield Table("classify", head, rows, machine, notes)


def _row(kind: Kind) -> list[str]:
    classifier = find_classifier(Path("outputs"), "model2")
    with wav_files(kind, N_DISTINCT) as distinct:
        files = distinct * (N_FILES // N_DISTINCT)
        ratio = compare(
            lambda: answers_one_at_a_time(files, classifier.network),
            lambda: _ours(files, classifier),
        )
        error = _error(distinct, classifier)
    speed = len(files) / statistics.median(ratio.ours_s)
    times = [seconds_text(ratio.theirs_s), seconds_text(ratio.ours_s), f"{speed:,.0f}"]
    return [kind.title, "one file at a time, librosa", *times, ratio.text, f"{error:.1e}"]


def _ours(files: list[Path], classifier: Classifier) -> NDArray[np.float32]:
    sources = [source_of(path, path.name) for path in files]
    answers = classify_all(sources, [classifier], jobs=n_cores())
    return np.array([answer.heard[0].prediction.probabilities for answer in answers])


def _error(files: list[Path], classifier: Classifier) -> float:
    """Greatest difference from the same network's probabilities on librosa's features."""
    theirs = classifier.answer(classifier.embed(librosa_features(files)))[0]
    return float(np.abs(_ours(files, classifier) - theirs).max())
