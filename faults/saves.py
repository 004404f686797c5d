"""What the app saves again and again, as numbered states that can be told apart and checked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from faults.keepsakes import World
from urbansound.experiment.checkpoint import read_checkpoint, write_checkpoint
from urbansound.kept_arrays import read_arrays, write_arrays
from urbansound.records import ClipResults
from urbansound.runs.exclusions import exclude, excluded_clips
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results, write_results
from urbansound.runs.saved import run_model
from urbansound.runs.store import runs_dir
from urbansound.runs.weights import SavedModel, load_weights, read_saved, replace_saved, seal
from urbansound.torch_files import torch_bytes

_N_NUMBERS = 200_000
_LIST = "hidden"


@dataclass(frozen=True)
class Save:
    """`write(n)` saves state n; `read` says which state is there, -1 where it is not whole."""

    name: str
    folder: Path
    write: Callable[[int], None]
    read: Callable[[], int]


def saves(world: World, folder: Path) -> list[Save]:
    """One of each kind, in `folder` as in an outputs folder, at state 0."""
    run = RunFolder(runs_dir(folder) / "a-run")
    run.path.mkdir(parents=True, exist_ok=True)
    results = read_results(world.run.results_path)
    assert results is not None
    kinds = [
        _checkpoint(run),
        _model(folder, run_model(world.run)),
        _results(run, results),
        _cache(folder),
        _hidden(folder),
    ]
    for kind in kinds:
        kind.write(0)
    return kinds


def _checkpoint(run: RunFolder) -> Save:
    def write(n: int) -> None:
        write_checkpoint(run, {"epoch": n, "model": torch.full((_N_NUMBERS,), n)}, epoch=n)

    def read() -> int:
        state = read_checkpoint(run)
        is_whole = state is not None and bool((state["model"] == state["epoch"]).all())
        return int(state["epoch"]) if is_whole and state is not None else -1

    return Save("a checkpoint", run.path, write, read)


def _model(folder: Path, model: SavedModel) -> Save:
    path, first = folder / "model1.pth", load_weights(model)

    def write(n: int) -> None:
        data = torch_bytes({name: tensor + n for name, tensor in first.items()})
        replace_saved(path, data, seal(replace(model.card, epoch=n), data))

    def read() -> int:
        saved = read_saved(path, "saved")
        n, weights = saved.card.epoch, load_weights(saved)
        is_whole = all(torch.equal(weights[name], first[name] + n) for name in first)
        return n if is_whole else -1

    return Save("a model and its card", folder, write, read)


def _results(run: RunFolder, first: ClipResults) -> Save:
    def write(n: int) -> None:
        write_results(run.results_path, replace(first, folds=np.full(len(first), n)))

    def read() -> int:
        results = read_results(run.results_path)
        return -1 if results is None else int(results.folds[0])

    return Save("answers by clip", run.path, write, read)


def _cache(folder: Path) -> Save:
    path = folder / "kept.bin"

    def read() -> int:
        arrays = read_arrays(path, "key")
        return -1 if arrays is None else int(arrays["rows"][0])

    return Save(
        "a cache",
        folder,
        lambda n: write_arrays(path, "key", {"rows": np.full(_N_NUMBERS, n)}),
        read,
    )


def _hidden(folder: Path) -> Save:
    def read() -> int:
        n = len(excluded_clips(folder, _LIST)) - 1
        return n if set(excluded_clips(folder, _LIST)) == set(map(str, range(n + 1))) else -1

    def write(n: int) -> None:
        exclude(folder, _LIST, str(n))

    return Save("hidden clips", folder / "exclusions", write, read)
