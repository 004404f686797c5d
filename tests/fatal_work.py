"""Loaded into the workers of tests: some work that ends the process which takes it on.

A sound named `ends-one` ends a worker that reads it itself, `ends-all` also the process that
reads for it, `waits` is not read for ten minutes. A fold ends its worker where a file
`fold-N-is-fatal` lies beside its dataset, which goes with it, and waits for the end of
`fold-N-waits`, or until it is called off, which it notes in `fold-N-was-called-off`.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from urbansound.audio.clips import Piece
from urbansound.features import clip, pool, shards

TESTS = Path(__file__).resolve().parent


def end_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(name: str, shards_first: bool) -> None:
    """Let `read_rows` end the process over a file of that name."""
    read_rows = clip.read_rows

    def read(pieces: Sequence[Piece], spec):
        fatal = [piece.path for piece in pieces if name in piece.path.name]
        if fatal:
            while shards_first and not any(fatal[0].parents[3].glob("shards_*/*.shard")):
                time.sleep(0.01)
            end_process()
        if any("waits" in piece.path.name for piece in pieces):
            time.sleep(600)
        return read_rows(pieces, spec)

    clip.read_rows = read
    shards.read_rows = read


def dask_setup(worker) -> None:
    """Called by Dask in each worker."""
    deadly("ends-", shards_first=True)
    pool.WORKER = "fatal_work"
    os.environ["PYTHONPATH"] = str(TESTS)
    from urbansound.experiment import cluster_folds

    train = cluster_folds.train_material

    def train_material(spec, material, hooks):
        fold, folder = spec.protocol.test_folds[0], Path(spec.dataset).parent
        fatal = folder / f"fold-{fold}-is-fatal"
        if fatal.exists():
            fatal.unlink()
            end_process()
        while (folder / f"fold-{fold}-waits").exists():
            (folder / f"fold-{fold}-has-begun").touch()
            if hooks.should_stop():
                (folder / f"fold-{fold}-was-called-off").touch()
                return None
            time.sleep(0.05)
        return train(spec, material, hooks)

    cluster_folds.train_material = train_material


if __name__ == "__main__":
    deadly("ends-all", shards_first=False)
    from urbansound.features import worker

    sys.exit(worker.main())
