"""Several perceptrons of one kind as one: every layer is one product for all of them."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from urbansound.errors import BadConfig
from urbansound.models.familiarity import Familiarity
from urbansound.models.network import Network

Folds = slice | list[int]
_ELEMENTWISE = (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.Dropout)


class StackedNetwork:
    """K networks with the same layers, whose numbers lie together.

    `parameters` are stacks [K, ...] under the names of a network's own. The networks go on to
    work: their numbers are views into the stacks, so each one's state_dict is always of the
    moment. Activations are [k, units, batch].
    """

    def __init__(self, models: Sequence[Network]) -> None:
        self._layers = dict(_leaves(models[0]))
        self.parameters = {
            name: torch.stack([model.get_parameter(name).detach() for model in models])
            for name, _ in models[0].named_parameters()
        }
        self._buffers = {
            name: torch.stack([model.get_buffer(name) for model in models])
            for name, _ in models[0].named_buffers()
        }
        for place, model in enumerate(models):
            for name, stack in self.parameters.items():
                model.get_parameter(name).data = stack[place]
            for name, stack in self._buffers.items():
                model.get_buffer(name).data = stack[place]

    @property
    def is_normalised(self) -> bool:
        """True where a batch's own mean and deviation pass through the layers."""
        return any(isinstance(layer, nn.BatchNorm1d) for layer in self._layers.values())

    def parts(self, folds: Folds) -> dict[str, Tensor]:
        """The parameters [k, ...] of the networks that `folds` chooses, to be derived by."""
        return {n: stack[folds].requires_grad_() for n, stack in self.parameters.items()}

    def outputs(self, parts: dict[str, Tensor], features: Tensor, folds: Folds) -> Tensor:
        """Outputs [k, classes, batch] in training of the chosen networks.

        features are [k, d, batch]; parts are these networks' parameters.
        """
        x = features
        for name, layer in self._layers.items():
            if isinstance(layer, nn.Linear):
                bias = parts[f"{name}.bias"].unsqueeze(2)
                x = torch.baddbmm(bias, parts[f"{name}.weight"], x)
            elif isinstance(layer, nn.BatchNorm1d):
                affine = parts[f"{name}.weight"], parts[f"{name}.bias"]
                x = self._normalise(name, layer, affine, x, folds)
            elif isinstance(layer, nn.Dropout):
                x = drop(x, layer.p)
            elif isinstance(layer, nn.ReLU):
                x = functional.relu(x, inplace=True)
            else:
                x = layer(x)
        return x

    def _normalise(
        self,
        name: str,
        layer: nn.BatchNorm1d,
        affine: tuple[Tensor, Tensor],
        x: Tensor,
        folds: Folds,
    ) -> Tensor:
        """Batch normalisation of [k, units, batch]; the running statistics move on."""
        kept = self._buffers[f"{name}.running_mean"], self._buffers[f"{name}.running_var"]
        mean, variance = kept[0][folds], kept[1][folds]
        normalised = functional.batch_norm(
            x.reshape(1, -1, x.shape[2]),
            mean.view(-1),
            variance.view(-1),
            affine[0].view(-1),
            affine[1].view(-1),
            training=True,
            momentum=layer.momentum or 0.0,
            eps=layer.eps,
        )
        if not isinstance(folds, slice):
            kept[0][folds], kept[1][folds] = mean, variance
        self._buffers[f"{name}.num_batches_tracked"][folds] += 1
        return normalised.view(x.shape)


def drop(x: Tensor, share: float) -> Tensor:
    """Dropout; a draw from the uniform distribution costs a quarter of Bernoulli's."""
    if not share:
        return x
    kept = torch.rand_like(x) >= share
    return x * (kept / (1 - share))


def _leaves(model: Network) -> Iterator[tuple[str, nn.Module]]:
    """The layers in their order; BadConfig for one that cannot be stacked."""
    for name, module in model.named_modules():
        if any(module.children()) or isinstance(module, Familiarity):
            continue
        if not isinstance(module, (nn.Linear, nn.BatchNorm1d, *_ELEMENTWISE)):
            raise BadConfig(
                f"Only perceptrons can be trained together; this network has a "
                f"{type(module).__name__}. Train its folds one by one."
            )
        yield name, module
