"""Train the mlp and the cnn that ship, on the sound of real clips.

    python -m benchmarks.ship_networks --clips ROOT [--only cnn] [--work DIR]

ROOT is an UrbanSound8K root. One fold after the other is left out of a training by the
model's own preset, with epochs fixed beforehand; what these trainings say of the clips they
never heard gives the scores on the card, the temperature, the threshold of "not sure" and
the distance beyond which a sound is strange. Then the weights that ship learn from all
folds. Printed besides: what calibration and threshold are worth on a fold that was not used
to fit them, and what is said of sounds that are none of the classes. --work keeps the
trainings, so that a second call goes on where the first one was ended.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.strange_sounds import strange_sounds
from urbansound.dataset.index import load_dataset
from urbansound.evaluation.calibration import fit_calibration, kept_share_and_precision
from urbansound.evaluation.metrics import pool_scores
from urbansound.evaluation.novelty import fit_max_distance
from urbansound.evaluation.protocol import build_protocol
from urbansound.evaluation.reliability import measure_reliability
from urbansound.experiment.answers import Answers, ask
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import Material, features_for, load_material
from urbansound.files import write_bytes
from urbansound.inference.classify import Classifier, restore_network
from urbansound.models.probability import tempered_probabilities
from urbansound.paths import PRETRAINED
from urbansound.records import Calibration, Card, DatasetIndex, FoldScores, Protocol, RunSpec
from urbansound.runs.weights import SavedModel, parse_weights, read_saved, seal, write_card
from urbansound.training.config import PRESETS

MODELS = ("mlp", "cnn")
LIMITS = (
    "Trained on real clips of UrbanSound8K (CC BY-NC 3.0), folds {folds}. Its scores are those of "
    "trainings by the same settings that left each of these folds out in turn."
)


def main() -> None:
    """Train, judge and write the shipped weights with their cards."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--only", choices=MODELS)
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the trainings are kept")
    args = parser.parse_args()
    index = load_dataset(args.clips)
    with tempfile.TemporaryDirectory() as temporary:
        work = args.work or Path(temporary)
        for model in [args.only] if args.only else MODELS:
            ship(model, index, work)


def ship(model: str, index: DatasetIndex, work: Path) -> None:
    """One model: a training without each fold, then one with all."""
    protocols = {
        fold: build_protocol(index.folds, test_fold=fold, with_validation=False)
        for fold in index.folds
    }
    kept = {fold: _trained(model, index, protocol, work) for fold, protocol in protocols.items()}
    heard = {fold: _answers(saved, index) for fold, saved in kept.items()}
    _print_calibration(model, heard)
    everything = Protocol("official", (), ())
    final = _trained(model, index, everything, work)
    card = replace(
        final.card,
        run_id="shipped",
        spec=replace(final.card.spec, dataset=index.name),
        test=pool_scores([_test(saved).scores for saved in kept.values()], _n_recordings(heard)),
        folds=tuple(_test(saved) for saved in kept.values()),
        calibration=_calibration(heard, list(heard)),
        limits=f"{final.card.limits} {LIMITS.format(folds=', '.join(map(str, index.folds)))}",
    )
    data = final.weights_path.read_bytes()
    write_card(PRETRAINED / f"{model}.pth", seal(card, data))
    write_bytes(PRETRAINED / f"{model}.pth", data)
    _print_strange(card, final)


def _trained(model: str, index: DatasetIndex, protocol: Protocol, work: Path) -> SavedModel:
    """A training under this protocol, from `work` where it was done before."""
    name = f"{model}-without-{'-'.join(map(str, protocol.test_folds)) or 'nothing'}"
    path = work / f"{name}.pth"
    if not path.exists():
        features = features_for(model, index)
        spec = RunSpec(str(index.root), model, features, PRESETS[model], protocol)
        trained = train_material(spec, load_material(spec), run_id=name)
        assert trained is not None  # Nothing here asks it to stop.
        write_card(path, trained.card)
        write_bytes(path, trained.data)
    return read_saved(path, "run")


def _test(saved: SavedModel) -> FoldScores:
    protocol, test = saved.card.spec.protocol, saved.card.test
    assert test is not None
    return FoldScores(protocol.test_folds[0], protocol.validation_folds, test)


class Heard:
    """What a training said of the fold that it never heard."""

    def __init__(self, answers: Answers, material: Material) -> None:
        self.logits = answers.logits
        self.distances = answers.distances
        self.labels = material.table.labels[answers.rows]
        self.recordings = material.recordings[answers.rows]


def _answers(saved: SavedModel, index: DatasetIndex) -> Heard:
    material = load_material(replace(saved.card.spec, dataset=str(index.root)))
    weights = parse_weights(saved.weights_path.read_bytes(), saved.weights_path)
    network = restore_network(saved.card, weights)
    return Heard(ask(network, material.table, material.split.test), material)


def _calibration(heard: dict[int, Heard], folds: list[int]) -> Calibration:
    """Fitted on what was said of these folds."""
    parts = [heard[fold] for fold in folds]
    fitted = fit_calibration(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.recordings for part in parts]),
    )
    distances = [part.distances for part in parts if part.distances is not None]
    return replace(fitted, max_distance=fit_max_distance(np.concatenate(distances)))


def _n_recordings(heard: dict[int, Heard]) -> int:
    return len(np.unique(np.concatenate([part.recordings for part in heard.values()])))


def _print_calibration(model: str, heard: dict[int, Heard]) -> None:
    """Each fold by the temperature and threshold that the other folds gave."""
    print(f"\n{model}\n\n| fold | right | ECE | kept as sure | right of these | threshold |")
    print("| --- | --- | --- | --- | --- | --- |")
    pooled: list[tuple[NDArray[np.float32], NDArray[np.int64]]] = []
    sure: list[NDArray[np.bool_]] = []
    for fold, part in heard.items():
        fitted = _calibration(heard, [other for other in heard if other != fold])
        chances = tempered_probabilities(part.logits, fitted.temperature)
        pooled.append((chances, part.labels))
        sure.append(chances.max(axis=1) >= fitted.threshold)
        _print_row(f"{fold}", chances, part.labels, fitted.threshold)
    chances, labels = (np.concatenate(parts) for parts in zip(*pooled, strict=True))
    is_sure = np.concatenate(sure)
    is_right = chances.argmax(axis=1) == labels
    print(
        f"| all | {_percent(is_right.mean())} | {measure_reliability(chances, labels).ece:.3f} "
        f"| {_percent(is_sure.mean())} | {_percent(is_right[is_sure].mean())} | |",
        flush=True,
    )


def _print_row(
    name: str, chances: NDArray[np.float32], labels: NDArray[np.int64], threshold: float
) -> None:
    share, precision = kept_share_and_precision(chances, labels, threshold)
    right = (chances.argmax(axis=1) == labels).mean()
    ece = measure_reliability(chances, labels).ece
    of_these = "-" if precision is None else _percent(precision)
    print(
        f"| {name} | {_percent(right)} | {ece:.3f} | {_percent(share)} | {of_these} "
        f"| {threshold:.2f} |",
        flush=True,
    )


def _print_strange(card: Card, saved: SavedModel) -> None:
    """What is said of sounds that are none of the classes."""
    weights = parse_weights(saved.weights_path.read_bytes(), saved.weights_path)
    classifier = Classifier(card, weights)
    print("\n| sound | silence | not sure | of these strange | given a name |")
    print("| --- | --- | --- | --- | --- |")
    for kind, said in _answers_by_kind(classifier):
        cells = [_percent(np.mean(column)) for column in zip(*said, strict=True)]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def _answers_by_kind(classifier: Classifier) -> Iterator[tuple[str, list[tuple[bool, ...]]]]:
    said: dict[str, list[tuple[bool, ...]]] = {}
    for kind, sound in strange_sounds():
        prediction = classifier.classify(sound).prediction
        verdict = prediction.verdict
        row = (verdict == "silence", verdict == "not_sure", prediction.is_strange, not verdict)
        said.setdefault(kind, []).append(row)
    yield from said.items()


def _percent(share: float | np.floating) -> str:
    return f"{100 * share:.0f} %"


if __name__ == "__main__":
    main()
