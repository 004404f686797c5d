"""The convolutional network: our loop beside a plain one in float32 and NCHW."""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from multiprocessing import get_context

import torch
from torch import Tensor

from benchmarks.machine import machine_text
from benchmarks.peers import train_plainly
from benchmarks.ratio import compare, seconds_text
from benchmarks.table import Table
from benchmarks.training_speed import SILENT, threads
from urbansound.models.build import build_model
from urbansound.models.cnn import Cnn
from urbansound.training.config import PRESETS
from urbansound.training.loop import TensorSet, train
from urbansound.training.memory import keep_freed_memory
from urbansound.training.precision import has_bfloat16
from urbansound.worker_pool import n_cores

N_CLIPS = 320
N_MELS, N_FRAMES = 64, 173
PLAIN = replace(PRESETS["cnn"], epochs=1, mixup=0.0, augment=False, average=0.0)


class NchwCnn(Cnn):
    """The same network on arrays as torch lays them out without being asked."""

    def _embed_course(self, scaled: Tensor) -> Tensor:
        over_time = self.layers(scaled[:, None]).mean(dim=2)
        return torch.cat([over_time.mean(dim=2), over_time.amax(dim=2)], dim=1)


def cnn() -> Iterator[Table]:
    """The table; the clips are noise in the shape of log-mel, which costs what sounds cost."""
    machine = machine_text("torch")
    rows = list(_rows())
    has = "has" if has_bfloat16(torch.device("cpu")) else "does not have"
    notes = (
        f"{N_CLIPS} clips of 4 s an epoch, batch {PLAIN.batch_size}, AdamW, no augmentation on "
        f"either side, each in a process of its own; this processor {has} bfloat16 arithmetic. "
        f"Theirs takes all {n_cores()} cores, ours leaves one to the page.",
    )
    head = ("what", "instead of", "theirs", "ours", "clips/s", "ratio")
    yield Table("cnn", head, rows, machine, notes)


def _rows() -> Iterator[list[str]]:
    n_ours = max(1, n_cores() - 1)
    settings = (("one thread each", 1, 1), ("each by its default threads", n_cores(), n_ours))
    # Processes of their own: how ours keeps memory would make the other way faster, too.
    with _process() as theirs, _process() as ours:
        for title, n_theirs, n_own in settings:
            ways = partial(_in, theirs, _plainly, n_theirs), partial(_in, ours, _train, n_own)
            for way in ways:
                way()
            ratio = compare(*ways)
            speed = N_CLIPS / statistics.median(ratio.ours_s)
            times = [seconds_text(ratio.theirs_s), seconds_text(ratio.ours_s), f"{speed:,.0f}"]
            yield [f"cnn, {title}", "a plain loop, float32, NCHW", *times, ratio.text]


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"))


def _in(process: ProcessPoolExecutor, way: Callable[[int], None], n_threads: int) -> None:
    process.submit(way, n_threads).result()


@cache
def _data() -> TensorSet:
    random = torch.Generator().manual_seed(0)
    levels = 20 * torch.randn(N_CLIPS, N_MELS, N_FRAMES, generator=random) - 40
    labels = torch.randint(10, (N_CLIPS,), generator=random)
    return TensorSet(levels.half(), labels)


def _train(n_threads: int) -> None:
    data = _data()
    keep_freed_memory()
    with threads(n_threads):
        train(build_model("cnn", N_MELS, 10, seed=0), data, None, PLAIN, **SILENT)


def _plainly(n_threads: int) -> None:
    data = _data()
    model = build_model("cnn", N_MELS, 10, seed=0)
    model.__class__ = NchwCnn
    optimizer = torch.optim.AdamW(model.parameters(), lr=PLAIN.lr)
    size = PLAIN.batch_size
    batches = zip(data.features.float().split(size), data.labels.split(size), strict=True)
    with threads(n_threads):
        train_plainly(model, [batches], optimizer)
