"""What a person would write instead: the article's loops, plainly."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.librosa_peer import mean_mfcc

LR = 1e-3


def librosa_features(paths: Sequence[Path]) -> NDArray[np.float32]:
    """Mean MFCC-40 [n, 40], file by file."""
    return np.array([mean_mfcc(path) for path in paths])


def answers_one_at_a_time(paths: Sequence[Path], model: nn.Module) -> NDArray[np.float32]:
    """Probabilities [n, classes] of some files, each read, transformed and asked by itself."""
    model.eval()
    with torch.no_grad():
        rows = (torch.from_numpy(mean_mfcc(path)).float()[None] for path in paths)
        return np.concatenate([torch.softmax(model(row), 1).numpy() for row in rows])


def train_by_loader(
    model: nn.Module, features: Tensor, labels: Tensor, *, epochs: int, batch_size: int
) -> list[float]:
    """Each epoch's accuracy: a DataLoader, Adam, and a figure read after every batch."""
    loader = DataLoader(TensorDataset(features, labels), batch_size, shuffle=True)
    return train_plainly(model, (loader for _ in range(epochs)))


def train_plainly(
    model: nn.Module, epochs: Iterable[Iterable[Any]], optimizer: Any = None
) -> list[float]:
    """Each epoch's accuracy, from batches of features and labels; Adam where none is given."""
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=LR)
    criterion = nn.CrossEntropyLoss()
    return [_one_epoch(model, batches, optimizer, criterion) for batches in epochs]


def _one_epoch(model: nn.Module, batches: Iterable[Any], optimizer: Any, criterion: Any) -> float:
    model.train()
    device = next(model.parameters()).device
    running_loss, correct, total = 0.0, 0, 0
    for some, their_labels in batches:
        inputs, targets = some.to(device), their_labels.to(device)
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        correct += (outputs.argmax(1) == targets).sum().item()
        total += len(targets)
    return correct / total
