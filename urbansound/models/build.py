"""From a name to a network, and from saved numbers back to one."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from urbansound.errors import BadWeights
from urbansound.models.article import ArticleNetwork
from urbansound.models.catalog import Kind, ModelInfo, find_model_info
from urbansound.models.cnn import Cnn
from urbansound.models.mlp import Mlp
from urbansound.models.network import Network


def build_model(name: str, n_features: int, n_classes: int, *, seed: int) -> Network:
    """A freshly initialised network; the same seed gives the same numbers.

    n_features is the length of a feature vector, or the number of a spectrogram's bands.
    Torch's own random state is left as it was. BadConfig for an unknown name.
    """
    info = find_model_info(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _build(info, n_features, n_classes)


def restore_model(
    name: str, weights: Mapping[str, Tensor], n_classes: int, n_features: int
) -> Network:
    """The network with these weights, ready to classify; BadWeights where they do not fit."""
    info = find_model_info(name)
    model = _build(info, n_features, n_classes)
    misfit = BadWeights(
        f"These weights do not fit {name} with {n_classes} classes "
        f"({info.layers_text(n_features, n_classes)}). Train it again or choose another file."
    )
    if any(tensor.is_complex() for tensor in weights.values()):  # Half of each would be dropped.
        raise misfit
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise misfit from error
    return model.eval()


def _build(info: ModelInfo, n_features: int, n_classes: int) -> Network:
    kinds: dict[Kind, Callable[[ModelInfo, int, int], Network]] = {
        "article": ArticleNetwork,
        "mlp": Mlp,
        "cnn": Cnn,
    }
    return kinds[info.kind](info, n_features, n_classes)
