"""Perceptrons: our loop beside the article's, and ten folds at once beside ten trainings."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.machine import machine_text
from benchmarks.peers import LR, train_by_loader, train_plainly
from benchmarks.ratio import Ratio, compare, seconds_text
from benchmarks.table import Table
from urbansound.models.build import build_model
from urbansound.models.network import Network
from urbansound.training.config import PRESETS
from urbansound.training.loop import TensorSet, loss_and_accuracy, train
from urbansound.training.stacked import train_stacked
from urbansound.worker_pool import n_cores

ARTICLE = PRESETS["article"]
FOLDS = range(1, 11)
FEW_EPOCHS = 3
_BUSY = "while True: pass"


def training(npz: Path) -> Iterator[Table]:
    """The table, from an .npz of features [n, 40], labels [n] and folds [n]."""
    machine = machine_text("torch", "numpy")
    features, labels, folds = load_rows(npz)
    rows = [
        *_single_rows(features, labels),
        *(_gpu_rows(features, labels) if torch.cuda.is_available() else ()),
        *_fold_rows(features, labels, folds),
    ]
    head = ("what", "instead of", "theirs", "ours", "ratio", "error")
    notes = (
        f"{len(labels):,} rows, batch {ARTICLE.batch_size}, Adam {ARTICLE.lr:g}. The error is the "
        "difference of the loss over all rows (nats) after two epochs of the same batches.",
    )
    yield Table("training", head, rows, machine, notes)


def load_rows(npz: Path) -> tuple[Tensor, Tensor, Tensor]:
    """Standardised features float32 [n, 40], labels and folds int64 [n]."""
    with np.load(npz) as arrays:
        raw, labels, folds = arrays["features"], arrays["labels"], arrays["folds"]
    scaled = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    return (
        torch.from_numpy(scaled.astype(np.float32)),
        torch.from_numpy(labels.astype(np.int64)),
        torch.from_numpy(folds.astype(np.int64)),
    )


def _single_rows(features: Tensor, labels: Tensor) -> Iterator[list[str]]:
    data = TensorSet(features, labels)
    error = f"{_error(data):.1e}"
    loop = f"the article's loop, epochs: {ARTICLE.epochs}"
    with threads(1):
        ratio = compare(lambda: _theirs(data, ARTICLE.epochs), lambda: _ours(data, ARTICLE.epochs))
    yield _row("model2, one thread each", loop, ratio, error)
    n = n_cores()
    # Theirs, at work for minutes where all cores are taken.
    for busy, epochs in ((0, FEW_EPOCHS), (n, 1)):
        with others_at_work(busy):
            ratio = compare(
                lambda k=epochs: _with_threads(n, lambda: _theirs(data, k)),
                lambda k=epochs: _with_threads(1, lambda: _ours(data, k)),
            )
        state = f"{busy} other processes at work" if busy else "nothing else at work"
        loop = f"the article's loop, epochs: {epochs}"
        yield _row(f"model2, each by its default threads, {state}", loop, ratio, error)


def _gpu_rows(features: Tensor, labels: Tensor) -> Iterator[list[str]]:
    """Both on the same GPU: theirs hands it a batch after the other, as the article does."""
    device = torch.device("cuda")
    ours = TensorSet(features.to(device), labels.to(device))
    loop = f"the article's loop, epochs: {FEW_EPOCHS} of theirs, {ARTICLE.epochs} of ours"

    def theirs() -> None:
        model = fresh("model2").to(device)
        sizes = {"epochs": FEW_EPOCHS, "batch_size": ARTICLE.batch_size}
        train_by_loader(model, features, labels, **sizes)

    turns = compare(theirs, lambda: _ours(ours, ARTICLE.epochs))
    ratio = turns.a_piece(FEW_EPOCHS, ARTICLE.epochs)
    title = f"model2 on {torch.cuda.get_device_name(device)}, an epoch"
    yield _row(title, loop, ratio, f"{_error(ours):.1e}")


def _fold_rows(features: Tensor, labels: Tensor, folds: Tensor) -> Iterator[list[str]]:
    sets = [TensorSet(features[folds != fold], labels[folds != fold]) for fold in FOLDS]
    epochs = FEW_EPOCHS
    with threads(1):
        one_by_one = compare(lambda: _each(_ours, sets, epochs), lambda: _stacked(sets, epochs))
        by_loader = compare(lambda: _each(_theirs, sets, epochs), lambda: _stacked(sets, epochs))
    title = f"ten folds of model1 stacked, epochs: {epochs}, one thread"
    error = f"{_stacked_error(sets):.1e}"
    yield _row(title, "our loop, fold by fold", one_by_one, error)
    yield _row(title, "the article's loop, fold by fold", by_loader, error)


def _row(what: str, other: str, ratio: Ratio, error: str) -> list[str]:
    times = [seconds_text(ratio.theirs_s), seconds_text(ratio.ours_s)]
    return [what, other, *times, ratio.text, error]


def _each(one: Callable[[TensorSet, int, str], object], sets: list[TensorSet], epochs: int) -> None:
    for data in sets:
        one(data, epochs, "model1")


def _theirs(data: TensorSet, epochs: int, name: str = "model2") -> None:
    model = fresh(name)
    size = ARTICLE.batch_size
    train_by_loader(model, data.features, data.labels, epochs=epochs, batch_size=size)


def _ours(data: TensorSet, epochs: int, name: str = "model2") -> Network:
    model = fresh(name).to(data.labels.device)
    train(model, data, None, replace(ARTICLE, epochs=epochs), **SILENT)
    return model


def _stacked(sets: list[TensorSet], epochs: int) -> list[Network]:
    models = [fresh("model1") for _ in sets]
    hooks = {**SILENT, "on_event": lambda place, event: None}
    train_stacked(models, [(one, None) for one in sets], replace(ARTICLE, epochs=epochs), **hooks)
    return models


SILENT = {
    "on_event": lambda event: None,
    "on_checkpoint": lambda state: None,
    "should_stop": lambda: False,
}


def fresh(name: str) -> Network:
    """A new network of that name, the same every time."""
    return build_model(name, 40, 10, seed=0)


def _error(data: TensorSet) -> float:
    """How far our loss is from the plain loop's, after the same two epochs."""
    ours, plain = _ours(data, 2), fresh("model2").to(data.labels.device)
    order = torch.Generator().manual_seed(ARTICLE.seed)
    orders = [torch.randperm(len(data), generator=order) for _ in range(2)]
    train_plainly(plain, (_batches(data, rows) for rows in orders))
    assert ARTICLE.lr == LR
    return _difference(ours, plain, data)


def _batches(data: TensorSet, rows: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    for some in rows.to(data.labels.device).split(ARTICLE.batch_size):
        yield data.features[some], data.labels[some]


def _stacked_error(sets: list[TensorSet]) -> float:
    singles = [_ours(data, 2, "model1") for data in sets]
    return max(map(_difference, _stacked(sets, 2), singles, sets))


def _difference(one: torch.nn.Module, other: torch.nn.Module, data: TensorSet) -> float:
    losses = [loss_and_accuracy(model, data)[0] for model in (one, other)]
    return abs(losses[0] - losses[1])


def _with_threads(n: int, work: Callable[[], object]) -> None:
    with threads(n):
        work()


@contextmanager
def threads(n: int) -> Iterator[None]:
    """torch on n threads, as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(False)


@contextmanager
def others_at_work(n: int) -> Iterator[None]:
    """n processes that take a core each."""
    command = [sys.executable, "-c", _BUSY]
    processes = [subprocess.Popen(command) for _ in range(n)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
