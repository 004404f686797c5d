"""The article's two networks under both protocols: the table of docs/from-the-article.md.

    python -m benchmarks.article_scores --data DIR [--table UrbanSound8K.csv]

DIR is an UrbanSound8K root or a folder with the article's three tensors. The table adds the
share of a random split's test clips whose recording was trained on.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from urbansound.dataset.table import read_table
from urbansound.evaluation.intervals import mean_and_deviation
from urbansound.evaluation.protocol import crossval_protocol, split_rows
from urbansound.experiment.crossval import FoldHooks, cross_validate, fold_scores
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.models.catalog import MODELS
from urbansound.records import Protocol, RunSpec
from urbansound.training.config import PRESETS

ARTICLE = ("model1", "model2")
SEEDS = range(5)


def official(spec: RunSpec) -> tuple[float, float]:
    """Mean accuracy over ten folds, nine training, last epoch, and the deviation over folds."""
    folds = tuple(range(1, 11))
    protocol = crossval_protocol(folds, folds, with_validation=False)
    crossval = replace(spec, protocol=protocol, folds=folds)
    accuracies: list[float] = []
    hooks = FoldHooks(
        on_fold=lambda fold, trained: accuracies.append(fold_scores(trained).scores.accuracy)
    )
    cross_validate(crossval, load_material(crossval), hooks)
    return mean_and_deviation(accuracies)


def random_split(spec: RunSpec) -> tuple[float, float]:
    """Mean test accuracy over seeds of the random split, and the deviation over seeds."""
    material = load_material(replace(spec, protocol=Protocol("random", (), ())))
    accuracies = []
    for seed in SEEDS:
        protocol = Protocol("random", (), (), seed)
        seeded = replace(spec, protocol=protocol, train=replace(spec.train, seed=seed))
        trained = train_material(seeded, material.under(protocol))
        assert trained is not None
        assert trained.card.test is not None
        accuracies.append(trained.card.test.accuracy)
    return mean_and_deviation(accuracies)


def leaked_share(table: Path) -> float:
    """Share of a random split's test clips with a recording among its training clips."""
    recordings = np.array([clip.recording_id for clip in read_table(table).clips])
    shares = []
    for seed in SEEDS:
        split = split_rows(np.ones(len(recordings), np.int64), Protocol("random", (), (), seed))
        shares.append(np.isin(recordings[split.test], recordings[split.train]).mean())
    return float(np.mean(shares))


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--table", type=Path)
    args = parser.parse_args()
    print("| protocol | settings | " + " | ".join(MODELS[name].title for name in ARTICLE) + " |")
    print("| --- | --- | --- | --- |")
    for title, measure, preset in (
        ("official, ten folds, nine training", official, "article"),
        ("random 80/10/10, five seeds (leaks)", random_split, "article-scores"),
        ("random 80/10/10, five seeds (leaks)", random_split, "article"),
    ):
        specs = [RunSpec(str(args.data), name, train=PRESETS[preset]) for name in ARTICLE]
        cells = [f"{mean * 100:.1f} % ± {std * 100:.1f}" for mean, std in map(measure, specs)]
        print(f"| {title} | `{preset}` | {' | '.join(cells)} |", flush=True)
    if args.table:
        print(
            f"\nTest clips of a random split whose recording trained: "
            f"{leaked_share(args.table) * 100:.0f} %"
        )


if __name__ == "__main__":
    main()
