"""Weights with their card: written together, checked before every use.

A card is JSON beside the weights, with its own digest; the weights' SHA-256 stands in it.
Torch checks nothing itself: one flipped bit would load and answer wrongly.
"""

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from urbansound.errors import BadConfig, BadWeights
from urbansound.files import write_bytes
from urbansound.models.catalog import find_model_info
from urbansound.records import Card, from_json, to_json
from urbansound.runs.card_faults import find_fault
from urbansound.sealed_json import read_sealed_json, write_sealed_json
from urbansound.torch_files import UNLOADABLE, load_torch
from urbansound.training.config import check_config

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class SavedModel:
    """Weights on disk with the card that belongs to them. `source` says who made them."""

    card: Card
    weights_path: Path
    source: str

    @property
    def name(self) -> str:
        """The model's name: "model1"."""
        return self.card.spec.model

    @property
    def key(self) -> str:
        """What names it on the command line: "model1", "shipped:model1" or a run's id."""
        return {"saved": self.name, "shipped": f"shipped:{self.name}"}.get(
            self.source, self.card.run_id
        )


def seal(card: Card, data: bytes) -> Card:
    """The card with the checksum of the weights it belongs to."""
    return replace(card, sha256=hashlib.sha256(data).hexdigest())


def card_path(weights_path: Path) -> Path:
    """Where the card of these weights lies: beside them, in a run folder as card.json."""
    is_of_a_run = weights_path.name == "model.pth"
    return weights_path.with_name("card.json") if is_of_a_run else weights_path.with_suffix(".json")


def write_card(weights_path: Path, card: Card) -> None:
    """Write the weights' card, with its digest, beside them."""
    write_sealed_json(card_path(weights_path), to_json(card))


def read_card(path: Path) -> Card:
    """The card at `path`; BadWeights where it is missing, damaged or not a card."""
    return _parse_card(path, read_sealed_json(path, _no_card))


def read_saved(weights_path: Path, source: str) -> SavedModel:
    """The weights' entry, with whichever card matches their checksum.

    A crash between writing a new card and its weights leaves the older weights with a
    card that still holds theirs as `previous`. BadWeights where neither matches.
    """
    for pause_s in (0.05, 0.2, None):
        card = _card_of(weights_path)
        if card is not None:
            return SavedModel(card, weights_path, source)
        if pause_s is not None:  # They may just be being replaced.
            time.sleep(pause_s)
    raise _damaged(weights_path)


def _card_of(weights_path: Path) -> Card | None:
    """The card, present or previous, that bears the weights' checksum; None where neither does."""
    path = card_path(weights_path)
    card = read_card(path)
    sha256 = hashlib.sha256(_read(weights_path)).hexdigest()
    if sha256 != card.sha256 and card.previous is not None:
        card = _parse_card(path, card.previous)
    return card if sha256 == card.sha256 else None


def load_weights(saved: SavedModel) -> "dict[str, Tensor]":
    """The state_dict, after its checksum; BadWeights where a byte is not what it was."""
    data = _read(saved.weights_path)
    if hashlib.sha256(data).hexdigest() != saved.card.sha256:
        raise _damaged(saved.weights_path)
    return parse_weights(data, saved.weights_path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadWeights(f"'{path}' cannot be read: {error.strerror}.") from error


def parse_weights(data: bytes, path: Path) -> "dict[str, Tensor]":
    """The state_dict in these bytes; BadWeights where it is none."""
    import torch

    try:
        weights = load_torch(data)
    except UNLOADABLE as error:
        raise _no_weights(path) from error
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise _no_weights(path)
    return weights


def _no_weights(path: Path) -> BadWeights:
    return BadWeights(f"'{path}' holds no readable weights. Train the model again.")


def replace_saved(weights_path: Path, data: bytes, card: Card) -> None:
    """Put weights and card where older ones may stand, losing neither to a crash.

    The new card goes first and holds the previous one too; then the weights.
    """
    if weights_path.exists() and card_path(weights_path).exists():
        try:
            older = replace(read_saved(weights_path, "saved").card, previous=None)
            card = replace(card, previous=to_json(older))
        except BadWeights:
            card = replace(card, previous=None)
    write_card(weights_path, card)
    write_bytes(weights_path, data)


def _parse_card(path: Path, data: dict[str, Any]) -> Card:
    try:
        card = from_json(Card, data)
        find_model_info(card.spec.model)
        check_config(card.spec.train)
    except BadConfig as error:
        raise BadWeights(f"The card '{path}' is of another kind: {error}") from error
    if not card.calibration.temperature > 0:
        raise BadWeights(f"The card '{path}' holds a temperature that is not above 0.")
    fault = find_fault(card)
    if fault is not None:
        raise BadWeights(
            f"The card '{path}' contradicts itself: {fault}. Train the model again, or put "
            "the card back as it was."
        )
    return card


def _no_card(reason: str) -> BadWeights:
    return BadWeights(
        f"{reason}, so it is not known what these weights were trained on. "
        "Train the model again, or put its card beside it."
    )


def _damaged(path: Path) -> BadWeights:
    return BadWeights(
        f"'{path}' is damaged: its checksum is not the one on its card. Train the model again."
    )
