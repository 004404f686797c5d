"""One training, from top to bottom. No file, print or page inside it.

The whole feature tensor lies on the device and batches are slices of it. Every random
number comes from states that travel in the checkpoint: a resumed training goes on with
the very numbers an uninterrupted one would have had.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from urbansound.errors import RunFailed
from urbansound.models.network import Network
from urbansound.records import TrainConfig
from urbansound.stages import stage, staged, stopwatch_in_force
from urbansound.training.hand_gradients import HandGradients
from urbansound.training.mixing import Mixture, mixed_loss, mixture_of
from urbansound.training.parallel import ALONE, Group, Voices, present_group
from urbansound.training.precision import quick_precision
from urbansound.training.recorded_epoch import MOST_RECORDED_STEPS, RecordedEpoch
from urbansound.training.schedule import batch_bounds, learning_rate
from urbansound.training.variation import vary

CHECKPOINT_EVERY_S = 1.0
_ROWS_AT_ONCE = 256

# (start, end) of an epoch's batches.
Bounds = list[tuple[int, int]]


@dataclass(frozen=True)
class TensorSet:
    """features [n, …] of any float type and labels int64 [n], on the training's device."""

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
    noise: Tensor | None = None
    device_noise: Tensor | None = None
    average: dict[str, Tensor] = field(default_factory=dict)
    n_averaged: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best_model: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainResult:
    """How it ended.

    `weights` are the mean of the last `n_averaged` epochs' where that is not 0; else the best
    epoch's by validation loss, else the last's. `epoch` is the (last) one they come from.
    """

    weights: dict[str, Tensor]
    epoch: int
    last_epoch: int
    was_stopped: bool
    n_averaged: int = 0


def train(
    model: Network,
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
    The processes of a joined group call this alike, and end alike.
    """
    with own_random_numbers(train_set.labels.device):
        state = _State.start(model, config, resume_from)
        was_stopped = _train_epochs(
            state,
            train_set,
            validation_set,
            config,
            (on_event, on_checkpoint, state.group.question(should_stop)),
        )
    return training_result(state, was_stopped)


@contextmanager
def own_random_numbers(device: torch.device) -> Iterator[None]:
    """Whatever a training draws, its caller's random state is afterwards as it was."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


def _train_epochs(
    state: "_State",
    train_set: TensorSet,
    validation_set: TensorSet | None,
    config: TrainConfig,
    hooks: tuple[Callable[[EpochDone], None], Callable[[dict[str, Any]], None], Callable[[], bool]],
) -> bool:
    """Train to the end; True when it was told to stop before."""
    on_event, on_checkpoint, should_stop = hooks
    progress, saved_at = state.progress, time.perf_counter()
    while progress.epoch < config.epochs and not is_patience_spent(progress, config):
        started = time.perf_counter()
        figures = _train_one_epoch(state, train_set, config, should_stop)
        if figures is None:
            return True
        with stage("figures"):
            on_event(close_epoch(state, validation_set, config, figures, started))
        is_told = should_stop() and progress.epoch < config.epochs
        if is_told or time.perf_counter() - saved_at >= CHECKPOINT_EVERY_S:
            on_checkpoint(state.capture())
            saved_at = time.perf_counter()
        if is_told:
            return True
    return False


def training_result(learner: "Learner", was_stopped: bool) -> TrainResult:
    """What a training comes to, ended or stopped."""
    progress = learner.progress
    if progress.n_averaged:
        weights, epoch = progress.average, progress.epoch
    else:
        weights = progress.best_model or copy_weights(learner.model)
        epoch = progress.best_epoch or progress.epoch
    return TrainResult(weights, epoch, progress.epoch, was_stopped, progress.n_averaged)


@staged("validation")
@torch.inference_mode()
def loss_and_accuracy(model: nn.Module, data: TensorSet) -> tuple[float, float]:
    """Mean cross-entropy (nats) over the model's outputs, and the share it gets right."""
    model.eval()
    parts = torch.split(data.features, _ROWS_AT_ONCE)
    outputs = torch.cat([model(part) for part in parts])
    loss = functional.cross_entropy(outputs, data.labels)
    right = (outputs.argmax(1) == data.labels).float().mean()
    return loss.item(), right.item()


@dataclass
class Learner:
    """A model in training, what draws the order of its clips, and how far it is."""

    model: Network
    order: torch.Generator
    progress: Progress
    group: Group = field(default=ALONE, kw_only=True)


@dataclass
class _State(Learner):
    """All that changes while training: with the optimizer, and how the model is called.

    `by_hand` spares a plain perceptron the recorded graph.
    """

    optimizer: torch.optim.Optimizer
    voices: Voices
    by_hand: HandGradients | None
    recorded: RecordedEpoch | None = None

    @classmethod
    @staged("building the optimiser")
    def start(cls, model: Network, config: TrainConfig, saved: dict[str, Any] | None) -> "_State":
        order = torch.Generator().manual_seed(config.seed)
        torch.manual_seed(config.seed)
        group = present_group()
        voices = group.spread(model)
        progress, optimizer = Progress(**(saved or {})), _build_optimizer(model, config)
        by_hand = HandGradients.of(model) if group.place.is_alone else None
        state = cls(model, order, progress, optimizer, voices, by_hand, group=group)
        if saved is not None:
            state._go_on(saved)
        group.part_noise()
        return state

    @property
    def is_on_cuda(self) -> bool:
        """Whether the network lies on an NVIDIA GPU."""
        return _is_on_cuda(self.model)

    def set_rate(self, config: TrainConfig, batch: int, n_batches: int) -> None:
        """Give the optimizer the learning rate of this epoch's batch 0, 1, …"""
        step = self.progress.epoch * n_batches + batch
        rate = learning_rate(config, step, config.epochs * n_batches)
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _go_on(self, saved: dict[str, Any]) -> None:
        self.model.load_state_dict(self.progress.model)
        self.optimizer.load_state_dict(self.progress.optimizer)
        for group in self.optimizer.param_groups:
            if "capturable" in group:  # Of the device at hand, wherever the checkpoint is from.
                group["capturable"] = self.is_on_cuda
        self.order.set_state(saved["order"])
        if self.progress.noise is not None:  # Checkpoints of 0.1 have none, and needed none.
            torch.set_rng_state(self.progress.noise)
        if self.progress.device_noise is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(self.progress.device_noise)

    @staged("checkpoint: capture")
    def capture(self) -> dict[str, Any]:
        progress = self.progress
        progress.model = copy_weights(self.model)
        progress.optimizer = copy.deepcopy(self.optimizer.state_dict())
        progress.order = self.order.get_state()
        progress.noise = torch.get_rng_state()
        if self.is_on_cuda:
            progress.device_noise = torch.cuda.get_rng_state()
        return dict(vars(progress))


def _is_on_cuda(model: nn.Module) -> bool:
    return next(model.parameters()).device.type == "cuda"


def _build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(
            model.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True
        )
    if config.optimizer == "adam":
        return torch.optim.Adam(
            model.parameters(),
            lr=config.lr,
            weight_decay=config.weight_decay,
            fused=True,
            capturable=_is_on_cuda(model),
        )
    return torch.optim.AdamW(_decayed_and_not(model, config), lr=config.lr, fused=True)


def _decayed_and_not(model: nn.Module, config: TrainConfig) -> list[dict[str, Any]]:
    """Weights decay (Loshchilov and Hutter, 2019); biases and normalisations do not."""
    parameters = list(model.parameters())
    decayed = [parameter for parameter in parameters if parameter.ndim > 1]
    others = [parameter for parameter in parameters if parameter.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _train_one_epoch(
    state: _State, data: TensorSet, config: TrainConfig, should_stop: Callable[[], bool]
) -> tuple[float, float] | None:
    """Mean loss and accuracy over the epoch's batches, None when it was told to stop."""
    state.model.train()
    with stage("order and batch"):
        rows = torch.randperm(len(data), generator=state.order).to(data.labels.device)
    bounds = batch_bounds(len(data), config.batch_size, only_whole=_is_normalised(state.model))
    if state.recorded is None and _is_recordable(state, config, bounds):
        state.recorded = RecordedEpoch(partial(_sums, state, data, config, bounds))
    if state.recorded is not None:
        # It is over before anybody could want it to end.
        sums = None if should_stop() else state.recorded(rows)
    else:
        sums = _sums(state, data, config, bounds, rows, should_stop=should_stop)
    if sums is None:
        return None
    n_seen = sum(end - start for start, end in bounds)
    mean_loss = state.group.total(sums[0]).item() / n_seen
    check_loss(mean_loss, config)
    return mean_loss, state.group.total(sums[1]).item() / n_seen


def _is_recordable(state: _State, config: TrainConfig, bounds: Bounds) -> bool:
    """Whether every epoch asks the GPU for the same, and nothing of it comes from here."""
    is_fixed = config.mixup <= 0 and config.schedule == "constant" and config.optimizer == "adam"
    is_timed = stopwatch_in_force() is not None
    is_short = len(bounds) <= MOST_RECORDED_STEPS
    is_plain = state.by_hand is not None
    return state.is_on_cuda and is_plain and is_fixed and is_short and not is_timed


def _sums(
    state: _State,
    data: TensorSet,
    config: TrainConfig,
    bounds: Bounds,
    rows: Tensor,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Tensor, Tensor] | None:
    """The sum of the losses and the number right of an epoch over `rows`; None when stopped."""
    loss_sum = torch.zeros((), device=rows.device)
    right = torch.zeros((), dtype=torch.int64, device=rows.device)
    for number, (start, end) in enumerate(bounds):
        if should_stop():
            return None
        state.set_rate(config, number, len(bounds))
        batch = rows[start:end]
        mixture = mixture_of(data.labels[batch], config.mixup, state.order)
        with stage("order and batch"):
            features = data.features.index_select(0, batch)
        loss, n_right = _step(state, features, mixture, is_varied=config.augment)
        loss_sum += loss
        right += n_right
    return loss_sum, right


def check_loss(loss: float, config: TrainConfig) -> None:
    """Raise RunFailed where the loss is no longer a number."""
    if math.isnan(loss):
        raise RunFailed(
            "The loss is no longer a number, so the training was ended. "
            f"The learning rate {config.lr:g} is too high for this model: try a tenth of it."
        )


def _step(
    state: _State, features: Tensor, mixture: Mixture, *, is_varied: bool
) -> tuple[Tensor, Tensor]:
    """One step: the sum of the batch's losses, and how many of its clips were told right.

    Of this process's share of it, where several train together.
    """
    if state.by_hand is not None and mixture.others is None:
        loss, outputs = state.by_hand.learn(features, mixture.labels)
        figures = loss * len(outputs), _n_right(outputs, mixture.labels)
    else:
        figures = _learn(state, features, mixture, is_varied=is_varied)
    with stage("optimiser step"):
        state.optimizer.step()
    return figures


@staged("forward")
def _learn(
    state: _State, features: Tensor, mixture: Mixture, *, is_varied: bool
) -> tuple[Tensor, Tensor]:
    """Gradients for one step; each voice of the network learns by a loss of its own."""
    plain = mixture.blend(features)
    varied = mixture.blend(vary(features.float(), state.order)) if is_varied else plain
    share = state.group.share(len(features))
    mixture = mixture.part(share)
    with quick_precision(state.model, features.device):
        voices = [voice.float() for voice in state.voices(share.of(varied), share.of(plain))]
    outputs = state.model.join(voices)
    taught = torch.stack([mixed_loss(voice, mixture) for voice in voices]).sum()
    state.optimizer.zero_grad(set_to_none=True)
    with stage("backward"):
        share.weigh(taught).backward()  # type: ignore[no-untyped-call]
    loss = taught if len(voices) == 1 else mixed_loss(outputs, mixture)
    return loss.detach() * share.n, _n_right(outputs.detach()[: share.n], mixture.labels[: share.n])


@staged("figures")
def _n_right(outputs: Tensor, labels: Tensor) -> Tensor:
    # The same as argmax, in a tenth of its time.
    return (outputs.max(1).indices == labels).sum()


def _is_normalised(model: nn.Module) -> bool:
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)
    return any(isinstance(layer, kinds) for layer in model.modules())


def close_epoch(
    learner: Learner,
    validation_set: TensorSet | None,
    config: TrainConfig,
    figures: tuple[float, float],
    started: float,
) -> EpochDone:
    """Count the epoch, take in what it brought, and validate: `figures` are loss and accuracy."""
    progress = learner.progress
    progress.epoch += 1
    _add_to_average(learner, config)
    loss, accuracy = None, None
    if validation_set is not None:
        validate = partial(loss_and_accuracy, learner.model, validation_set)
        loss, accuracy = learner.group.figures(validate, 2)
        if loss < progress.best_loss:
            progress.best_loss, progress.best_epoch = loss, progress.epoch
            progress.best_model = copy_weights(learner.model)
    seconds = time.perf_counter() - started
    return EpochDone(progress.epoch, *figures, loss, accuracy, seconds)


def _add_to_average(learner: Learner, config: TrainConfig) -> None:
    """Take this epoch's weights into the mean of the last ones (Izmailov et al., 2018)."""
    progress = learner.progress
    if progress.epoch <= (1 - config.average) * config.epochs:
        return
    progress.n_averaged += 1
    for name, tensor in copy_weights(learner.model).items():
        mean = progress.average.get(name)
        if mean is None or not tensor.is_floating_point():
            progress.average[name] = tensor
        else:
            mean += (tensor - mean) / progress.n_averaged


def is_patience_spent(progress: Progress, config: TrainConfig) -> bool:
    """True when the best epoch is longer ago than the settings allow."""
    if config.patience is None or not progress.best_epoch:
        return False
    return progress.epoch - progress.best_epoch >= config.patience


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the state_dict, on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
