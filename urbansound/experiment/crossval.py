"""Every fold tests once: one training per fold, over one table of features."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from urbansound.evaluation.protocol import build_protocol
from urbansound.experiment.execute import train_material
from urbansound.experiment.material import Material, load_material
from urbansound.files import write_json
from urbansound.records import RunSpec, Scores, to_json


@dataclass(frozen=True)
class FoldResult:
    """One fold's test scores by the model that never heard it."""

    fold: int
    scores: Scores


def cross_validate(
    spec: RunSpec,
    folds: Sequence[int],
    *,
    with_validation: bool = True,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FoldResult]:
    """Train and test once for each of these folds; the validation fold is the one before."""
    results: list[FoldResult] = []
    material = load_material(spec)
    for done, fold in enumerate(folds):
        on_progress(done, len(folds))
        protocol = build_protocol(
            material.index.folds, test_fold=fold, with_validation=with_validation
        )
        results.append(_test_once(replace(spec, protocol=protocol), material, fold))
    on_progress(len(folds), len(folds))
    return results


def _test_once(spec: RunSpec, material: Material, fold: int) -> FoldResult:
    trained = train_material(spec, material.under(spec.protocol))
    assert trained is not None
    assert trained.card.test is not None
    return FoldResult(fold, trained.card.test)


def keep(outputs: Path, spec: RunSpec, results: Sequence[FoldResult]) -> dict[str, Any]:
    """Write the cross-validation to outputs/crossval/ and return its figures."""
    accuracies = [result.scores.accuracy for result in results]
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    answer = {
        "run": f"{moment}-{spec.model}-crossval",
        "model": spec.model,
        "protocol": {"kind": "official", "test_folds": [result.fold for result in results]},
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
    write_json(outputs / "crossval" / f"{answer['run']}.json", {**answer, "spec": to_json(spec)})
    return answer
