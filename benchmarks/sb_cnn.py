"""SB-CNN, the network of Salamon and Bello (2017), as a baseline for this app's own.

J. Salamon and J. P. Bello, "Deep Convolutional Neural Networks and Data Augmentation for
Environmental Sound Classification", IEEE Signal Processing Letters 24(3), 279-283; here
without the augmentation. As published: the layers, patches of 128 bands by 128 frames
(3 s) from random places, batches of 100 patches, stochastic gradient descent at 0.01,
dropout and L2 on the two dense layers, epochs of an eighth of all patches, the epoch with
the best validation accuracy, and the mean of the patches' outputs as a clip's answer.

Different here, or left open by the paper:
- Sound is at 22.05 kHz, not 44.1 kHz. The hop is the same 23 ms; the window is 46 ms, which
  tells the lowest of 128 bands apart, as 23 ms would not.
- Pooling is 4 over frequency and 2 over time. The published (4, 2) may be meant the other
  way round; this way validation accuracy was higher.
- Clips shorter than 4 s are followed by silence, as for this app's own networks. Repeating
  them instead gave no higher validation accuracy.
- Inputs are standardised band by band, by the training clips.
- Momentum of 0.9, which makes a step count for ten. The paper trained on some 7,000 clips,
  about 20,000 steps; two folds give 5,000 in 50 epochs, which plain descent does not finish in.
- A clip is heard in patches five frames apart instead of one.
- Convolutions calculate in bfloat16.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from urbansound.records import FeatureSpec

SPEC = FeatureSpec(kind="logmel", n_fft=1024, hop_length=512, n_mels=128, pooling="none")
PATCH_FRAMES = 128
BATCH_SIZE = 100
LEARNING_RATE = 0.01
MOMENTUM = 0.9
L2_PENALTY = 0.001
EPOCH_SHARE = 1 / 8
PATCH_HOP = 5

N_PARAMETERS = 241_434

# Twenty patches at once are the same sums as a hundred, and on one thread a third faster.
_AT_ONCE = 20

Features = NDArray[np.float16] | NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Epoch:
    """An epoch's number from 1, its mean loss without L2, its validation accuracy if any."""

    number: int
    loss: float
    accuracy: float | None


class SbCnn(nn.Module):
    """The published layers: 241,434 parameters for ten classes.

    Takes patches [batch, 128 bands, 128 frames] in dB, which it standardises by `mean` and
    `std` [128], and gives logits [batch, n_classes]. Nothing is padded, and pooling drops
    what is left over: that gives the published 2,400 inputs of the first dense layer.
    Pooling is 4 over frequency and 2 over time. Weights start as the paper's library starts
    them: Glorot's uniform distribution, biases at zero.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor, n_classes: int = 10) -> None:
        super().__init__()
        self.register_buffer("mean", mean[:, None])
        self.register_buffer("std", std[:, None])
        self.convolutions = nn.Sequential(
            *[nn.Conv2d(1, 24, 5), nn.MaxPool2d((4, 2)), nn.ReLU()],
            *[nn.Conv2d(24, 48, 5), nn.MaxPool2d((4, 2)), nn.ReLU()],
            *[nn.Conv2d(48, 48, 5), nn.ReLU(), nn.Flatten()],
        )
        self.hidden = nn.Linear(2400, 64)
        self.output = nn.Linear(64, n_classes)
        self.dropout = nn.Dropout(0.5)
        self.apply(_start_as_glorot)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, patches: Tensor) -> Tensor:
        """Logits [batch, n_classes] of patches [batch, 128 bands, 128 frames] in dB."""
        x = ((patches.float() - self.mean) / self.std)[:, None]
        with torch.autocast("cpu", torch.bfloat16):
            x = self.convolutions(x.contiguous(memory_format=torch.channels_last))
        x = F.relu(self.hidden(self.dropout(x.float())))
        logits: Tensor = self.output(self.dropout(x))
        return logits


def _start_as_glorot(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def train_sb_cnn(
    features: Features,
    labels: Rows,
    train_rows: Rows,
    validation_rows: Rows | None = None,
    *,
    seed: int,
    epochs: int = 50,
    n_threads: int = 4,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> SbCnn:
    """The network of the epoch with the best validation accuracy, or of the last epoch.

    features are SPEC's log-mel [n, 128, frames] in dB, labels [n] count from 0. An epoch is
    an eighth of all patches of the training rows: 5.75 per clip of 173 frames. The first
    of equally good epochs wins. Sets PyTorch's number of threads and its seed.
    """
    torch.set_num_threads(n_threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    targets = torch.from_numpy(labels[train_rows])
    clips = features[train_rows]
    model = _new_model(clips, n_classes=int(labels.max()) + 1)
    optimizer, batches = _optimizer(model), _batches(clips, targets, seed)
    best, best_accuracy = model, -1.0
    for number in range(1, epochs + 1):
        loss = _train_epoch(model, optimizer, batches, _batches_per_epoch(clips))
        accuracy = None
        if validation_rows is not None:
            outputs = predict(model, features[validation_rows])
            accuracy = float(np.mean(outputs.argmax(axis=1) == labels[validation_rows]))
            if accuracy > best_accuracy:
                best, best_accuracy = copy.deepcopy(model), accuracy
        if on_epoch is not None:
            on_epoch(Epoch(number, loss, accuracy))
    return best.eval()


@torch.inference_mode()
def predict(model: SbCnn, features: Features, patch_hop: int = PATCH_HOP) -> NDArray[np.float32]:
    """Outputs [n, n_classes], each row summing to 1, of clips [n, 128, frames] in dB.

    A clip's output is the mean over its patches, `patch_hop` frames apart; one is as published.
    """
    model.eval()
    patches = _patches(features)[:, :, ::patch_hop]
    outputs = [_mean_output(model, clip.transpose(0, 1)) for clip in patches]
    return torch.stack(outputs).numpy()


def _mean_output(model: SbCnn, patches: Tensor) -> Tensor:
    logits = torch.cat([model(some) for some in torch.split(patches, _AT_ONCE)])
    return logits.softmax(dim=1).mean(dim=0)


def _patches(clips: Features) -> Tensor:
    """A view [n, bands, places, 128] on every patch of clips [n, bands, frames]."""
    return torch.from_numpy(clips).unfold(2, PATCH_FRAMES, 1)


def _new_model(clips: Features, n_classes: int) -> SbCnn:
    values = clips.astype(np.float32)
    mean, std = values.mean(axis=(0, 2)), values.std(axis=(0, 2))
    return SbCnn(torch.from_numpy(mean), torch.from_numpy(std + 1e-6), n_classes)


def _optimizer(model: SbCnn) -> torch.optim.SGD:
    """Plain L2 on the dense layers' weights: a penalty c|w|^2 is a weight decay of 2c."""
    dense = [model.hidden.weight, model.output.weight]
    others = [p for p in model.parameters() if all(p is not weight for weight in dense)]
    groups: list[dict[str, Any]] = [
        {"params": dense, "weight_decay": 2 * L2_PENALTY},
        {"params": others},
    ]
    return torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=MOMENTUM)


def _batches_per_epoch(clips: Features) -> int:
    n_patches = len(clips) * (clips.shape[2] - PATCH_FRAMES + 1)
    return max(1, int(n_patches * EPOCH_SHARE) // BATCH_SIZE)


def _batches(clips: Features, targets: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Without end, batches of patches in random order, none twice before all were seen."""
    generator = torch.Generator().manual_seed(seed)
    patches = _patches(clips)
    n_places = patches.shape[2]
    while True:
        order = torch.randperm(len(patches) * n_places, generator=generator)
        for chosen in torch.split(order, BATCH_SIZE):
            rows = chosen // n_places
            yield patches[rows, :, chosen % n_places], targets[rows]


def _train_epoch(
    model: SbCnn,
    optimizer: torch.optim.SGD,
    batches: Iterator[tuple[Tensor, Tensor]],
    n_batches: int,
) -> float:
    """Train on the next batches; the mean loss of their patches."""
    model.train()
    total = 0.0
    for _ in range(n_batches):
        patches, targets = next(batches)
        optimizer.zero_grad()
        for some, wanted in zip(
            torch.split(patches, _AT_ONCE), torch.split(targets, _AT_ONCE), strict=True
        ):
            loss = F.cross_entropy(model(some), wanted, reduction="sum") / len(targets)
            torch.autograd.backward(loss)
            total += loss.item()
        optimizer.step()
    return total / n_batches
