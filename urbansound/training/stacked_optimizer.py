"""The loop's optimizers for several networks at once, each with its own rate and state."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from urbansound.records import TrainConfig
from urbansound.stages import staged

# As torch.optim has them.
_BETAS, _EPS = (0.9, 0.999), 1e-8


class StackedOptimizer:
    """Steps any of K networks, whose parameters are stacks [K, ...], and leaves the others.

    It calls the fused kernels that the loop's optimizers from torch.optim end in, once for all
    networks of one rate: a torch optimizer's own bookkeeping would cost as much as the step.
    AdamW lets matrices decay and nothing else.
    """

    def __init__(self, parameters: Sequence[Tensor], config: TrainConfig) -> None:
        self._kind = config.optimizer
        self._decays = [
            config.weight_decay if config.optimizer != "adamw" or stack.ndim > 2 else 0.0
            for stack in parameters
        ]
        n_networks, device = len(parameters[0]), parameters[0].device
        with_moments = [] if config.optimizer == "sgd" else parameters
        self._state = {
            "steps": [torch.zeros(n_networks, device=device)],
            "means": [torch.zeros_like(stack) for stack in with_moments],
            "squares": [torch.zeros_like(stack) for stack in with_moments],
        }
        # One view for each network, so that a step picks and never copies.
        self._weights = [stack.unbind() for stack in parameters]
        self._means = [stack.unbind() for stack in self._state["means"]]
        self._squares = [stack.unbind() for stack in self._state["squares"]]
        self._steps = self._state["steps"][0].unbind()

    @staged("optimiser step")
    def step(
        self, places: Sequence[int], gradients: Sequence[Tensor], rates: Sequence[float]
    ) -> None:
        """One step of the networks at `places` [k], at rates [k].

        gradients are stacks [k, ...] in the parameters' order.
        """
        torch._foreach_add_([self._steps[place] for place in places], 1)
        rows = [gradient.unbind() for gradient in gradients]
        together: dict[tuple[float, float], list[tuple[int, int, int]]] = {}
        for number, (place, rate) in enumerate(zip(places, rates, strict=True)):
            for part, decay in enumerate(self._decays):
                together.setdefault((rate, decay), []).append((part, place, number))
        for (rate, decay), chosen in together.items():
            own = [rows[part][number] for part, _, number in chosen]
            self._move([(part, place) for part, place, _ in chosen], own, rate, decay)

    def _move(
        self, chosen: list[tuple[int, int]], gradients: list[Tensor], rate: float, decay: float
    ) -> None:
        """Change these (part, network) in place."""
        weights = [self._weights[part][place] for part, place in chosen]
        if self._kind == "sgd":
            torch._fused_sgd_(
                weights,
                gradients,
                [],
                weight_decay=decay,
                momentum=0.0,
                lr=rate,
                dampening=0.0,
                nesterov=False,
                maximize=False,
                is_first_step=False,
            )
            return
        move = torch._fused_adam_ if self._kind == "adam" else torch._fused_adamw_
        move(
            weights,
            gradients,
            [self._means[part][place] for part, place in chosen],
            [self._squares[part][place] for part, place in chosen],
            [],
            [self._steps[place] for _, place in chosen],
            lr=rate,
            beta1=_BETAS[0],
            beta2=_BETAS[1],
            weight_decay=decay,
            eps=_EPS,
            amsgrad=False,
            maximize=False,
        )

    def capture(self) -> dict[str, Any]:
        """A copy of all state, on the CPU."""
        return {
            name: [tensor.cpu().clone() for tensor in tensors]
            for name, tensors in self._state.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a captured state."""
        for name, tensors in self._state.items():
            for tensor, saved in zip(tensors, state[name], strict=True):
                tensor.copy_(saved)
