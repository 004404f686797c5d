"""About how long a training will take, by the pace of earlier ones on this computer."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from urbansound.features.cache import feature_files
from urbansound.models.catalog import MODELS
from urbansound.records import DatasetIndex, RunSpec
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import list_runs
from urbansound.ui.run_folds import pace_of
from urbansound.ui.words import seconds_text

START_S = 3.0
# Training clips a second on four cores of a plain computer, until a run has shown better.
USUAL_PACE = {"model1": 80_000.0, "model2": 15_000.0, "mlp": 20_000.0, "cnn": 120.0}
# Ten small networks stacked into one learn so much faster than one after the other.
_STACKED_GAIN = 3.0
_EXTRACTED_PER_S = {True: 1000.0, False: 400.0}
_LATEST = 20


def time_text(specs: list[RunSpec], index: DatasetIndex, outputs: Path) -> str:
    """ "about 4 min" for these trainings one after the other."""
    total_s = sum(_training_s(spec, len(index.clips), outputs) for spec in specs)
    total_s += _extraction_s(specs[0], index)
    if total_s < 10:
        return "a few seconds"
    if total_s < 90:
        return f"about {round(total_s, -1):.0f} s"
    return f"about {seconds_text(total_s)}"


def _training_s(spec: RunSpec, n_clips: int, outputs: Path) -> float:
    n_networks = max(len(spec.folds), 1)
    n_train = n_clips * _train_share(spec)
    return START_S + n_networks * n_train * spec.train.epochs / clips_per_s(spec, outputs)


def _train_share(spec: RunSpec) -> float:
    """The share of all clips that one training learns from, roughly."""
    return max(1 - 2 / len(spec.folds), 0.5) if spec.is_crossval else 0.8


def _extraction_s(spec: RunSpec, index: DatasetIndex) -> float:
    if not index.has_audio or all(path.exists() for path in feature_files(index, spec.features)):
        return 0.0
    return len(index.clips) / _EXTRACTED_PER_S[MODELS[spec.model].is_perceptron]


def clips_per_s(spec: RunSpec, outputs: Path) -> float:
    """Training clips a second, of the latest run of this kind, else a guess."""
    for run in list_runs(outputs)[:_LATEST]:
        if run.spec.model == spec.model and run.spec.is_crossval == spec.is_crossval:
            pace = _pace(run, _stamp(run))
            if pace:
                return pace
    is_stacked = spec.is_crossval and MODELS[spec.model].is_perceptron
    return USUAL_PACE[spec.model] * (_STACKED_GAIN if is_stacked else 1.0)


def _stamp(run: RunFolder) -> float:
    """Changes when the run's card comes: until then its pace may still settle."""
    path = run.results_path
    return path.stat().st_mtime if path.exists() else 0.0


@lru_cache(maxsize=256)
def _pace(run: RunFolder, stamp: float) -> float:
    """A finished run's pace; 0 for one that is not."""
    if not stamp:
        return 0.0
    events = run.events()
    started: dict[str, Any] = next((e for e in reversed(events) if e["event"] == "started"), {})
    together = bool(started.get("together"))
    pace_s = pace_of(events, together)
    at_once = len(run.spec.folds) if together else 1
    return float(started.get("n_train", 0)) * at_once / pace_s if pace_s else 0.0
