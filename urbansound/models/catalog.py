"""What can be trained: names, layers, sizes and loss floors, without importing torch."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from urbansound.errors import BadConfig

Activation = Literal["sigmoid", "tanh"]
_BOUNDS: dict[Activation, tuple[float, float]] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


@dataclass(frozen=True)
class ModelInfo:
    """One kind of network: hidden layer sizes and the activation that bounds its outputs."""

    name: str
    title: str
    hidden: tuple[int, ...]
    output: Activation

    def sizes(self, n_features: int = 40, n_classes: int = 10) -> tuple[int, ...]:
        """Units per layer, input and output included."""
        return (n_features, *self.hidden, n_classes)

    def n_parameters(self, n_features: int = 40, n_classes: int = 10) -> int:
        """How many numbers a training adjusts."""
        sizes = self.sizes(n_features, n_classes)
        return sum((a + 1) * b for a, b in pairwise(sizes))

    def layers_text(self, n_features: int = 40, n_classes: int = 10) -> str:
        """The layers in one line: "40-128-64-10, ReLU, Sigmoid at the end"."""
        sizes = "-".join(str(size) for size in self.sizes(n_features, n_classes))
        return f"{sizes}, ReLU, {self.output.capitalize()} at the end"

    def max_softmax(self, n_classes: int = 10) -> float:
        """The largest probability that softmax over the bounded outputs can give."""
        low, high = _BOUNDS[self.output]
        return 1 / (1 + (n_classes - 1) * math.exp(low - high))

    def loss_floor(self, n_classes: int = 10) -> float:
        """The smallest cross-entropy (nats) that the bounded outputs allow."""
        return -math.log(self.max_softmax(n_classes))


MODELS: dict[str, ModelInfo] = {
    info.name: info
    for info in (
        ModelInfo("model1", "Model 1", (128, 64), "sigmoid"),
        ModelInfo("model2", "Model 2", (128, 256, 512, 64), "tanh"),
    )
}


def find_model_info(name: str) -> ModelInfo:
    """The catalogue's entry; BadConfig names the ones there are."""
    if name not in MODELS:
        raise BadConfig(f"There is no model '{name}'. Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]
