"""One training, from top to bottom. No file, print or page inside it.

The whole feature tensor lies on the device and batches are slices of it. The order of
the clips comes from a generator of its own, which travels in the checkpoint: a resumed
training goes on with the very numbers an uninterrupted one would have had.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from urbansound.errors import RunFailed
from urbansound.records import TrainConfig

CHECKPOINT_EVERY_S = 1.0


@dataclass(frozen=True)
class TensorSet:
    """features float32 [n, …] and labels int64 [n], on the training's device."""

    features: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class EpochDone:
    """One epoch's losses (nats) and accuracies (fractions); validation None without clips."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass
class Progress:
    """All that a resume needs, as plain tensors and numbers: what a checkpoint holds."""

    epoch: int = 0
    model: dict[str, Tensor] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    order: Tensor | None = None
    best_epoch: int = 0
    best_loss: float = float("inf")
    best_model: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainResult:
    """How it ended. `weights` are the best epoch's by validation loss, else the last's."""

    weights: dict[str, Tensor]
    epoch: int
    last_epoch: int
    was_stopped: bool


def train(
    model: nn.Module,
    train_set: TensorSet,
    validation_set: TensorSet | None,
    config: TrainConfig,
    *,
    on_event: Callable[[EpochDone], None],
    on_checkpoint: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
    resume_from: dict[str, Any] | None = None,
) -> TrainResult:
    """Train `model` in place and return the weights worth keeping.

    on_checkpoint receives everything a later `resume_from` needs, at most one epoch or
    one second apart, whichever is longer. RunFailed when the loss stops being a number.
    """
    state = _State.start(model, config, resume_from)
    progress = state.progress
    saved_at = time.perf_counter()
    was_stopped = False
    while progress.epoch < config.epochs and not _is_patience_spent(progress, config):
        started = time.perf_counter()
        figures = _train_one_epoch(state, train_set, config, should_stop)
        if figures is None:
            was_stopped = True
            break
        on_event(_close_epoch(state, validation_set, figures, started))
        was_stopped = should_stop() and progress.epoch < config.epochs
        if was_stopped or time.perf_counter() - saved_at >= CHECKPOINT_EVERY_S:
            on_checkpoint(state.capture())
            saved_at = time.perf_counter()
        if was_stopped:
            break
    weights = progress.best_model or _copy_weights(model)
    epoch = progress.best_epoch or progress.epoch
    return TrainResult(weights, epoch, progress.epoch, was_stopped)


@torch.inference_mode()
def loss_and_accuracy(model: nn.Module, data: TensorSet) -> tuple[float, float]:
    """Mean cross-entropy (nats) over the model's outputs, and the share it gets right."""
    model.eval()
    outputs = model(data.features)
    loss = functional.cross_entropy(outputs, data.labels)
    right = (outputs.argmax(1) == data.labels).float().mean()
    return loss.item(), right.item()


@dataclass
class _State:
    """What changes while training: the model, its optimizer, the clips' order, the progress."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    order: torch.Generator
    progress: Progress

    @classmethod
    def start(cls, model: nn.Module, config: TrainConfig, saved: dict[str, Any] | None) -> "_State":
        order = torch.Generator().manual_seed(config.seed)
        state = cls(model, _build_optimizer(model, config), order, Progress(**(saved or {})))
        if saved is not None:
            model.load_state_dict(state.progress.model)
            state.optimizer.load_state_dict(state.progress.optimizer)
            order.set_state(saved["order"])
        return state

    def capture(self) -> dict[str, Any]:
        self.progress.model = _copy_weights(self.model)
        self.progress.optimizer = copy.deepcopy(self.optimizer.state_dict())
        self.progress.order = self.order.get_state()
        return dict(vars(self.progress))


def _build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    kinds: dict[str, type[torch.optim.Adam] | type[torch.optim.SGD]] = {
        "adam": torch.optim.Adam,
        "sgd": torch.optim.SGD,
    }
    return kinds[config.optimizer](
        model.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True
    )


def _train_one_epoch(
    state: _State, data: TensorSet, config: TrainConfig, should_stop: Callable[[], bool]
) -> tuple[float, float] | None:
    """Mean loss and accuracy over the epoch's batches, None when it was told to stop."""
    state.model.train()
    device = data.labels.device
    rows = torch.randperm(len(data), generator=state.order).to(device)
    loss_sum = torch.zeros((), device=device)
    right = torch.zeros((), dtype=torch.int64, device=device)
    for start in range(0, len(data), config.batch_size):
        if should_stop():
            return None
        batch = rows[start : start + config.batch_size]
        labels = data.labels[batch]
        outputs = state.model(data.features[batch])
        loss = functional.cross_entropy(outputs, labels)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        loss_sum += loss.detach() * len(batch)
        right += (outputs.argmax(1) == labels).sum()
    mean_loss = loss_sum.item() / len(data)
    if math.isnan(mean_loss):
        raise RunFailed(
            "The loss is no longer a number, so the training was ended. "
            f"The learning rate {config.lr:g} is too high for this model: try a tenth of it."
        )
    return mean_loss, right.item() / len(data)


def _close_epoch(
    state: _State,
    validation_set: TensorSet | None,
    figures: tuple[float, float],
    started: float,
) -> EpochDone:
    progress = state.progress
    progress.epoch += 1
    loss, accuracy = None, None
    if validation_set is not None:
        loss, accuracy = loss_and_accuracy(state.model, validation_set)
        if loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = loss, progress.epoch
            progress.best_model = _copy_weights(state.model)
    seconds = time.perf_counter() - started
    return EpochDone(progress.epoch, *figures, loss, accuracy, seconds)


def _is_patience_spent(progress: Progress, config: TrainConfig) -> bool:
    if config.patience is None or not progress.best_epoch:
        return False
    return progress.epoch - progress.best_epoch >= config.patience


def _copy_weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
