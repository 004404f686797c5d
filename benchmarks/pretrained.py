"""Train the models that ship, on the MFCCs of all clips and the sound of some.

    python -m benchmarks.pretrained --features FILE.npz --clips ROOT [--judge]

FILE.npz holds features, labels and folds of all 8,732 clips of UrbanSound8K, computed by
an older librosa; ROOT holds the sound of some of them. The older features differ from this
app's, mostly in the highest mel bands. Clips of which both are known give samples of that
difference, and training adds such samples to the older features, so that the models do
well on features this app computes.

--judge trains nothing to keep: it leaves one fold after the other out of everything and
scores it. Fold 10
is read once, for the scores on the cards.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from urbansound.dataset.index import load_dataset
from urbansound.dataset.tensors import import_npz
from urbansound.evaluation.protocol import split_rows
from urbansound.experiment.answers import ask
from urbansound.experiment.fitting import Trained, train_material
from urbansound.experiment.material import Material
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.files import write_bytes
from urbansound.models.build import restore_model
from urbansound.paths import PRETRAINED
from urbansound.records import (
    DatasetIndex,
    FeatureTable,
    Protocol,
    RunSpec,
    Split,
    TrainConfig,
)
from urbansound.runs.weights import parse_weights, write_card

MODELS = ("model1", "model2")
VALIDATION_FOLD, TEST_FOLD = 9, 10
JUDGED_FOLDS = range(1, 9)
N_COPIES = 32
MAX_GAIN_DB = 12.0
NOISE = 0.3
TRAIN = TrainConfig(epochs=4, batch_size=128, device="cpu")
NAIVE = TrainConfig(epochs=50, batch_size=128, device="cpu")
LIMITS = (
    "Trained on mean MFCCs of UrbanSound8K (CC BY-NC 3.0) from an older librosa, with sampled "
    "differences to this app's own features, levels up to 12 dB higher or lower, and mixtures. "
    "The test score is on fold 10 of the older features."
)


@dataclass(frozen=True, eq=False)
class Sources:
    """The older features of all clips, and this app's own of some."""

    index: DatasetIndex
    older: FeatureTable
    own: FeatureTable


@dataclass(frozen=True, eq=False)
class Differences:
    """Own minus older features [n, n_mfcc] of the clips that have both, and their folds [n]."""

    values: NDArray[np.float32]
    folds: NDArray[np.int64]

    def without(self, fold: int) -> "Differences":
        """Those of the other folds' clips."""
        is_other = self.folds != fold
        return Differences(self.values[is_other], self.folds[is_other])


def main() -> None:
    """Judge, or train and write the shipped weights with their cards."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--features", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--judge", action="store_true", help="leave a fold out and score it")
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    args = parser.parse_args()
    sources = read_sources(args.features, args.clips)
    differences = find_differences(sources)
    for model in MODELS:
        if args.judge:
            judge(model, sources, differences, args.seeds)
        else:
            ship(model, sources, differences, args.seeds)


def read_sources(features: Path, clips: Path) -> Sources:
    """Both feature tables; the clips' own are extracted, and cached beside them."""
    with tempfile.TemporaryDirectory() as folder:
        index = import_npz(features, Path(folder))
        older = load_features(index, MFCC40)
    return Sources(index, older, load_features(load_dataset(clips), MFCC40))


def find_differences(sources: Sources) -> Differences:
    """Own minus older features, clips paired by distance within their fold and class."""
    older, own = sources.older, sources.own
    scale = older.features.std(axis=0)
    rows = np.zeros(len(own.labels), dtype=np.int64)
    for fold, label in sorted(set(zip(own.folds.tolist(), own.labels.tolist(), strict=True))):
        ours = np.flatnonzero((own.folds == fold) & (own.labels == label))
        theirs = np.flatnonzero((older.folds == fold) & (older.labels == label))
        distances = cdist(own.features[ours] / scale, older.features[theirs] / scale)
        from_ours, from_theirs = linear_sum_assignment(distances)
        rows[ours[from_ours]] = theirs[from_theirs]
    return Differences(own.features - older.features[rows], own.folds)


def judge(model: str, sources: Sources, differences: Differences, n_seeds: int) -> None:
    """Print how folds are classified that no training, difference or choice has seen.

    Own features exist where there is sound; "shifted" are older features with differences
    drawn from the other folds.
    """
    for name, config in (("older features only", NAIVE), ("as shipped", TRAIN)):
        scores = []
        for held in JUDGED_FOLDS:
            for seed in range(n_seeds):
                spec = RunSpec("", model, MFCC40, replace(config, seed=seed), _leaving_out(held))
                is_varied = config is TRAIN
                scores.append((held, *_held_out_scores(spec, sources, differences, is_varied)))
        _print_scores(f"{model}, {name}", np.array(scores))


def _leaving_out(fold: int) -> Protocol:
    return Protocol("official", (fold,), (VALIDATION_FOLD,))


def _held_out_scores(
    spec: RunSpec, sources: Sources, differences: Differences, is_varied: bool
) -> list[float]:
    """Accuracy on the test fold's older, shifted and own features; nan without sound."""
    held = spec.protocol.test_folds[0]
    others = differences.without(held)
    table = _rows_of(sources.older, sources.older.folds != TEST_FOLD)
    material = Material(sources.index, table, split_rows(table.folds, spec.protocol))
    if is_varied:
        material = augment(material, others, spec.train.seed)
    trained = _trained(spec, material)
    older = _rows_of(sources.older, sources.older.folds == held)
    drawn = _drawn(others, len(older.labels), np.random.default_rng(0))
    shifted = replace(older, features=older.features + drawn)
    own = _rows_of(sources.own, sources.own.folds == held)
    return [_accuracy(trained, rows, sources.index) for rows in (older, shifted, own)]


def _print_scores(title: str, scores: NDArray[np.float64]) -> None:
    """One line; scores [n, 4] are fold and accuracies on older, shifted and own features."""
    _, older, shifted, _ = 100 * scores.mean(axis=0)
    own = [
        f"fold {fold} {100 * scores[scores[:, 0] == fold, 3].mean():.1f}"
        for fold in JUDGED_FOLDS
        if not np.isnan(scores[scores[:, 0] == fold, 3]).any()
    ]
    print(
        f"{title}: older {older:.1f} %, shifted {shifted:.1f} %, own: {', '.join(own)}", flush=True
    )


def ship(model: str, sources: Sources, differences: Differences, n_seeds: int) -> None:
    """Write the weights of the seed with the lowest validation loss, and their card."""
    protocol = Protocol("official", (TEST_FOLD,), (VALIDATION_FOLD,))
    plain = Material(sources.index, sources.older, split_rows(sources.older.folds, protocol))
    candidates = []
    for seed in range(n_seeds):
        spec = RunSpec("UrbanSound8K", model, MFCC40, replace(TRAIN, seed=seed), protocol)
        candidates.append(_trained(spec, augment(plain, differences, seed), run_id="shipped"))
    best = min(candidates, key=_validation_loss)
    card = replace(best.card, n_train=len(plain.split.train), limits=f"{best.card.limits} {LIMITS}")
    write_card(PRETRAINED / f"{model}.pth", card)
    write_bytes(PRETRAINED / f"{model}.pth", best.data)
    assert card.validation is not None
    assert card.test is not None
    print(
        f"{model}: seed {card.spec.train.seed}, epoch {card.epoch}, validation "
        f"{100 * card.validation.accuracy:.1f} %, test {100 * card.test.accuracy:.1f} %",
        flush=True,
    )


def augment(material: Material, differences: Differences, seed: int) -> Material:
    """The material with many varied copies of each training row, and shifted validation rows.

    Test rows stay as they are. The copies stand first in the new table.
    """
    generator = np.random.default_rng(seed)
    table, split = material.table, material.split
    varied = list(_varied_copies(table, split.train, differences, generator))
    n_train = N_COPIES * len(split.train)
    n_validation, n_test = len(split.validation), len(split.test)
    rest = np.concatenate([split.validation, split.test])
    features = table.features[rest].copy()
    features[:n_validation] += _drawn(differences, n_validation, generator)
    order = np.arange(n_train + n_validation + n_test)
    return Material(
        material.index,
        replace(
            table,
            features=np.concatenate([*(rows for rows, _ in varied), features]),
            labels=np.concatenate([*(labels for _, labels in varied), table.labels[rest]]),
            folds=np.concatenate([np.tile(table.folds[split.train], N_COPIES), table.folds[rest]]),
            clip_numbers=np.concatenate([np.tile(split.train, N_COPIES), rest]),
        ),
        Split(*np.split(order, [n_train, n_train + n_validation])),
    )


def _varied_copies(
    table: FeatureTable,
    rows: NDArray[np.int64],
    differences: Differences,
    generator: np.random.Generator,
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Rows with a difference, a gain and noise each, mixed in pairs; and their labels.

    Mixup (Zhang et al., 2018) with drawn labels: a mixture bears either label, as often as
    its share says, which in the mean is the same loss as with mixed labels.
    """
    deviation = table.features[rows].std(axis=0)
    for _ in range(N_COPIES):
        copies = table.features[rows] + _drawn(differences, len(rows), generator)
        copies[:, 0] += _gain_in_first_coefficient(len(rows), generator)
        copies += NOISE * deviation * generator.standard_normal(copies.shape)
        partner = generator.permutation(len(rows))
        share = generator.uniform(0, 0.5, (len(rows), 1))
        is_partner = generator.random(len(rows)) < share[:, 0]
        mixed = (1 - share) * copies + share * copies[partner]
        labels = np.where(is_partner, table.labels[rows][partner], table.labels[rows])
        yield mixed.astype(np.float32), labels


def _gain_in_first_coefficient(n: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """What random gains do to n clips: g dB on each of n_mels bands add g * sqrt(n_mels)."""
    gains: NDArray[np.float64] = generator.uniform(-MAX_GAIN_DB, MAX_GAIN_DB, n)
    return gains * float(np.sqrt(MFCC40.n_mels))


def _drawn(differences: Differences, n: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """n differences, drawn with replacement, [n, n_mfcc].

    Never drawn by class: a class's few recordings would leave their mark as a hint.
    """
    return differences.values[generator.integers(len(differences.values), size=n)]


def _trained(spec: RunSpec, material: Material, run_id: str = "") -> Trained:
    trained = train_material(spec, material, run_id=run_id)
    assert trained is not None  # Nothing here asks it to stop.
    return trained


def _validation_loss(trained: Trained) -> float:
    assert trained.card.validation is not None
    return trained.card.validation.loss


def _accuracy(trained: Trained, table: FeatureTable, index: DatasetIndex) -> float:
    """The share of the table's rows that is classified right; nan without rows."""
    if not len(table.labels):
        return float("nan")
    names = index.class_names
    weights = parse_weights(trained.data, Path("model.pth"))
    model = restore_model(trained.card.spec.model, weights, len(names), MFCC40.n_mfcc)
    answers = ask(model, table, np.arange(len(table.labels)))
    return float((answers.logits.argmax(axis=1) == table.labels).mean())


def _rows_of(table: FeatureTable, is_wanted: NDArray[np.bool_]) -> FeatureTable:
    return replace(
        table,
        features=table.features[is_wanted],
        labels=table.labels[is_wanted],
        folds=table.folds[is_wanted],
        clip_numbers=table.clip_numbers[is_wanted],
    )


if __name__ == "__main__":
    main()
