"""What each number of a clip's features did to a perceptron's answer."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from urbansound.features.mfcc import mel_band_edges
from urbansound.features.statistics import N_GROUPS
from urbansound.inference.classify import Classifier
from urbansound.models.network import Network
from urbansound.records import Audio, Card, FeatureSpec

Floats = NDArray[np.float32]

_STEPS = 64
_GROUPS = ("", "how much it moves", "how fast it moves", "how abruptly it moves")
_FIRST = ("overall loudness", "dark against bright", "ends against middle")
_N_BROAD = 12


@dataclass(frozen=True)
class Contribution:
    """One number of the features: what it is, its value, the average one, and what it did.

    `amount` is in logits: how much it raised the answer, or lowered it where it is negative,
    against an average sound.
    """

    name: str
    value: float
    average: float
    amount: float


def contributions(
    classifier: Classifier, audio: Audio, class_id: int | None = None
) -> list[Contribution]:
    """What each number did to a class's answer, by default the best one's; strongest first.

    For networks that take one vector a sound of up to 4 s. The amounts add up to what the
    logit gained against an average sound. BadAudio for no samples.
    """
    row = classifier.rows([audio])
    if class_id is None:
        class_id = int(classifier.answer(classifier.embed(row))[0][0].argmax())
    average = average_features(classifier.network, classifier.card)
    amounts = integrated_gradients(classifier.network, row[0], average, class_id)
    names = feature_names(classifier.card.spec.features)
    found = [
        Contribution(name, float(value), float(mean), float(amount))
        for name, value, mean, amount in zip(names, row[0], average, amounts, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.amount))


def integrated_gradients(
    network: Network, features: Floats, baseline: Floats, class_id: int
) -> Floats:
    """What each number adds to a class's logit on the way from a baseline, all [n_features].

    Mean gradient along the straight line, times the distance: the sum is the difference of
    the logits at its ends (Sundararajan, Taly and Yan, 2017).
    """
    start, end = torch.from_numpy(baseline), torch.from_numpy(features)
    at = (torch.arange(_STEPS) + 0.5) / _STEPS
    points = (start + at[:, None] * (end - start)).requires_grad_(True)
    logits = network.logits(points)[:, class_id]
    (slopes,) = torch.autograd.grad(logits.sum(), points)
    return np.asarray(((end - start) * slopes.mean(dim=0)).numpy(), np.float32)


@torch.no_grad()
def average_features(network: Network, card: Card) -> Floats:
    """The average training clip's features [n_features], as the first layer remembers them.

    Standardised inputs are 0 for the average clip, and the scale is folded into the first
    layer: it is the input at which that layer's weights add up to its bias, taken back. A
    batch normalisation behind it knows the mean of its sums exactly. On the shipped models
    this lies within 0.3 standard deviations of the true means. Without standardising and
    without normalisation nothing is known, and the average is 0.
    """
    first, behind = list(network.modules())[2:4]
    assert isinstance(first, nn.Linear)
    if isinstance(behind, nn.BatchNorm1d) and behind.running_mean is not None:
        return _input_at(first, behind.running_mean)
    if not card.spec.train.standardise:
        return np.zeros(first.in_features, np.float32)
    return _input_at(first, torch.zeros_like(first.bias))


def _input_at(layer: nn.Linear, sums: Tensor) -> Floats:
    """The input [n_features] for which a layer's outputs come nearest to `sums`.

    Columns are scaled first: features of little variation have large weights.
    """
    weight = layer.weight.double()
    sizes = weight.norm(dim=0).clamp(min=1e-12)
    wanted = (sums - layer.bias).double()[:, None]
    solution = torch.linalg.lstsq(weight / sizes, wanted).solution[:, 0]
    return np.asarray((solution / sizes).numpy(), np.float32)


def feature_names(spec: FeatureSpec) -> list[str]:
    """What each number of a pooled row means, in plain words, in the row's order."""
    ones = _coefficient_names(spec.n_mfcc) if spec.kind == "mfcc" else _band_names(spec)
    groups = _GROUPS[:N_GROUPS] if spec.pooling == "statistics" else ("",)
    return [f"{name}, {group}" if group else name for group in groups for name in ones]


def _coefficient_names(n_mfcc: int) -> list[str]:
    n_broad, n_fine = _N_BROAD - len(_FIRST), max(0, n_mfcc - _N_BROAD)
    names = [*_FIRST, *["broad shape"] * n_broad, *["fine ripples"] * n_fine]
    return [f"{number}: {name}" for number, name in enumerate(names[:n_mfcc], start=1)]


def _band_names(spec: FeatureSpec) -> list[str]:
    centres_hz = mel_band_edges(spec.sample_rate, spec.n_mels)[1:-1]
    return [f"level around {hz:.0f} Hz" for hz in centres_hz]
