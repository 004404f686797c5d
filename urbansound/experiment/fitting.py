"""One training of a spec on its material: a network, its inputs, and what comes out."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from urbansound.evaluation.novelty import fit_novelty
from urbansound.experiment.answers import ask, clip_results
from urbansound.experiment.card import build_card
from urbansound.experiment.material import Material
from urbansound.models.build import build_model, restore_model
from urbansound.models.catalog import find_model_info
from urbansound.models.cnn import relative_to_peak
from urbansound.models.network import Network
from urbansound.records import Card, ClipResults, RunSpec
from urbansound.runs.weights import seal
from urbansound.stages import staged
from urbansound.torch_files import torch_bytes
from urbansound.torchrun import find_place
from urbansound.training.device import choose_device, settle_stages_on
from urbansound.training.loop import EpochDone, TensorSet, TrainResult, train
from urbansound.training.memory import keep_freed_memory
from urbansound.training.parallel import in_company
from urbansound.worker_pool import n_cores

_CLIPS_AT_ONCE = 256
_CLIPS_TO_KNOW = 2000


@dataclass(frozen=True)
class Hooks:
    """What a training tells and asks while it runs."""

    on_event: Callable[[EpochDone], None] = lambda event: None
    on_checkpoint: Callable[[dict[str, Any]], None] = lambda state: None
    should_stop: Callable[[], bool] = lambda: False
    resume_from: dict[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights that take raw features, as the bytes of a .pth file, with card and answers."""

    data: bytes
    card: Card
    last_epoch: int
    results: ClipResults


@dataclass(frozen=True, eq=False)
class Prepared:
    """A fresh network and its inputs on the device.

    A perceptron's features are scaled beforehand, and the scale is folded into the trained
    weights; a convolutional network carries its own.
    """

    model: Network
    train_set: TensorSet
    validation_set: TensorSet | None
    scale: tuple[Tensor, Tensor]


def train_material(
    spec: RunSpec, material: Material, hooks: Hooks | None = None, *, run_id: str = ""
) -> Trained | None:
    """Train a fresh model on the material's training rows; None when it was stopped."""
    with calculating(spec):
        prepared, result = _train(spec, material, hooks or Hooks())
        if result.was_stopped:
            return None
        return finish(spec, material, prepared, result, run_id=run_id)


def train_share(
    spec: RunSpec, material: Material, resume_from: dict[str, Any] | None = None
) -> None:
    """Take part in the same training, which another process leads and keeps."""
    with calculating(spec):
        _train(spec, material, Hooks(resume_from=resume_from))


def _train(spec: RunSpec, material: Material, hooks: Hooks) -> tuple[Prepared, TrainResult]:
    prepared = prepare(spec, material, choose_device(spec.train.device))
    sets = prepared.train_set, prepared.validation_set
    with in_company():
        return prepared, train(prepared.model, *sets, spec.train, **vars(hooks))


@contextmanager
def calculating(spec: RunSpec) -> Iterator[None]:
    """All cores but one for convolutions; one for perceptrons, which are too small to share.

    Several processes that train together share the cores.

    Threads wait for one another at every step: where a page or a browser takes one of their
    cores, all of them together were slower than one alone. Weights near zero, which would cost
    a hundred times as much as others, count as zero. Afterwards all is as it was, but that a
    process that has trained convolutions keeps its memory.
    """
    is_small = find_model_info(spec.model).is_perceptron
    n_threads, n_processes = torch.get_num_threads(), find_place().local_size
    torch.set_num_threads(1 if is_small else max(1, (n_cores() - 1) // n_processes))
    torch.set_flush_denormal(True)
    if not is_small:
        keep_freed_memory()
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(n_threads)


@staged("preparing inputs")
def prepare(spec: RunSpec, material: Material, device: torch.device) -> Prepared:
    """The network and its inputs. Everything fitted here sees the training rows only."""
    settle_stages_on(device)
    table, split = material.table, material.split
    is_perceptron = find_model_info(spec.model).is_perceptron
    scale = _input_scale(spec, table.features[split.train], is_perceptron)
    n_features = table.features.shape[1]
    n_classes = len(material.index.class_names)
    model = build_model(spec.model, n_features, n_classes, seed=spec.train.seed)
    if not is_perceptron:
        model.take_scale(*scale)

    def rows_as_set(rows: NDArray[np.int64]) -> TensorSet:
        features = torch.from_numpy(np.ascontiguousarray(table.features[rows]))
        if is_perceptron:
            features = (features - scale[0]) / scale[1]
        return TensorSet(features.to(device), torch.from_numpy(table.labels[rows]).to(device))

    validation = rows_as_set(split.validation) if len(split.validation) else None
    return Prepared(model.to(device), rows_as_set(split.train), validation, scale)


def _input_scale(
    spec: RunSpec, features: NDArray[Any], is_perceptron: bool
) -> tuple[Tensor, Tensor]:
    """Mean and deviation: [n_features] each; for spectrograms [n_mels, 1] and one number.

    0 and 1 for raw inputs.
    """
    if is_perceptron:
        mean = features.mean(axis=0, dtype=np.float64)
        deviation = features.std(axis=0, dtype=np.float64)
    else:
        mean, deviation = _spectrogram_scale(features)
    if not spec.train.standardise:
        mean, deviation = np.zeros_like(mean), np.ones_like(deviation)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return torch.from_numpy(mean).float(), torch.from_numpy(deviation).float()


def _spectrogram_scale(
    features: NDArray[np.float16],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each band's mean [n_mels, 1] and the deviation around all, relative to each clip's peak.

    A few clips at a time: in float32 all of them would not fit a small computer.
    """
    n, n_mels, n_frames = features.shape
    sums, squares = np.zeros(n_mels), np.zeros(n_mels)
    for start in range(0, n, _CLIPS_AT_ONCE):
        part = torch.from_numpy(np.ascontiguousarray(features[start : start + _CLIPS_AT_ONCE]))
        levels = relative_to_peak(part.float()).double()
        sums += levels.sum(dim=(0, 2)).numpy()
        squares += levels.square().sum(dim=(0, 2)).numpy()
    means = sums / (n * n_frames)
    variances = squares / (n * n_frames) - means**2
    return means[:, np.newaxis], np.array(math.sqrt(variances.mean()))


@staged("scoring and calibration")
def finish(
    spec: RunSpec, material: Material, prepared: Prepared, result: TrainResult, *, run_id: str
) -> Trained:
    """The weights for raw features, calibrated on the validation clips; the test clips are
    scored here, once."""
    table, split = material.table, material.split
    n_classes, n_features = len(material.index.class_names), table.features.shape[1]
    model = restore_model(spec.model, result.weights, n_classes, n_features)
    if find_model_info(spec.model).is_perceptron:
        model.take_scale(*prepared.scale)
    if model.knows_distances:
        _learn_limits(model, material, spec.train.seed)
    validation, test = (ask(model, table, rows) for rows in (split.validation, split.test))
    card = build_card(run_id, spec, material, result, (validation, test))
    data = torch_bytes(model.state_dict())
    temperature = card.calibration.temperature
    results = [
        clip_results(answers, material, temperature=temperature, is_test=is_test)
        for answers, is_test in ((validation, False), (test, True))
    ]
    return Trained(data, seal(card, data), result.last_epoch, join_results(results))


def _learn_limits(model: Network, material: Material, seed: int) -> None:
    """Where the training clips lie in the network's embedding: what is far is strange."""
    train, labels = material.split.train, material.table.labels
    if len(train) > _CLIPS_TO_KNOW:
        train = np.random.default_rng(seed).choice(train, _CLIPS_TO_KNOW, replace=False)
    known, whitening = fit_novelty(ask(model, material.table, train).embeddings, labels[train])
    centres = np.repeat(known[:1], len(material.index.class_names), axis=0)
    centres[np.unique(labels[train])] = known
    model.take_familiar(torch.from_numpy(centres), torch.from_numpy(whitening))


def join_results(parts: list[ClipResults]) -> ClipResults:
    """Several results as one, one after the other."""
    names = vars(parts[0]).keys()
    return ClipResults(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})
