"""Which runs the saved models of this computer come from."""

from pathlib import Path

from urbansound.errors import UrbanSoundError
from urbansound.models.catalog import MODELS
from urbansound.runs.saved import find_model


def used_run_ids(outputs: Path) -> set[str]:
    """The ids of the runs whose weights Classify uses; damaged models are left out."""
    used = set()
    for name in MODELS:
        try:
            saved = find_model(outputs, name)
        except UrbanSoundError:
            continue
        if saved.source == "saved":
            used.add(saved.card.run_id)
    return used
