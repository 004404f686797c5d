"""Weights for use elsewhere, with what feeds them and reads them in a JSON beside."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from urbansound.errors import BadConfig
from urbansound.files import write_bytes, write_json
from urbansound.records import to_json
from urbansound.runs.weights import SavedModel, load_weights

FORMATS = ("safetensors",)


def export_model(saved: SavedModel, folder: Path, file_format: str) -> Path:
    """Write the saved model as safetensors into the folder; BadConfig for another format."""
    if file_format not in FORMATS:
        raise BadConfig(f"Weights cannot be written as {file_format} yet. Choose safetensors.")
    from safetensors.torch import save

    path = folder / f"{saved.name}.{file_format}"
    recipe = _recipe(saved)
    weights = load_weights(saved)
    write_bytes(path, save(weights, metadata={"urbansound": json.dumps(recipe)}))
    write_json(path.with_suffix(".json"), recipe)
    return path


def _recipe(saved: SavedModel) -> dict[str, Any]:
    """How to make the inputs, and what the outputs are called."""
    card = saved.card
    return {
        "model": saved.name,
        "labels": list(card.class_names),
        "features": asdict(card.spec.features),
        "temperature": card.calibration.temperature,
        "not_sure_below": card.calibration.threshold,
        "probabilities": "softmax(last linear layer before its activation / temperature)",
        "card": to_json(card),
    }
