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
from importlib import import_module
from pathlib import Path

from benchmarks.table import DOCUMENT, publish

# Where each one is, and whether it needs the features of all clips. Only what is measured is
# imported.
BENCHMARKS = {
    "features": ("features_speed", "features", False),
    "scale": ("scale", "scale", False),
    "training": ("training_speed", "training", True),
    "processes": ("processes_speed", "processes", True),
    "cnn": ("cnn_speed", "cnn", False),
    "classify": ("classify_speed", "classify", False),
    "first-answers": ("first_answers", "first_answers", False),
}


def main() -> None:
    """Measure what is asked for, a table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--npz", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark '{unknown[0]}'; choose of {', '.join(BENCHMARKS)}")
    for name in args.names or BENCHMARKS:
        module, function, needs_npz = BENCHMARKS[name]
        if needs_npz and args.npz is None:
            print(f"{name} is left out: it needs --npz FILE.", file=sys.stderr)
            continue
        print(f"\n## {name}\n", flush=True)
        measure = getattr(import_module(f"benchmarks.{module}"), function)
        for table in measure(args.npz) if needs_npz else measure():
            publish(table, DOCUMENT if args.write else None)


if __name__ == "__main__":
    main()
