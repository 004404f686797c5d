"""A saved model that listens: sound in, prediction out."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from urbansound.errors import BadWeights
from urbansound.features.clip import clip_features, row_shape
from urbansound.features.spec import spec_name
from urbansound.inference.heard import Heard
from urbansound.inference.listen import listen
from urbansound.models.build import restore_model
from urbansound.models.catalog import find_model_info
from urbansound.models.network import Network
from urbansound.models.probability import tempered_probabilities
from urbansound.records import Audio, Card

_PIECES_AT_ONCE = 64


def restore_network(card: Card, weights: Mapping[str, Tensor]) -> Network:
    """The card's network; BadWeights where it wants features that this app does not make."""
    spec, info = card.spec.features, find_model_info(card.spec.model)
    if spec_name(spec) not in info.features:
        raise BadWeights(
            f"This {info.name} was trained on other features than the ones made here. "
            "Train it again."
        )
    return restore_model(card.spec.model, weights, len(card.class_names), row_shape(spec)[0])


class Classifier:
    """Weights and the card that says how to feed them and how to read their outputs."""

    def __init__(self, card: Card, weights: Mapping[str, Tensor]) -> None:
        self.card = card
        self.network = restore_network(card, weights).eval()

    def classify(self, audio: Audio) -> Heard:
        """The answer for a sound of any length; BadAudio where it is too short to hear.

        The same as `listen` gives while a sound comes.
        """
        return listen([audio.samples], audio.sample_rate, [self])[0]

    def rows(self, pieces: Sequence[Audio]) -> NDArray[np.float32]:
        """What the network is fed: the features [n, *row_shape] of n sounds of up to 4 s."""
        return np.stack([clip_features(piece, self.card.spec.features) for piece in pieces])

    @torch.inference_mode()
    def embed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings [n, d] of features [n, *row_shape]: what the last layers see."""
        parts = torch.split(torch.from_numpy(rows), _PIECES_AT_ONCE)
        return torch.cat([self.network.embed(part) for part in parts]).numpy()

    @torch.inference_mode()
    def answer(
        self, embeddings: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Calibrated probabilities [n, classes] of embeddings [n, d], and which are strange [n]."""
        calibration, known = self.card.calibration, torch.from_numpy(embeddings)
        logits, distances = self.network.classify(known).numpy(), self.network.distance(known)
        is_strange = np.zeros(len(embeddings), np.bool_)
        if distances is not None and calibration.max_distance is not None:
            is_strange = distances.numpy() > calibration.max_distance
        return tempered_probabilities(logits, calibration.temperature), is_strange

    def chances(self, pieces: Sequence[Audio]) -> NDArray[np.float32]:
        """Calibrated probabilities [n, classes] of n sounds of up to 4 s, whatever they hold."""
        return self.answer(self.embed(self.rows(pieces)))[0]
