"""The networks on real clips of folds that none of them heard: one table.

    python -m benchmarks.networks --clips ROOT [--seeds N] [--only cnn,model2]
        [--ablate] [--epochs N]

ROOT is an UrbanSound8K root with folds 1, 2 and 3, or parts of them. Every network learns
from folds 1 and 3 and is tested on fold 2, then learns from 2 and 3 and is tested on 1,
with epochs fixed beforehand and nothing chosen on the tested fold. model2 learns by its own
preset, SB-CNN by its published recipe, mlp and cnn by theirs. --ablate leaves one choice of
the cnn out at a time; it is tested on fold 3, the one that these choices were made on.
--epochs are the cnn's.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import sb_cnn
from urbansound.dataset.index import load_dataset
from urbansound.evaluation.metrics import score_probabilities
from urbansound.evaluation.protocol import build_protocol, split_rows
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import features_for, load_material
from urbansound.features.cache import load_features
from urbansound.models import cnn
from urbansound.models.catalog import MODELS
from urbansound.records import DatasetIndex, RunSpec, Scores, TrainConfig
from urbansound.training import variation
from urbansound.training.config import PRESETS
from urbansound.worker_pool import n_cores

TESTED_FOLDS = (2, 1)
CHOOSING_FOLDS = (3,)
SB_CNN_EPOCHS = 20
PUBLISHED = {"sb-cnn": "SB-CNN, its published recipe"}


@dataclass(frozen=True)
class Trial:
    """One network trained by one recipe: what it scores on a fold that it never heard."""

    title: str
    n_parameters: int
    score: Callable[[DatasetIndex, int, int], Scores]


def main() -> None:
    """Print the table as Markdown, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--seeds", type=int, default=1, metavar="N")
    parser.add_argument("--only", metavar="NAMES", help="some networks, with commas")
    parser.add_argument("--epochs", type=int, default=PRESETS["cnn"].epochs, metavar="N")
    parser.add_argument("--ablate", action="store_true", help="leave out one choice at a time")
    args = parser.parse_args()
    index = load_dataset(args.clips)
    preset = replace(PRESETS["cnn"], epochs=args.epochs)
    trials = dict(ablations(preset) if args.ablate else networks(preset))
    folds = CHOOSING_FOLDS if args.ablate else TESTED_FOLDS
    wanted = args.only.split(",") if args.only else list(trials)
    columns = [f"tested on fold {fold}" for fold in folds]
    print(f"| network | parameters | {' | '.join(columns)} | mean | macro F1 | minutes |")
    print("| --- | --- |" + " --- |" * (len(columns) + 3))
    for name in wanted:
        print(table_row(trials[name], index, folds, args.seeds), flush=True)


def table_row(trial: Trial, index: DatasetIndex, folds: Sequence[int], n_seeds: int) -> str:
    """Accuracy on each tested fold, mean over seeds, and their mean."""
    started = time.perf_counter()
    scores = [[trial.score(index, fold, seed) for seed in range(n_seeds)] for fold in folds]
    minutes = (time.perf_counter() - started) / 60
    by_fold = [statistics.fmean(one.accuracy for one in fold) for fold in scores]
    macro_f1 = statistics.fmean(one.macro_f1 for fold in scores for one in fold)
    cells = [f"{100 * accuracy:.1f} %" for accuracy in (*by_fold, statistics.fmean(by_fold))]
    return (
        f"| {trial.title} | {trial.n_parameters:,} | {' | '.join(cells)} | {100 * macro_f1:.1f} % "
        f"| {minutes:.1f} |"
    )


def networks(preset: TrainConfig) -> Iterator[tuple[str, Trial]]:
    """The article's better network, the published one, and ours."""
    yield "model2", own_trial("model2", MODELS["model2"].title, PRESETS["article"])
    title = PUBLISHED["sb-cnn"]
    yield "sb-cnn", Trial(title, sb_cnn.N_PARAMETERS, score_sb_cnn)
    yield "mlp", own_trial("mlp", "mlp", PRESETS["mlp"])
    yield "cnn", own_trial("cnn", "cnn", preset)


def own_trial(model: str, title: str, config: TrainConfig) -> Trial:
    """A model of this app, by some settings."""
    info = MODELS[model]
    n_features = {"article": 40, "mlp": 160, "cnn": 64}[info.kind]
    return Trial(title, info.n_parameters(n_features), partial(score_own, model, config))


def score_own(model: str, config: TrainConfig, index: DatasetIndex, fold: int, seed: int) -> Scores:
    """Train on the other folds, all epochs, and score this one."""
    protocol = build_protocol(index.folds, test_fold=fold, with_validation=False)
    features = features_for(model, index)
    spec = RunSpec(
        str(index.root), model, features, replace(config, seed=seed), replace(protocol, seed=seed)
    )
    trained = train_material(spec, load_material(spec))
    assert trained is not None
    assert trained.card.test is not None
    return trained.card.test


def score_sb_cnn(index: DatasetIndex, fold: int, seed: int) -> Scores:
    """The same for the published network and recipe."""
    table = load_features(index, sb_cnn.SPEC)
    protocol = build_protocol(index.folds, test_fold=fold, with_validation=False)
    split = split_rows(table.folds, protocol)
    model = sb_cnn.train_sb_cnn(
        table.features,
        table.labels,
        split.train,
        seed=seed,
        epochs=SB_CNN_EPOCHS,
        n_threads=n_cores(),
    )
    tested: NDArray[np.float16] = table.features[split.test]
    probabilities = sb_cnn.predict(model, tested)
    return score_probabilities(probabilities, table.labels[split.test], index.class_names)


def ablations(preset: TrainConfig) -> Iterator[tuple[str, Trial]]:
    """The cnn with everything, then without one thing each."""
    yield "all", own_trial("cnn", "everything", preset)
    settings: Mapping[str, TrainConfig] = {
        "mixup": replace(preset, mixup=0.0),
        "averaged weights": replace(preset, average=0.0),
        "one-cycle": replace(preset, schedule="constant", lr=1e-3),
        "any variation": replace(preset, augment=False),
    }
    for what, config in settings.items():
        yield what, own_trial("cnn", f"without {what}", config)
    without_levels = own_trial("cnn", "without the levels' voice", preset)
    yield "levels", replace(without_levels, score=partial(score_one_voice, without_levels))
    for what, name in (
        ("time shift", "roll_in_time"),
        ("filter", "filter_randomly"),
        ("mixed levels", "mix_band_levels"),
        ("masks", "mask"),
    ):
        trial = own_trial("cnn", f"without {what}", preset)
        yield what, replace(trial, score=partial(score_without, name, trial))


def score_without(name: str, trial: Trial, index: DatasetIndex, fold: int, seed: int) -> Scores:
    """The trial's score with one of the variations taken away."""
    kept = getattr(variation, name)
    setattr(variation, name, lambda spectrograms, random: spectrograms)
    try:
        return trial.score(index, fold, seed)
    finally:
        setattr(variation, name, kept)


def score_one_voice(trial: Trial, index: DatasetIndex, fold: int, seed: int) -> Scores:
    """The trial's score where only the convolutions are heard."""
    kept = cnn.LEVELS_SHARE
    cnn.LEVELS_SHARE = 0.0
    try:
        return trial.score(index, fold, seed)
    finally:
        cnn.LEVELS_SHARE = kept


if __name__ == "__main__":
    main()
