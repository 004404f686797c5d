"""Options that several commands share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from urbansound.errors import BadDataset
from urbansound.paths import outputs_dir

if TYPE_CHECKING:
    from urbansound.cli.output import Output
    from urbansound.records import DatasetIndex

Command = Callable[[argparse.Namespace, "Output"], int]


def add_command(commands: Any, name: str, handler: Command, text: str) -> argparse.ArgumentParser:
    """A subcommand with its help and --json."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.set_defaults(handler=handler)
    return parser


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """--data DIR."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="a folder with a folder of sounds for each class, a dataset root (audio/ with "
        "metadata/UrbanSound8K.csv or meta/esc50.csv), or a folder with the article's three "
        "tensors; data/UrbanSound8K without, else the demo set",
    )


def add_outputs_option(parser: argparse.ArgumentParser) -> None:
    """--outputs DIR."""
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="DIR",
        default=outputs_dir(),
        help="where saved models and runs lie (outputs)",
    )


def add_cluster_option(parser: "argparse._ActionsContainer") -> None:
    """--cluster ADDRESS."""
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="let the workers of the Dask scheduler at tcp://HOST:PORT do it (docs/cluster.md)",
    )


def data_root(args: argparse.Namespace) -> Path:
    """The dataset root asked for, or the one that is there; BadDataset where there is none."""
    from urbansound.dataset.index import default_root

    root: Path | None = args.data or default_root()
    if root is None:
        raise BadDataset(
            "There is no dataset yet. 'python -m urbansound demo' makes one in seconds, "
            "'python -m urbansound download' fetches the real one (6 GB), --data DIR names yours."
        )
    return root


def dataset(args: argparse.Namespace) -> "DatasetIndex":
    """The index of the dataset asked for."""
    from urbansound.dataset.index import load_dataset

    return load_dataset(data_root(args))


def fold_or_none(text: str) -> int | None:
    """A fold number, or None for "none"."""
    return None if text == "none" else int(text)


def fold_list(text: str) -> tuple[int, ...]:
    """Fold numbers from "1,2,3"."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        message = f"'{text}' is no list of folds. Give numbers with commas: 1,2,3."
        raise argparse.ArgumentTypeError(message) from error


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0.")
    return int(text)
