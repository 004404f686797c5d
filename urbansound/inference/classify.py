"""A saved model that listens: sound in, prediction out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from urbansound.audio.signal import cut, is_silent
from urbansound.errors import BadAudio, BadWeights
from urbansound.features.clip import clip_features, row_shape
from urbansound.features.spec import spec_name
from urbansound.inference.windows import merge_events, window_bounds
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.models.build import restore_model
from urbansound.models.catalog import find_model_info
from urbansound.models.network import Network
from urbansound.models.probability import tempered_probabilities
from urbansound.records import Audio, Card, Prediction, Segment

MIN_S = 0.05
# A sound is strange where most of its windows are.
_MOSTLY = 0.5
_PIECES_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Heard:
    """What a model heard: one answer for the whole, one a window, and the merged events."""

    prediction: Prediction
    segments: tuple[Segment, ...]
    events: tuple[Segment, ...]


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

        Up to 4 s are heard as they are, as in training. Longer sounds are heard in
        windows, and the whole gets the mean of their probabilities, silence aside.
        """
        if audio.duration_s < MIN_S:
            raise BadAudio(
                f"This sound lasts {audio.duration_s * 1000:.1f} ms; at least "
                f"{MIN_S * 1000:.0f} ms are needed. Record or choose a longer one."
            )
        bounds = window_bounds(audio.duration_s)
        pieces = [cut(audio, start, end) for start, end in bounds]
        quiet = np.array([is_silent(piece.samples) for piece in pieces])
        chances, is_strange = self.answer(self.embed(self.rows(pieces)))
        segments = tuple(
            Segment(start, end, self._predict(row, is_quiet=quiet[n], is_strange=is_strange[n]))
            for n, ((start, end), row) in enumerate(zip(bounds, chances, strict=True))
        )
        heard = quiet if quiet.all() else ~quiet
        whole = self._predict(
            chances[heard].mean(axis=0),
            is_quiet=bool(quiet.all()),
            is_strange=bool(is_strange[heard].mean() > _MOSTLY),
        )
        return Heard(whole, segments, tuple(merge_events(segments)))

    def _predict(
        self, chances: NDArray[np.float32], *, is_quiet: bool, is_strange: bool
    ) -> Prediction:
        verdict = ""
        if is_quiet:
            verdict = SILENCE
        elif is_strange or chances.max() < self.card.calibration.threshold:
            verdict = NOT_SURE
        is_unknown = bool(is_strange) and not is_quiet
        return Prediction(chances, self.card.class_names, verdict, is_unknown)

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
