"""What a network says of rows of a table, in batches that fit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from urbansound.evaluation.metrics import score
from urbansound.experiment.material import Material
from urbansound.models.network import Network
from urbansound.models.probability import tempered_probabilities
from urbansound.records import ClipResults, FeatureTable, Scores

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Answers:
    """A network's answers on some rows [n] of a table.

    embeddings float32 [n, d]; logits and the outputs that the loss is taken of, both
    float32 [n, classes]; distances float32 [n] from what was learned, None where unknown.
    """

    rows: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    logits: NDArray[np.float32]
    outputs: NDArray[np.float32]
    distances: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.rows)


@torch.inference_mode()
def ask(model: Network, table: FeatureTable, rows: NDArray[np.int64]) -> Answers:
    """The answers of a model that takes raw features, in float32 on the processor."""
    if not len(rows):
        return Answers(rows, *(np.empty((0, 0), np.float32) for _ in range(3)))
    model.eval()
    embeddings = torch.cat(list(_embeddings(model, table, rows)))
    logits, distances = model.classify(embeddings), model.distance(embeddings)
    return Answers(
        rows,
        embeddings.numpy(),
        logits.numpy(),
        model.bound(logits).numpy(),
        None if distances is None else distances.numpy(),
    )


def _embeddings(
    model: Network, table: FeatureTable, rows: NDArray[np.int64]
) -> Iterator[torch.Tensor]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        features = np.ascontiguousarray(table.features[rows[start : start + _ROWS_AT_ONCE]])
        yield model.embed(torch.from_numpy(features))


def score_answers(answers: Answers, material: Material) -> Scores | None:
    """The answers' scores; None where there are none."""
    if not len(answers):
        return None
    return score(
        answers.outputs,
        material.table.labels[answers.rows],
        material.index.class_names,
        recordings=material.recordings[answers.rows],
    )


def clip_results(
    answers: Answers, material: Material, *, temperature: float, is_test: bool
) -> ClipResults:
    """The answers clip by clip, with calibrated probabilities."""
    n_classes = len(material.index.class_names)
    logits = answers.logits.reshape(-1, n_classes)
    index, table, rows = material.index, material.table, answers.rows
    clips = [index.clips[number] for number in table.clip_numbers[rows]]
    return ClipResults(
        paths=np.array([clip.path for clip in clips], np.str_),
        clip_numbers=table.clip_numbers[rows],
        labels=table.labels[rows],
        folds=table.folds[rows],
        recordings=material.recordings[rows],
        durations_s=np.array([clip.duration_s for clip in clips], np.float32),
        is_loud=np.array([clip.foreground for clip in clips], np.bool_),
        is_test=np.full(len(rows), is_test),
        probabilities=tempered_probabilities(logits, temperature),
    )
