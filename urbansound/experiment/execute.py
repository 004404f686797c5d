"""What a worker does for a run: train it, or each of its folds, into its folder."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from urbansound.experiment.checkpoint import read_checkpoint, write_checkpoint
from urbansound.experiment.crew import gather
from urbansound.experiment.fitting import Hooks, train_material
from urbansound.experiment.folds import execute_folds
from urbansound.experiment.material import Material, OnProgress, load_material
from urbansound.files import write_bytes
from urbansound.records import RunSpec
from urbansound.runs.folder import RunFolder, throttled
from urbansound.runs.results import write_results
from urbansound.runs.saved import offer_run
from urbansound.runs.weights import write_card
from urbansound.stages import stage
from urbansound.torchrun import find_place
from urbansound.training.device import choose_device, device_title


def execute(
    run: RunFolder,
    outputs: Path,
    *,
    cluster: str | None = None,
    on_progress: OnProgress | None = None,
) -> bool:
    """Do what the run's spec asks for, into its folder; False when it was stopped.

    Goes on from what an earlier worker left. A cross-validation's features and folds can be
    made by a `cluster`, given by its scheduler's address.
    """
    started = time.perf_counter()
    material = load_material(run.spec, on_progress, cluster=cluster)
    if run.spec.is_crossval:
        figures = _execute_folds(run, material, cluster)
    else:
        figures = _execute_one(run, outputs, material)
    if figures is None:
        run.emit("stopped")
        return False
    run.emit("finished", **figures, seconds=time.perf_counter() - started)
    run.checkpoint_path.unlink(missing_ok=True)
    return True


def _execute_folds(
    run: RunFolder, material: Material, cluster: str | None
) -> dict[str, Any] | None:
    return {"saved_as": None} if execute_folds(run, material, cluster) else None


def _execute_one(run: RunFolder, outputs: Path, material: Material) -> dict[str, Any] | None:
    """One training; the weights become the saved model where `is_worth_saving` says so.

    None when it was stopped, else what is to be said of its end.
    """
    checkpoint = read_checkpoint(run)
    gather(run.spec, material, checkpoint)
    run.emit("started", **_start_figures(run.spec, material, checkpoint))
    hooks = Hooks(
        on_event=lambda event: run.emit("epoch", **asdict(event)),
        on_checkpoint=lambda state: write_checkpoint(run, state, epoch=state["epoch"]),
        should_stop=throttled(lambda: run.is_stop_requested),
        resume_from=checkpoint,
    )
    trained = train_material(run.spec, material, hooks, run_id=run.id)
    if trained is None:
        return None
    with stage("writing weights and card"):
        write_bytes(run.weights_path, trained.data)
        write_card(run.weights_path, trained.card)
        write_results(run.results_path, trained.results)
        saved_as = offer_run(outputs, run)
    return {
        "epoch": trained.last_epoch,
        "saved_as": None if saved_as is None else str(saved_as),
    }


def _start_figures(
    spec: RunSpec, material: Material, checkpoint: dict[str, Any] | None
) -> dict[str, Any]:
    split = material.split
    return {
        "device": _device_text(spec),
        "n_train": len(split.train),
        "n_validation": len(split.validation),
        "n_test": len(split.test),
        "n_failed": len(material.table.failed),
        "from_epoch": checkpoint["epoch"] if checkpoint else 0,
    }


def _device_text(spec: RunSpec) -> str:
    """What trains: "CPU", or of several processes "CPU, 2 processes"."""
    title, n_processes = device_title(choose_device(spec.train.device)), find_place().size
    return title if n_processes == 1 else f"{title}, {n_processes} processes"
