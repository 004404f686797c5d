"""One training of a spec on its material, and the run folder that keeps it."""

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from urbansound.experiment.card import build_card
from urbansound.experiment.material import Material, OnProgress, load_material
from urbansound.files import write_bytes
from urbansound.models.article import fold_standardisation
from urbansound.models.build import build_model, restore_model
from urbansound.records import Card, RunSpec
from urbansound.runs.folder import RunFolder, throttled
from urbansound.runs.saved import offer_run
from urbansound.runs.weights import seal, write_card
from urbansound.torch_files import load_torch, torch_bytes
from urbansound.training.device import choose_device, device_title
from urbansound.training.loop import EpochDone, TensorSet, TrainResult, train

_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Hooks:
    """What a training tells and asks while it runs."""

    on_event: Callable[[EpochDone], None] = lambda event: None
    on_checkpoint: Callable[[dict[str, Any]], None] = lambda state: None
    should_stop: Callable[[], bool] = lambda: False
    resume_from: dict[str, Any] | None = None


@dataclass(frozen=True)
class Trained:
    """Weights that take raw features, as the bytes of a .pth file, with their card."""

    data: bytes
    card: Card
    last_epoch: int


def execute(run: RunFolder, outputs: Path, *, on_progress: OnProgress | None = None) -> bool:
    """Train what the run's spec asks for, into its folder; False when it was stopped.

    Goes on from the run's checkpoint where there is one. The weights become the saved
    model where `is_worth_saving` says so.
    """
    started = time.perf_counter()
    material = load_material(run.spec, on_progress)
    checkpoint = _read_checkpoint(run)
    run.emit("started", **_start_figures(run.spec, material, checkpoint))
    hooks = Hooks(
        on_event=lambda event: run.emit("epoch", **asdict(event)),
        on_checkpoint=lambda state: _write_checkpoint(run, state),
        should_stop=throttled(lambda: run.is_stop_requested),
        resume_from=checkpoint,
    )
    trained = train_material(run.spec, material, hooks, run_id=run.id)
    if trained is None:
        run.emit("stopped")
        return False
    write_bytes(run.weights_path, trained.data)
    write_card(run.weights_path, trained.card)
    saved_as = offer_run(outputs, run)
    run.emit(
        "finished",
        epoch=trained.last_epoch,
        seconds=time.perf_counter() - started,
        saved_as=None if saved_as is None else str(saved_as),
    )
    run.checkpoint_path.unlink(missing_ok=True)
    return True


def train_material(
    spec: RunSpec, material: Material, hooks: Hooks | None = None, *, run_id: str = ""
) -> Trained | None:
    """Train a fresh model on the material's training rows; None when it was stopped.

    Inputs are standardised by the training rows' mean and deviation where the spec says
    so; both are folded into the first layer of the weights that come back.
    """
    hooks = hooks or Hooks()
    torch.set_num_threads(1)  # These networks are too small to share among cores.
    device = choose_device(spec.train.device)
    scale = _input_scale(spec, material)
    sets = _training_sets(device, material, scale)
    n_features, n_classes = material.table.features.shape[1], len(material.index.class_names)
    model = build_model(spec.model, n_features, n_classes, seed=spec.train.seed).to(device)
    result = train(model, *sets, spec.train, **vars(hooks))
    if result.was_stopped:
        return None
    return _finish(spec, material, result, scale, run_id)


def _input_scale(spec: RunSpec, material: Material) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation [n_features] of the training rows; 0 and 1 for raw inputs."""
    rows = torch.from_numpy(material.table.features[material.split.train])
    if not spec.train.standardise:
        return torch.zeros(rows.shape[1]), torch.ones(rows.shape[1])
    deviation = rows.std(dim=0, correction=0)
    return rows.mean(dim=0), torch.where(deviation > 0, deviation, torch.ones(()))


def _training_sets(
    device: torch.device, material: Material, scale: tuple[torch.Tensor, torch.Tensor]
) -> tuple[TensorSet, TensorSet | None]:
    table, (mean, deviation) = material.table, scale
    features = ((torch.from_numpy(table.features) - mean) / deviation).to(device)
    labels = torch.from_numpy(table.labels).to(device)

    def rows_as_set(rows: NDArray[Any]) -> TensorSet:
        on_device = torch.from_numpy(rows).to(device)
        return TensorSet(features[on_device], labels[on_device])

    validation = material.split.validation
    return (
        rows_as_set(material.split.train),
        rows_as_set(validation) if len(validation) else None,
    )


def _finish(
    spec: RunSpec,
    material: Material,
    result: TrainResult,
    scale: tuple[torch.Tensor, torch.Tensor],
    run_id: str,
) -> Trained:
    model = restore_model(spec.model, result.weights, len(material.index.class_names))
    fold_standardisation(model, *scale)
    data = torch_bytes(model.state_dict())
    card = seal(build_card(run_id, spec, material, model, result.epoch), data)
    return Trained(data, card, result.last_epoch)


def _start_figures(
    spec: RunSpec, material: Material, checkpoint: dict[str, Any] | None
) -> dict[str, Any]:
    split = material.split
    return {
        "device": device_title(choose_device(spec.train.device)),
        "n_train": len(split.train),
        "n_validation": len(split.validation),
        "n_test": len(split.test),
        "n_failed": len(material.table.failed),
        "from_epoch": checkpoint["epoch"] if checkpoint else 0,
    }


def _write_checkpoint(run: RunFolder, state: dict[str, Any]) -> None:
    data = torch_bytes(state)
    write_bytes(run.checkpoint_path, hashlib.sha256(data).digest() + data)
    run.emit("checkpoint", epoch=state["epoch"])


def _read_checkpoint(run: RunFolder) -> dict[str, Any] | None:
    """What to go on from; None, and a line in the log, where the file is damaged."""
    if not run.checkpoint_path.exists():
        return None
    stored = run.checkpoint_path.read_bytes()
    digest, data = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        print(f"{run.checkpoint_path} is damaged: the training starts over.", file=sys.stderr)
        return None
    state: dict[str, Any] = load_torch(data)
    return state
