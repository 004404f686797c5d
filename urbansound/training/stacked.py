"""Perceptrons of one kind trained at once, one for each fold: the loop, stacked.

A step of ten small networks costs little more than a step of one, since most of it is the
calls and not the arithmetic. Fold by fold everything is as in the loop: each has its own
order of clips, batches, rates and best epoch. Folds whose batches are of one size step
together; a fold without a batch left waits, and one whose patience is spent is done.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from urbansound.models.network import Network
from urbansound.records import TrainConfig
from urbansound.stages import each_in_stage, stage, staged
from urbansound.training.loop import (
    CHECKPOINT_EVERY_S,
    EpochDone,
    Learner,
    Progress,
    TensorSet,
    TrainResult,
    check_loss,
    close_epoch,
    copy_weights,
    is_patience_spent,
    own_random_numbers,
    training_result,
)
from urbansound.training.mixing import draw_mixture
from urbansound.training.schedule import batch_bounds, learning_rate
from urbansound.training.stacked_network import Folds, StackedNetwork
from urbansound.training.stacked_optimizer import StackedOptimizer

OnEvent = Callable[[int, EpochDone], None]
Figures = dict[int, tuple[float, float]]
Targets = list[tuple[Tensor, Tensor | float]]


def train_stacked(
    models: Sequence[Network],
    sets: Sequence[tuple[TensorSet, TensorSet | None]],
    config: TrainConfig,
    *,
    on_event: OnEvent,
    on_checkpoint: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
    resume_from: dict[str, Any] | None = None,
) -> list[TrainResult]:
    """Train `models` in place, one for each fold, and return the weights worth keeping.

    `sets` are each fold's training and validation clips; features are float32 [n, d]. An event
    bears its fold's place in the sequence, and the seconds since the epoch of all began.
    Checkpoints and errors are as in the loop's `train`; one fold's failure ends all.
    """
    with own_random_numbers(sets[0][0].labels.device):
        stack = _Stack(models, sets, config)
        if resume_from is not None:
            stack.go_on(resume_from)
        was_stopped = _train_epochs(stack, on_event, on_checkpoint, should_stop)
    return [training_result(fold, was_stopped) for fold in stack.folds]


def _train_epochs(
    stack: "_Stack",
    on_event: OnEvent,
    on_checkpoint: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> bool:
    """Train to the end; True when it was told to stop before."""
    saved_at = time.perf_counter()
    while stack.unfinished():
        started = time.perf_counter()
        figures = _train_one_epoch(stack, should_stop)
        if figures is None:
            return True
        for place, event in _close_epochs(stack, figures, started):
            with stage("figures"):
                on_event(place, event)
        is_told = should_stop() and bool(stack.unfinished())
        if is_told or time.perf_counter() - saved_at >= CHECKPOINT_EVERY_S:
            on_checkpoint(stack.capture())
            saved_at = time.perf_counter()
        if is_told:
            return True
    return False


def _close_epochs(
    stack: "_Stack", figures: Figures, started: float
) -> Iterator[tuple[int, EpochDone]]:
    for place, own in figures.items():
        validation_set = stack.sets[place][1]
        yield place, close_epoch(stack.folds[place], validation_set, stack.config, own, started)


@dataclass(frozen=True)
class _Step:
    """The batches of the folds at these places: rows [k, batch] of all clips, and rates [k].

    `folds` chooses the same folds from a stack, without a copy where they are all.
    """

    places: list[int]
    folds: Folds
    rows: Tensor
    rates: list[float]


class _Stack:
    """What changes while training, of all folds: networks, optimizer, orders, progress.

    The clips of all folds lie one after the other in `features` and `labels`.
    """

    def __init__(
        self,
        models: Sequence[Network],
        sets: Sequence[tuple[TensorSet, TensorSet | None]],
        config: TrainConfig,
    ) -> None:
        torch.manual_seed(config.seed)
        self.config, self.sets = config, sets
        self.folds = [
            Learner(model, torch.Generator().manual_seed(config.seed), Progress())
            for model in models
        ]
        self.network = StackedNetwork(models)
        self.optimizer = StackedOptimizer(list(self.network.parameters.values()), config)
        self.features = torch.cat([train_set.features for train_set, _ in sets])
        self.labels = torch.cat([train_set.labels for train_set, _ in sets])
        self.bounds = [
            batch_bounds(len(train_set), config.batch_size, only_whole=self.network.is_normalised)
            for train_set, _ in sets
        ]

    def features_of(self, rows: Tensor) -> Tensor:
        """Features [k, batch, d] of rows [k, batch]; indexing by both at once is slower."""
        return self.features.index_select(0, rows.flatten()).view(*rows.shape, -1)

    def unfinished(self) -> list[int]:
        """The places of the folds that have epochs to go."""
        config = self.config
        return [
            place
            for place, fold in enumerate(self.folds)
            if fold.progress.epoch < config.epochs and not is_patience_spent(fold.progress, config)
        ]

    def steps(self, places: list[int]) -> Iterator[_Step]:
        """An epoch's steps: of one batch after the other, one for each size of batch."""
        orders = self._draw_orders(places)
        for number in range(max(len(self.bounds[place]) for place in places)):
            together: dict[tuple[int, int], list[int]] = {}
            for place in places:
                if number < len(self.bounds[place]):
                    together.setdefault(self.bounds[place][number], []).append(place)
            for (start, end), chosen in together.items():
                folds = slice(None) if len(chosen) == len(self.folds) else chosen
                rates = [self._rate(place, number) for place in chosen]
                yield _Step(chosen, folds, orders[folds, start:end], rates)

    def _draw_orders(self, places: list[int]) -> Tensor:
        """Every fold's rows in this epoch's order [K, n of the largest], from 0 on without."""
        sizes = [len(train_set) for train_set, _ in self.sets]
        orders = torch.zeros(len(sizes), max(sizes), dtype=torch.int64)
        for place in places:
            order = torch.randperm(sizes[place], generator=self.folds[place].order)
            orders[place, : sizes[place]] = order + sum(sizes[:place])
        return orders.to(self.labels.device)

    def _rate(self, place: int, number: int) -> float:
        n_steps = len(self.bounds[place])
        step = self.folds[place].progress.epoch * n_steps + number
        return learning_rate(self.config, step, self.config.epochs * n_steps)

    @staged("checkpoint: capture")
    def capture(self) -> dict[str, Any]:
        """All that a resume needs, as plain tensors and numbers."""
        is_cuda = self.labels.device.type == "cuda"
        return {
            "epoch": max(fold.progress.epoch for fold in self.folds),
            "folds": [_captured(fold) for fold in self.folds],
            "optimizer": self.optimizer.capture(),
            "noise": torch.get_rng_state(),
            "device_noise": torch.cuda.get_rng_state() if is_cuda else None,
        }

    def go_on(self, saved: dict[str, Any]) -> None:
        """Be as it was when `saved` was captured."""
        for fold, own in zip(self.folds, saved["folds"], strict=True):
            fold.progress = Progress(**own)
            fold.progress.average = _cloned(fold.progress.average)
            fold.model.load_state_dict(fold.progress.model)
            fold.order.set_state(own["order"])
        self.optimizer.restore(saved["optimizer"])
        torch.set_rng_state(saved["noise"])
        if saved["device_noise"] is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(saved["device_noise"])


def _captured(fold: Learner) -> dict[str, Any]:
    progress = fold.progress
    progress.model = copy_weights(fold.model)
    progress.order = fold.order.get_state()
    return vars(progress) | {"average": _cloned(progress.average)}


def _cloned(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The running mean is changed in place: what is kept must not be."""
    return {name: tensor.clone() for name, tensor in weights.items()}


def _train_one_epoch(stack: _Stack, should_stop: Callable[[], bool]) -> Figures | None:
    """Each unfinished fold's mean loss and accuracy, None when it was told to stop."""
    places = stack.unfinished()
    for fold in stack.folds:
        fold.model.train()
    device = stack.labels.device
    loss_sums = torch.zeros(len(stack.folds), device=device)
    right = torch.zeros(len(stack.folds), dtype=torch.int64, device=device)
    for step in each_in_stage("order and batch", stack.steps(places)):
        if should_stop():
            return None
        losses, n_right = _step(stack, step)
        loss_sums[step.folds] += losses * step.rows.shape[1]
        right[step.folds] += n_right
    return {place: _figures(stack, place, loss_sums, right) for place in places}


def _figures(stack: _Stack, place: int, loss_sums: Tensor, right: Tensor) -> tuple[float, float]:
    n_seen = sum(end - start for start, end in stack.bounds[place])
    loss = loss_sums[place].item() / n_seen
    check_loss(loss, stack.config)
    return loss, right[place].item() / n_seen


@staged("forward")
def _step(stack: _Stack, step: _Step) -> tuple[Tensor, Tensor]:
    """Mean loss and number of right outputs [k] of the folds' batches, learned from."""
    features, targets = _draw(stack, step)
    parts = stack.network.parts(step.folds)
    outputs = stack.network.outputs(parts, features.transpose(1, 2), step.folds)
    losses = _losses(outputs, targets)
    with stage("backward"):
        gradients = torch.autograd.grad(losses.sum(), list(parts.values()))
    stack.optimizer.step(step.places, gradients, step.rates)
    # The same as argmax, in a tenth of its time.
    found = outputs.detach().max(1).indices
    return losses.detach(), (found == targets[0][0]).sum(1)


def _losses(outputs: Tensor, targets: Targets) -> Tensor:
    """Each network's mean cross-entropy [k] (nats) of outputs [k, classes, batch]."""
    losses = torch.zeros((), device=outputs.device)
    for labels, share in targets:
        each = functional.cross_entropy(outputs, labels, reduction="none")
        losses = losses + share * each.mean(1)
    return losses


@staged("order and batch")
def _draw(stack: _Stack, step: _Step) -> tuple[Tensor, Targets]:
    """Features [k, batch, d], and the labels [k, batch] they bear with their shares [k].

    Mixed as in `mix`, fold by fold with the very numbers the loop would draw.
    """
    features, labels = stack.features_of(step.rows), stack.labels[step.rows]
    alpha, n_rows = stack.config.mixup, step.rows.shape[1]
    if alpha <= 0:
        return features, [(labels, 1.0)]
    drawn = [draw_mixture(n_rows, alpha, stack.folds[place].order) for place in step.places]
    orders = torch.stack([order for _, order in drawn]).to(labels.device)
    shares = torch.tensor([[share, 1 - share] for share, _ in drawn], dtype=torch.float64)
    share, rest = shares.T.to(features)
    others = step.rows.gather(1, orders)
    mixed = share[:, None, None] * features + rest[:, None, None] * stack.features_of(others)
    return mixed, [(labels, share), (stack.labels[others], rest)]
