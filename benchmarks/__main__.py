"""Ours beside what a person would do instead: tables of ratios, all of them or some.

    python -m benchmarks [NAME …] [--npz FILE] [--write]

NAME is one of features, scale, training, processes, cnn, classify, first-answers; all without.
Each measures both ways in turns, at least five times, after a warm-up, and prints a table with
the machine it ran on; --write puts it into docs/benchmarks.md. `training` and `processes` need
--npz, the features [n, 40], labels [n] and folds [n] of all clips. On a busy machine the ratios
mean less: the load is printed with them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.table import DOCUMENT, Table, publish

NAMES = ("features", "scale", "training", "processes", "cnn", "classify", "first-answers")
OF_ROWS = ("training", "processes")


def main() -> None:
    """Measure what is asked for, a table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--npz", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark '{unknown[0]}'; choose of {', '.join(NAMES)}")
    for name in args.names or NAMES:
        if name in OF_ROWS and args.npz is None:
            print(f"{name} is left out: it needs --npz FILE.", file=sys.stderr)
            continue
        print(f"\n## {name}\n", flush=True)
        for table in _measure(name, args.npz)():
            publish(table, DOCUMENT if args.write else None)


def _measure(name: str, npz: Path) -> Callable[[], Iterator[Table]]:
    """What measures it; only its own imports are paid for."""
    if name == "features":
        from benchmarks.features_speed import features

        return features
    if name == "scale":
        from benchmarks.scale import scale

        return scale
    if name == "training":
        from benchmarks.training_speed import training

        return lambda: training(npz)
    if name == "processes":
        from benchmarks.processes_speed import processes

        return lambda: processes(npz)
    if name == "cnn":
        from benchmarks.cnn_speed import cnn

        return cnn
    if name == "first-answers":
        from benchmarks.first_answers import first_answers

        return first_answers
    from benchmarks.classify_speed import classify

    return classify


if __name__ == "__main__":
    main()
