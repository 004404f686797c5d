"""A run's weights to take elsewhere, with what feeds and reads them."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from urbansound.records import Card
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import run_model
from urbansound.runs.weights import card_path

_TITLES = {"onnx": "ONNX", "safetensors": "safetensors"}


def export_button(run: RunFolder, card: Card) -> None:
    """[Export]: as ONNX, as safetensors, as PyTorch's own file, and the card alone."""
    with st.popover("Export", icon=":material/download:", key="runs_export"):
        if card.sha256:
            st.markdown("The weights, with a JSON that says how to feed and read them.")
            for file_format, title in _TITLES.items():
                _download(title, partial(export_zip, run, file_format), f"{file_format}.zip", run)
            _download("PyTorch", run.weights_path.read_bytes, "pth", run)
        _download("Card", card_path(run.weights_path).read_bytes, "json", run)


def _download(label: str, data: Callable[[], bytes], suffix: str, run: RunFolder) -> None:
    st.download_button(
        label,
        data=data,
        file_name=f"{run.spec.model}.{suffix}",
        key=f"runs_download_{suffix}",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def export_zip(run: RunFolder, file_format: str) -> bytes:
    """The exported weights and the JSON beside them, in one ZIP."""
    from urbansound.runs.export import export_model

    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        export_model(run_model(run), Path(folder), file_format)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
    return buffer.getvalue()
