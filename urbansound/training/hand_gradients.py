"""The gradients of a plain perceptron, written out: no graph is recorded and walked.

For a batch of 32 on a processor the walk costs half as much as the products it is for; on a GPU
there is nothing left that could not be recorded. Only linear layers with ReLU between and a
bounded end, so the article's networks, are taken.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from urbansound.stages import staged


@dataclass(frozen=True)
class HandGradients:
    """What `learn` needs of a network: its linear layers, first to last, and how it ends."""

    linears: tuple[nn.Linear, ...]
    end: nn.Sigmoid | nn.Tanh

    @classmethod
    def of(cls, model: nn.Module) -> Self | None:
        """For a plain perceptron on the processor or an NVIDIA GPU; None for any other network."""
        layers = list(getattr(model, "network", ()))
        linears, between = layers[:-1:2], layers[1:-1:2]
        is_plain = (
            len(linears) == len(between) + 1
            and all(isinstance(layer, nn.Linear) for layer in linears)
            and all(isinstance(layer, nn.ReLU) for layer in between)
            and isinstance(layers[-1], nn.Sigmoid | nn.Tanh)
        )
        if not is_plain or linears[0].weight.device.type not in ("cpu", "cuda"):
            return None
        return cls(tuple(linears), layers[-1])

    @staged("forward")
    @torch.no_grad()
    def learn(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy (nats) and outputs [batch, classes]; gradients go into `.grad`.

        Equal to autograd's but for rounding.
        """
        inputs = self._inputs(features)
        outputs = self.end(_linear(inputs[-1], self.linears[-1]))
        logs = functional.log_softmax(outputs, dim=1)
        self._back(inputs, self._at_logits(outputs, logs, labels))
        return functional.nll_loss(logs, labels), outputs

    def _inputs(self, features: Tensor) -> list[Tensor]:
        """What each linear layer sees."""
        inputs = [features]
        for linear in self.linears[:-1]:
            inputs.append(_linear(inputs[-1], linear).relu_())
        return inputs

    @staged("backward")
    def _at_logits(self, outputs: Tensor, logs: Tensor, labels: Tensor) -> Tensor:
        """The loss's gradient at the last linear layer's outputs."""
        gradient = logs.exp()
        rows = torch.arange(len(labels), device=labels.device)
        gradient[rows, labels] -= 1
        gradient /= len(labels)
        is_sigmoid = isinstance(self.end, nn.Sigmoid)
        slope = outputs * (1 - outputs) if is_sigmoid else 1 - outputs * outputs
        return gradient.mul_(slope)

    @staged("backward")
    def _back(self, inputs: list[Tensor], gradient: Tensor) -> None:
        """From the last layer to the first, which passes nothing on."""
        for number in range(len(self.linears) - 1, -1, -1):
            linear, seen = self.linears[number], inputs[number]
            linear.weight.grad = gradient.t() @ seen
            linear.bias.grad = gradient.sum(0)
            if number:
                passed = gradient @ linear.weight
                gradient = torch.ops.aten.threshold_backward(passed, seen, 0)


def _linear(inputs: Tensor, linear: nn.Linear) -> Tensor:
    return torch.addmm(linear.bias, inputs, linear.weight.t())
