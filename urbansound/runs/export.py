"""Weights for use elsewhere, with what feeds them and reads them in a JSON beside."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from urbansound.errors import BadConfig
from urbansound.files import write_bytes, write_json
from urbansound.records import CLIP_S, to_json
from urbansound.runs.weights import SavedModel, load_weights

FORMATS = ("safetensors", "onnx")


def export_model(saved: SavedModel, folder: Path, file_format: str) -> Path:
    """Write the model into the folder, and how to use it as JSON beside it."""
    if file_format not in FORMATS:
        raise BadConfig(f"There is no format '{file_format}'. Choose {' or '.join(FORMATS)}.")
    path = folder / f"{saved.name}.{file_format}"
    recipe = _recipe(saved)
    write_bytes(path, _encode(saved, recipe, file_format))
    write_json(path.with_name(f"{path.name}.json"), recipe)
    return path


def _encode(saved: SavedModel, recipe: dict[str, Any], file_format: str) -> bytes:
    weights = load_weights(saved)
    metadata = {"urbansound": json.dumps(recipe)}
    if file_format == "onnx":
        from urbansound.runs.onnx_graph import onnx_bytes

        return onnx_bytes(weights, saved.card.calibration.temperature, metadata)
    from safetensors.torch import save

    return save(weights, metadata=metadata)


def _recipe(saved: SavedModel) -> dict[str, Any]:
    """How to make the inputs, and what the outputs are called."""
    card = saved.card
    return {
        "model": saved.name,
        "labels": list(card.class_names),
        "features": asdict(card.spec.features),
        "seconds": CLIP_S,
        "temperature": card.calibration.temperature,
        "not_sure_below": card.calibration.threshold,
        "probabilities": "softmax(last linear layer, before its activation / temperature)",
        "card": to_json(card),
    }
