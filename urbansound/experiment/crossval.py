"""Every fold tests once: one training per fold, over one table of features."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import build_protocol
from urbansound.experiment.execute import train_material
from urbansound.experiment.material import Material, load_material
from urbansound.files import write_json
from urbansound.records import RunSpec, Scores, to_json


@dataclass(frozen=True)
class FoldResult:
    """One fold's test scores by the model that never heard it."""

    fold: int
    validation_folds: tuple[int, ...]
    scores: Scores


def cross_validate(
    spec: RunSpec,
    folds: Sequence[int],
    *,
    with_validation: bool = True,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FoldResult]:
    """Train and test once for each of these folds; the validation fold is the one before."""
    if len(set(folds)) < len(folds):
        raise BadConfig("Each fold tests once; the list of folds names one twice.")
    material = load_material(spec)
    protocols = [
        build_protocol(material.index.folds, test_fold=fold, with_validation=with_validation)
        for fold in folds
    ]
    results: list[FoldResult] = []
    for done, protocol in enumerate(protocols):
        on_progress(done, len(folds))
        results.append(_test_once(replace(spec, protocol=protocol), material))
    on_progress(len(folds), len(folds))
    return results


def _test_once(spec: RunSpec, material: Material) -> FoldResult:
    trained = train_material(spec, material.under(spec.protocol))
    assert trained is not None
    assert trained.card.test is not None
    protocol = spec.protocol
    return FoldResult(protocol.test_folds[0], protocol.validation_folds, trained.card.test)


def summarise(spec: RunSpec, results: Sequence[FoldResult]) -> dict[str, Any]:
    """The cross-validation's figures, as the command line gives them."""
    accuracies = [result.scores.accuracy for result in results]
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return {
        "run": f"{moment}-{spec.model}-crossval",
        "model": spec.model,
        "protocol": {
            "kind": "official",
            "test_folds": [result.fold for result in results],
            "validation_folds": [fold for result in results for fold in result.validation_folds],
        },
        "folds": [
            {
                "fold": result.fold,
                "accuracy": result.scores.accuracy,
                "loss": result.scores.loss,
                "macro_f1": result.scores.macro_f1,
            }
            for result in results
        ],
        "mean": statistics.fmean(accuracies),
        "std": statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0,
    }


def keep(outputs: Path, spec: RunSpec, summary: dict[str, Any]) -> None:
    """Write the figures and what was asked for to outputs/crossval/."""
    path = outputs / "crossval" / f"{summary['run']}.json"
    write_json(path, {**summary, "spec": to_json(spec)})
