"""What can be trained: names, layers, sizes and loss floors, without importing torch."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from urbansound.errors import BadConfig

Activation = Literal["sigmoid", "tanh"]
Kind = Literal["article", "mlp", "cnn"]
_BOUNDS: dict[Activation, tuple[float, float]] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
DROPOUT = 0.4


@dataclass(frozen=True)
class ModelInfo:
    """One kind of network: what it is made of and what its outputs can reach.

    `hidden` are the units of a perceptron's hidden layers or the channels of a network's
    convolutions; `output` is the activation that bounds the outputs, None for none.
    `features` names the features it can learn from, its own choice first.
    """

    name: str
    title: str
    kind: Kind
    hidden: tuple[int, ...]
    features: tuple[str, ...]
    output: Activation | None = None
    preset: str = "article"

    @property
    def is_perceptron(self) -> bool:
        """True where the features are one vector a clip."""
        return self.kind != "cnn"

    def sizes(self, n_features: int = 40, n_classes: int = 10) -> tuple[int, ...]:
        """Units per layer, input and output included."""
        return (n_features, *self.hidden, n_classes)

    def n_parameters(self, n_features: int = 40, n_classes: int = 10) -> int:
        """How many numbers a training adjusts."""
        if self.kind == "cnn":
            return _cnn_parameters(self.hidden, n_features, n_classes)
        sizes = self.sizes(n_features, n_classes)
        normalised = 2 * sum(self.hidden) if self.kind == "mlp" else 0
        return sum((a + 1) * b for a, b in pairwise(sizes)) + normalised

    def layers_text(self, n_features: int = 40, n_classes: int = 10) -> str:
        """The layers in one line: "40-128-64-10, ReLU, Sigmoid at the end"."""
        if self.kind == "cnn":
            sizes = "-".join(str(size) for size in self.hidden)
            return (
                f"{len(self.hidden)} convolutions {sizes} over log-mel, and a perceptron on levels"
            )
        sizes = "-".join(str(size) for size in self.sizes(n_features, n_classes))
        if self.output is None:
            return f"{sizes}, batch normalisation, ReLU, dropout"
        return f"{sizes}, ReLU, {self.output.capitalize()} at the end"

    def max_softmax(self, n_classes: int = 10) -> float:
        """The largest probability that softmax over the outputs can give."""
        if self.output is None:
            return 1.0
        low, high = _BOUNDS[self.output]
        return 1 / (1 + (n_classes - 1) * math.exp(low - high))

    def loss_floor(self, n_classes: int = 10) -> float:
        """The smallest cross-entropy (nats) that the outputs allow."""
        return 0.0 if self.output is None else -math.log(self.max_softmax(n_classes))


# Channels of the convolutions, the first of 5x5 and the others of 3x3.
CNN_CHANNELS = (18, 24, 48, 48, 96, 96, 144, 144)
FIRST_KERNEL = 5
# Beside them, a small perceptron on four numbers a band, and how much its voice counts.
LEVEL_UNITS = (128, 64)
N_LEVELS = 4
LEVELS_SHARE = 0.25


def _cnn_parameters(channels: tuple[int, ...], n_mels: int, n_classes: int) -> int:
    convolutions = FIRST_KERNEL**2 * channels[0] + sum(9 * a * b for a, b in pairwise(channels))
    course = convolutions + 2 * sum(channels) + (2 * channels[-1] + 1) * n_classes
    sizes = (N_LEVELS * n_mels, *LEVEL_UNITS, n_classes)
    levels = sum((a + 1) * b for a, b in pairwise(sizes)) + 2 * sum(sizes[:-1])
    return course + levels


MODELS: dict[str, ModelInfo] = {
    info.name: info
    for info in (
        ModelInfo("model1", "Model 1", "article", (128, 64), ("mfcc",), "sigmoid"),
        ModelInfo("model2", "Model 2", "article", (128, 256, 512, 64), ("mfcc",), "tanh"),
        ModelInfo(
            "mlp",
            "MLP",
            "mlp",
            (256, 128),
            ("mfcc-statistics", "logmel-statistics", "mfcc"),
            preset="mlp",
        ),
        ModelInfo("cnn", "CNN", "cnn", CNN_CHANNELS, ("logmel",), preset="cnn"),
    )
}


def find_model_info(name: str) -> ModelInfo:
    """The catalogue's entry; BadConfig names the ones there are."""
    if name not in MODELS:
        raise BadConfig(f"There is no model '{name}'. Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]
