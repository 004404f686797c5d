"""A look over the installation: device, versions, data, write rights."""

import importlib.metadata
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from urbansound.audio.decoders import decoder_versions, too_old, version_text
from urbansound.dataset.index import default_root, load_dataset
from urbansound.errors import UrbanSoundError
from urbansound.runs.saved import list_models
from urbansound.training.device import choose_device, device_title

LIBRARIES = ("torch", "streamlit", "librosa", "numpy", "pandas", "matplotlib", "soundfile", "av")


def examine(data: Path | None, outputs: Path) -> list[dict[str, Any]]:
    """Findings as {what, ok, message}, in the order a person would ask."""
    return [
        {"what": what, "ok": is_ok, "message": message}
        for what, is_ok, message in _findings(data, outputs)
    ]


def _findings(data: Path | None, outputs: Path) -> Iterator[tuple[str, bool, str]]:
    yield "device", True, device_title(choose_device("auto"))
    missing = [name for name in LIBRARIES if not _version(name)]
    versions = ", ".join(f"{name} {_version(name) or 'missing'}" for name in LIBRARIES)
    yield "versions", not missing, f"Python {platform.python_version()}, {versions}"
    if not missing:
        yield "decoders", *_decoder_finding()
    yield "data", *_data_finding(data)
    yield "outputs", *_write_finding(outputs)
    models, damaged = list_models(outputs)
    names = ", ".join(model.key for model in models) or "none"
    yield "models", not damaged, "; ".join(str(error) for error in damaged) or names


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _decoder_finding() -> tuple[bool, str]:
    versions = decoder_versions()
    known = ", ".join(f"{name} {version_text(version)}" for name, version in versions.items())
    old = too_old(versions)
    return not old, " ".join(old) or known


def _data_finding(data: Path | None) -> tuple[bool, str]:
    root = data or default_root()
    if root is None:
        return True, "no dataset yet; 'python -m urbansound demo' makes one in seconds"
    try:
        index = load_dataset(root)
    except UrbanSoundError as error:
        return False, str(error)
    n_classes = len(index.class_names)
    return True, f"{index.name}, {len(index.clips)} clips of {n_classes} classes in '{root}'"


def _write_finding(outputs: Path) -> tuple[bool, str]:
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=outputs) as file:
            file.write(b"x")
    except OSError as error:
        return False, f"'{outputs}' cannot be written to: {error.strerror}"
    return True, f"'{outputs}' can be written to"
