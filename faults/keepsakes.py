"""Everything the app keeps, as files that can be damaged, and how each is read again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from urbansound.article_tensors import write_tensors
from urbansound.dataset.index import load_dataset
from urbansound.dataset.lengths import kept_lengths, lengths_of
from urbansound.dataset.survey import load_survey
from urbansound.dataset.survey_store import read_kept, read_prints, survey_file
from urbansound.experiment.checkpoint import read_checkpoint, write_checkpoint
from urbansound.experiment.execute import execute
from urbansound.experiment.neighbours import embeddings_file, load_embeddings
from urbansound.features.cache import feature_files, kept_features, load_features
from urbansound.features.spec import LOGMEL, MFCC40
from urbansound.kept_arrays import read_checked
from urbansound.records import DatasetIndex, FeatureSpec, Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results
from urbansound.runs.saved import find_model
from urbansound.runs.store import create_run
from urbansound.runs.weights import card_path, load_weights, read_saved

N_CLASSES, N_FOLDS, RATE = 10, 10, 22050


@dataclass(frozen=True)
class Keepsake:
    """A kept file. `read` gives a digest of all that is used of it; None where it is not used."""

    name: str
    path: Path
    read: Callable[[], str | None]


@dataclass(frozen=True)
class World:
    """A small dataset with sound, a trained run, and the model saved of it."""

    index: DatasetIndex
    outputs: Path
    run: RunFolder

    @property
    def saved_path(self) -> Path:
        """The saved model's weights."""
        return self.outputs / "model1.pth"


def make_world(folder: Path) -> World:
    """Trained, measured and surveyed in `folder`, as a person's would be."""
    root = folder / "UrbanSound8K"
    write_sounds(root)
    outputs = folder / "outputs"
    protocol = Protocol("official", (10,), (9,))
    config = TrainConfig(epochs=3, batch_size=8, device="cpu")
    run = create_run(outputs, RunSpec(str(root), "model1", MFCC40, config, protocol))
    assert execute(run, outputs)
    index = load_dataset(root)
    load_features(index, LOGMEL, workers=1)
    load_survey(index)
    load_embeddings(index, find_model(outputs, "model1"))
    lengths_of(root, [clip.path for clip in index.clips], lengths_file(outputs))
    write_checkpoint(run, {"epoch": 3, "order": torch.arange(40)}, epoch=3)
    return World(index, outputs, run)


def lengths_file(outputs: Path) -> Path:
    """Where a folder of sounds would have its lengths kept."""
    return outputs / "lengths.json"


def write_sounds(root: Path) -> None:
    """40 tones of half a second in ten classes and folds, in the official layout."""
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for number in range(40):
        label, fold = number % N_CLASSES, number // 4 % N_FOLDS + 1
        name = f"{1000 + number}-{label}-0-0.wav"
        path = root / "audio" / f"fold{fold}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        time = np.arange(RATE // 2) / RATE
        tone = 0.3 * np.sin(2 * np.pi * (200 * 1.4**label + number) * time)
        soundfile.write(path, tone.astype(np.float32), RATE, subtype="PCM_16")
        rows.append(f"{name},{1000 + number},0.0,0.5,1,{fold},{label},class {label}")
    (root / "metadata").mkdir()
    (root / "metadata" / "UrbanSound8K.csv").write_text("\n".join(rows) + "\n")


def write_rows(folder: Path, n: int = 400) -> None:
    """A dataset of features alone, n rows, that trains in moments."""
    numbers = np.random.default_rng(0)
    labels = np.arange(n) % N_CLASSES
    folds = np.arange(n) * N_FOLDS // n + 1
    features = numbers.normal(size=(n, 40)) * 30 + labels[:, None] * 5
    folder.mkdir(parents=True)
    write_tensors(folder, features.astype(np.float32), labels, folds)


def keepsakes(world: World) -> list[Keepsake]:
    """Every kind of file that is read again before it is used."""
    run, index = world.run, world.index
    saved = find_model(world.outputs, "model1")
    weights, card = run.weights_path, card_path(run.weights_path)
    survey, embedded = survey_file(index), embeddings_file(index, saved)
    lengths = lengths_file(world.outputs)
    return [
        Keepsake("a run's weights", weights, lambda: weights_digest(weights)),
        Keepsake("what a run was to do", run.path / "run.json", lambda: spec_digest(run.path)),
        Keepsake("a run's card", card, lambda: weights_digest(weights)),
        Keepsake("a saved model", world.saved_path, lambda: weights_digest(world.saved_path)),
        Keepsake("its card", card_path(world.saved_path), lambda: weights_digest(world.saved_path)),
        Keepsake("a checkpoint", run.checkpoint_path, lambda: checkpoint_digest(run)),
        Keepsake("answers by clip", run.results_path, lambda: results_digest(run)),
        *_features(index, MFCC40),
        *_features(index, LOGMEL),
        Keepsake("a survey", survey, lambda: survey_digest(survey)),
        Keepsake("its prints", survey.with_suffix(".prints.npy"), lambda: survey_digest(survey)),
        Keepsake("lengths", lengths, lambda: digest(kept_lengths(lengths) or None)),
        Keepsake("embeddings", embedded, lambda: digest(read_checked(embedded))),
    ]


def _features(index: DatasetIndex, spec: FeatureSpec) -> list[Keepsake]:
    def read() -> str | None:
        table = kept_features(index, spec)
        return None if table is None else digest(vars(table))

    return [Keepsake(f"features: {path.name}", path, read) for path in feature_files(index, spec)]


def weights_digest(path: Path) -> str:
    """Of weights and card, as a classifier would be made of them; BadWeights."""
    saved = read_saved(path, "saved")
    return digest([load_weights(saved), saved.card])


def spec_digest(path: Path) -> str | None:
    """Of what the run in this folder was begun with; RunFailed."""
    return digest(vars(RunFolder(path).spec))


def checkpoint_digest(run: RunFolder) -> str | None:
    """Of what a resume would go on from."""
    state = read_checkpoint(run)
    return None if state is None else digest(state)


def results_digest(run: RunFolder) -> str | None:
    """Of what a run said of each clip."""
    results = read_results(run.results_path)
    return None if results is None else digest(vars(results))


def survey_digest(path: Path) -> str | None:
    """Of what is known of each clip's health, with the prints by which copies are found."""
    kept = read_kept(path)
    prints = None if kept is None else read_prints(path, kept)
    return None if kept is None or prints is None else digest([vars(kept), prints])


def digest(value: Any) -> str | None:
    """One text for one content, of arrays, tensors and plain values; None for None."""
    if value is None:
        return None
    hasher = hashlib.sha256()
    _feed(hasher, value)
    return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    if isinstance(value, torch.Tensor):
        value = value.numpy()
    if isinstance(value, np.ndarray):
        hasher.update(
            f"{value.dtype} {value.shape}".encode() + np.ascontiguousarray(value).tobytes()
        )
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            hasher.update(repr(key).encode())
            _feed(hasher, value[key])
    elif isinstance(value, list | tuple):
        for part in value:
            _feed(hasher, part)
    else:
        hasher.update(value if isinstance(value, bytes) else repr(value).encode())
