"""A cross-validation in its run folder: what each fold came to, and all of them together.

What a finished fold said is kept at once, so a stop or a crash loses at most the fold at
work.
"""

import shutil
from dataclasses import asdict
from typing import Any

from urbansound.errors import BadConfig
from urbansound.experiment.card import build_crossval_card
from urbansound.experiment.checkpoint import read_checkpoint, write_checkpoint
from urbansound.experiment.crossval import FoldHooks, cross_validate, fold_scores, trains_together
from urbansound.experiment.fitting import Trained, join_results
from urbansound.experiment.material import Material, fold_protocols
from urbansound.records import ClipResults, FoldScores, RunSpec, from_json, to_json
from urbansound.runs.folder import RunFolder, throttled
from urbansound.runs.results import read_results, write_results
from urbansound.runs.weights import write_card
from urbansound.sealed_json import read_sealed_json, write_sealed_json
from urbansound.training.device import choose_device, device_title
from urbansound.training.loop import EpochDone


def execute_folds(run: RunFolder, material: Material, cluster: str | None = None) -> bool:
    """Train and test every fold that is not done yet; False when it was stopped before.

    With `cluster`, a scheduler's address, the workers there train them.
    """
    done = {fold: kept for fold in run.spec.folds if (kept := _read_fold(run, fold)) is not None}
    checkpoint = read_checkpoint(run)
    run.emit("started", **_start_figures(run, material, checkpoint, list(done), cluster))
    hooks = FoldHooks(
        on_epoch=lambda fold, event: _tell_epoch(run, fold, event),
        on_fold=lambda fold, trained: _keep_fold(run, fold, trained),
        on_checkpoint=lambda state: write_checkpoint(run, state),
        should_stop=throttled(lambda: run.is_stop_requested),
        should_pause=lambda: run.is_pause_requested,
        resume_from=checkpoint,
        done=done,
    )
    if len(done) < len(run.spec.folds) and not _train(run.spec, material, hooks, cluster):
        return False
    _close(run, material)
    return True


def _train(spec: RunSpec, material: Material, hooks: FoldHooks, cluster: str | None) -> bool:
    if cluster is None:
        return cross_validate(spec, material, hooks)
    from urbansound.experiment.cluster_folds import cross_validate_on_cluster

    return cross_validate_on_cluster(spec, material, hooks, cluster)


def _start_figures(
    run: RunFolder,
    material: Material,
    checkpoint: dict[str, Any] | None,
    done: list[int],
    cluster: str | None,
) -> dict[str, Any]:
    splits = [material.under(protocol).split for protocol in fold_protocols(run.spec)]
    return {
        "device": _device(run.spec, cluster),
        "n_train": round(sum(len(split.train) for split in splits) / len(splits)),
        "n_test": sum(len(split.test) for split in splits),
        "n_failed": len(material.table.failed),
        "together": cluster is None and not done and trains_together(run.spec),
        "done": done,
        "is_resumed": checkpoint is not None or bool(done),
    }


def _device(spec: RunSpec, cluster: str | None) -> str:
    if cluster is None:
        return device_title(choose_device(spec.train.device))
    return f"the workers of {cluster}"


def _tell_epoch(run: RunFolder, fold: int, event: EpochDone) -> None:
    run.emit("epoch", fold=fold, **asdict(event))


def _keep_fold(run: RunFolder, fold: int, trained: Trained) -> None:
    """Scores first, then the answers: a fold counts as done once both can be read."""
    kept = fold_scores(trained)
    write_sealed_json(run.fold_path(fold, "json"), to_json(kept))
    write_results(run.fold_path(fold, "npz"), trained.results)
    figures = {name: getattr(kept.scores, name) for name in ("accuracy", "loss", "macro_f1", "n")}
    run.emit("fold", fold=fold, epoch=trained.card.epoch, **figures)


def _read_fold(run: RunFolder, fold: int) -> tuple[FoldScores, ClipResults] | None:
    results = read_results(run.fold_path(fold, "npz"))
    if results is None:
        return None
    try:
        # Before 0.6 there was no digest.
        path = run.fold_path(fold, "json")
        kept = from_json(FoldScores, read_sealed_json(path, BadConfig, may_lack_seal=True))
    except BadConfig:
        return None
    return kept, results


def _close(run: RunFolder, material: Material) -> None:
    """All folds together: their answers as one, and the card; then the parts may go."""
    kept = [_read_fold(run, fold) for fold in run.spec.folds]
    results = join_results([fold[1] for fold in kept if fold is not None])
    folds = tuple(fold[0] for fold in kept if fold is not None)
    write_results(run.results_path, results)
    write_card(run.weights_path, build_crossval_card(run.id, run.spec, material, folds))
    shutil.rmtree(run.folds_path, ignore_errors=True)
