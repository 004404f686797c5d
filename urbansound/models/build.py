"""From a name to a network, and from saved numbers back to one."""

from collections.abc import Mapping

import torch
from torch import Tensor

from urbansound.errors import BadWeights
from urbansound.models.article import ArticleNetwork
from urbansound.models.catalog import find_model_info


def build_model(name: str, n_features: int, n_classes: int, *, seed: int) -> ArticleNetwork:
    """A freshly initialised network; the same seed gives the same numbers.

    Torch's own random state is left as it was. BadConfig for an unknown name.
    """
    info = find_model_info(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ArticleNetwork(info, n_features, n_classes)


def restore_model(
    name: str, weights: Mapping[str, Tensor], n_classes: int, n_features: int = 40
) -> ArticleNetwork:
    """The network with these weights, ready to classify; BadWeights where they do not fit."""
    info = find_model_info(name)
    model = ArticleNetwork(info, n_features, n_classes)
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise BadWeights(
            f"These weights do not fit {name} with {n_classes} classes "
            f"({info.layers_text(n_features, n_classes)}). Train it again or choose another file."
        ) from error
    return model.eval()
