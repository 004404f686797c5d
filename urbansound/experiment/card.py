"""The card of fresh weights: everything to be said about them but their checksum."""

import platform
from datetime import UTC, datetime

import numpy as np
import torch

from urbansound import __version__
from urbansound.evaluation.calibration import fit_calibration
from urbansound.experiment.material import Material
from urbansound.experiment.scoring import score_rows
from urbansound.models.article import ArticleNetwork
from urbansound.records import Calibration, Card, RunSpec

INTENDED_USE = "Learning about sound classification, and telling ten kinds of city sound apart."
LIMITS = (
    "Hears the average timbre of up to 4 s, not its order in time. Knows these classes only: any "
    "other sound gets one of their names or 'not sure'. Not for safety, security or surveillance."
)


def build_card(
    run_id: str, spec: RunSpec, material: Material, model: ArticleNetwork, epoch: int
) -> Card:
    """The card of a model that takes raw features. The test clips are scored here, once."""
    index, table, split = material.index, material.table, material.split
    names = index.class_names
    validation, test = (
        score_rows(model, table, rows, names) if len(rows) else None
        for rows in (split.validation, split.test)
    )
    return Card(
        run_id=run_id,
        spec=spec,
        class_names=names,
        dataset_name=index.name,
        is_synthetic=index.is_synthetic,
        validation=validation,
        test=test,
        calibration=_calibrate(model, material),
        epoch=epoch,
        data_digest=table.data_digest,
        sha256="",
        n_train=len(split.train),
        n_parameters=sum(parameter.numel() for parameter in model.parameters()),
        versions=_versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        intended_use=INTENDED_USE,
        limits=LIMITS,
    )


def _versions() -> dict[str, str]:
    return {
        "urbansound": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }


def _calibrate(model: ArticleNetwork, material: Material) -> Calibration:
    rows, table = material.split.validation, material.table
    if not len(rows):
        return Calibration()
    with torch.inference_mode():
        logits = model.eval().logits(torch.from_numpy(table.features[rows])).numpy()
    return fit_calibration(logits, table.labels[rows])
