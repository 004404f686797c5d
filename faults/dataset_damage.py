"""What can happen to a dataset's folder while it is open."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def _move_away(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def _empty(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


def _take_sounds(root: Path) -> None:
    shutil.rmtree(root / "audio")


def _take_folds(root: Path) -> None:
    for fold in ("fold1", "fold2"):
        shutil.rmtree(root / "audio" / fold)


def _cut_sounds(root: Path) -> None:
    for path in (root / "audio").rglob("*.wav"):
        os.truncate(path, path.stat().st_size // 3)


def _cut_table(root: Path) -> None:
    table = root / "metadata" / "UrbanSound8K.csv"
    table.write_bytes(table.read_bytes()[: table.stat().st_size // 2])


def _take_columns(root: Path) -> None:
    (root / "metadata" / "UrbanSound8K.csv").write_text("what,is,this\n1,2,3\n")


def _rename_class(root: Path) -> None:
    table = root / "metadata" / "UrbanSound8K.csv"
    table.write_text(table.read_text().replace("dog_bark", "cat_meow"))


# What is done to a dataset's folder, and what has to be said of it somewhere.
WORLDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "moved away": (_move_away, "not there any more"),
    "emptied": (_empty, "not there any more"),
    "without its sounds": (_take_sounds, "is missing"),
    "without two folds": (_take_folds, "missing"),
    "with every sound cut": (_cut_sounds, "changed on disk since the last look"),
    "with half its table": (_cut_table, "of the header's"),
    "with another table": (_take_columns, "has no columns"),
    "with another class": (_rename_class, "cat meow"),
}
