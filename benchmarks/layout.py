"""Laying out clips on a map: seconds and memory for more and more of them.

    python -m benchmarks.layout [--data FOLDER] [--model cnn] [--n 2148 8732 100000]

takes a model's embeddings of the dataset, repeats them with a little noise, and lays them out
by either method, each in a process of its own. "Kept" is the share of the 15 nearest in all
numbers that are among the 15 nearest on the plane, of 500 clips. The last columns are what a
page does with it: packing it for the browser, and finding what lies in a lasso of 100 corners.
"""

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.memory import watching_memory
from urbansound.dataset.index import default_root, load_dataset
from urbansound.experiment.layout import Layout, lay_out
from urbansound.experiment.neighbours import load_embeddings
from urbansound.experiment.placing import standardised
from urbansound.paths import outputs_dir
from urbansound.runs.saved import find_model
from urbansound.ui.explore.map_canvas import Places, rows_inside, to_places

N_NEAREST = 15
N_ASKED = 500
NOISE = 0.3


def repeated(rows: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """n rows: the given ones in turn, those after the first round with noise added."""
    rng = np.random.default_rng(0)
    many = rows[np.arange(n) % len(rows)]
    noise = rng.standard_normal(many.shape, np.float32) * rows.std(axis=0) * NOISE
    noise[: len(rows)] = 0
    return np.asarray(many + noise, np.float32)


def share_kept(rows: NDArray[np.float32], layout: Layout) -> float:
    """How many of the nearest in all numbers are among the nearest on the plane, on average."""
    even = standardised(rows[layout.clip_numbers])
    asked = np.random.default_rng(0).choice(len(even), min(N_ASKED, len(even)), replace=False)
    pairs = zip(_nearest(even, asked), _nearest(layout.positions, asked), strict=True)
    return float(np.mean([len(set(one) & set(other)) / N_NEAREST for one, other in pairs]))


def _nearest(rows: NDArray[np.float32], asked: NDArray[np.int64]) -> list[list[int]]:
    far = np.square(rows).sum(axis=1) - 2 * rows[asked] @ rows.T
    far[np.arange(len(asked)), asked] = np.inf
    return np.argpartition(far, N_NEAREST, axis=1)[:, :N_NEAREST].tolist()


def measure(rows: NDArray[np.float32], method: str) -> str:
    """A row of the table for one method; import and first use are counted."""
    with watching_memory() as memory:
        began = time.perf_counter()
        layout = lay_out(rows, np.arange(len(rows)), "pca" if method == "pca" else "tsne")
        seconds = time.perf_counter() - began
    kept = share_kept(rows, layout)
    pack_ms, lasso_ms, n_bytes = page_work(layout)
    return (
        f"| {method} | {len(rows):,} | {len(layout.positions):,} | {seconds:.1f} | "
        f"{memory.text()} | {100 * kept:.0f} | {pack_ms:.0f} | {n_bytes / 1e6:.1f} | "
        f"{lasso_ms:.0f} |"
    )


def page_work(layout: Layout) -> tuple[float, float, int]:
    """Milliseconds to pack the map and to search a lasso, and the bytes sent."""
    n, zeros = len(layout.positions), np.zeros(len(layout.positions), np.int64)
    began = time.perf_counter()
    places = Places(
        numbers=layout.clip_numbers,
        xy=to_places(layout.positions),
        class_ids=zeros,
        folds=zeros,
        recordings=zeros,
        is_loud=np.ones(n, bool),
    )
    data = places.packed()
    packed = time.perf_counter()
    turns = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    ring = 32_768 + 20_000 * np.column_stack([np.cos(turns), np.sin(turns)])
    rows_inside(places.xy, ring.tolist())
    return 1000 * (packed - began), 1000 * (time.perf_counter() - packed), len(data)


def main() -> int:
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", default="cnn")
    parser.add_argument("--n", type=int, nargs="+", default=[2_148, 8_732, 100_000])
    args = parser.parse_args()
    root = args.data or default_root()
    if root is None:
        print("There is no dataset. Build one: python -m urbansound demo", file=sys.stderr)
        return 1
    index = load_dataset(root)
    known = load_embeddings(index, find_model(outputs_dir(), args.model))
    print(f"{index.name}, {args.model}: {known.embeddings.shape[1]} numbers a clip\n")
    print("| how | clips | placed | s | MB | kept % | pack ms | MB sent | lasso ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for n in args.n:
        rows = repeated(known.embeddings, n)
        for method in ("pca", "tsne"):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.apply(measure, (rows, method)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
