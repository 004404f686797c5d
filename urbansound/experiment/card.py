"""The card of fresh weights: everything to be said about them but their checksum."""

import platform
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import torch

from urbansound import __version__
from urbansound.evaluation.calibration import fit_calibration
from urbansound.evaluation.metrics import count_recordings, pool_scores
from urbansound.evaluation.novelty import fit_max_distance
from urbansound.experiment.answers import Answers, score_answers
from urbansound.experiment.material import Material
from urbansound.models.catalog import find_model_info
from urbansound.records import Calibration, Card, FoldScores, RunSpec
from urbansound.training.loop import TrainResult

INTENDED_USE = "Learning about sound classification, and telling the classes named here apart."
_HEARS = {
    True: "Hears the average timbre of up to 4 s, not its order in time.",
    False: "Hears up to 4 s at once.",
}
LIMITS = (
    "Knows these classes only: any other sound gets one of their names or 'not sure'. "
    "Not for safety, security or surveillance."
)


def build_card(
    run_id: str,
    spec: RunSpec,
    material: Material,
    result: TrainResult,
    answers: tuple[Answers, Answers],
) -> Card:
    """The card of a training, from its answers on the validation and on the test clips."""
    validation, test = answers
    return Card(
        run_id=run_id,
        spec=spec,
        class_names=material.index.class_names,
        dataset_name=material.index.name,
        is_synthetic=material.index.is_synthetic,
        validation=score_answers(validation, material),
        test=score_answers(test, material),
        calibration=_calibrate(validation, material),
        epoch=result.epoch,
        data_digest=material.table.data_digest,
        sha256="",
        n_train=len(material.split.train),
        n_parameters=_n_parameters(spec, material),
        versions=library_versions(),
        created=_now(),
        intended_use=INTENDED_USE,
        limits=f"{_HEARS[find_model_info(spec.model).is_perceptron]} {LIMITS}",
    )


def build_crossval_card(
    run_id: str, spec: RunSpec, material: Material, folds: tuple[FoldScores, ...]
) -> Card:
    """The card of a cross-validation: every fold's scores, and those of all clips together."""
    is_tested = np.isin(material.table.folds, [fold.fold for fold in folds])
    n_recordings = count_recordings(material.recordings[is_tested])
    return Card(
        run_id=run_id,
        spec=spec,
        class_names=material.index.class_names,
        dataset_name=material.index.name,
        is_synthetic=material.index.is_synthetic,
        validation=None,
        test=pool_scores([fold.scores for fold in folds], n_recordings),
        calibration=Calibration(),
        epoch=spec.train.epochs,
        data_digest=material.table.data_digest,
        sha256="",
        n_train=0,
        n_parameters=_n_parameters(spec, material),
        versions=library_versions(),
        created=_now(),
        intended_use="Judging settings: every clip is named by a network that never heard its "
        "recording. There are no weights to use.",
        limits=LIMITS,
        folds=folds,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _n_parameters(spec: RunSpec, material: Material) -> int:
    n_features = material.table.features.shape[1]
    return find_model_info(spec.model).n_parameters(n_features, len(material.index.class_names))


def library_versions() -> dict[str, str]:
    """What a training's numbers may depend on."""
    return {
        "urbansound": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }


def _calibrate(validation: Answers, material: Material) -> Calibration:
    if not len(validation):
        return Calibration()
    fitted = fit_calibration(
        validation.logits,
        material.table.labels[validation.rows],
        recordings=material.recordings[validation.rows],
    )
    if validation.distances is None:
        return fitted
    return replace(fitted, max_distance=fit_max_distance(validation.distances))
