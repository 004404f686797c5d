"""What many tests need: real material where it is at hand, and small datasets made on the spot."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings

from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.processes import child_environment

# A slow disk is no reason to fail.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")
# Whatever a shell began in the background does not hear Ctrl-C, nor does what that begins.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
COLUMNS = ["slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class"]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real UrbanSound8K clips and features."""
    given = os.environ.get("URBANSOUND_REAL_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not (folder / "UrbanSound8K.csv").is_file():
        pytest.skip(
            f"no real UrbanSound8K material at '{folder}' (set URBANSOUND_REAL_DATA to its folder)"
        )
    return folder


@pytest.fixture(scope="session")
def real_dataset(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of 2,148 real clips in the official layout (folds 1, 2 and part of 3)."""
    destination = tmp_path_factory.mktemp("real")
    subprocess.run(
        [sys.executable, real_data / "unpack.py", destination], check=True, capture_output=True
    )
    return destination / "UrbanSound8K"


@pytest.fixture
def small_dataset(tmp_path: Path) -> Path:
    """The root of 40 half-second clips: four of each class, four in each of ten folds.

    Each class has its own pitch, so that a model can learn to tell them apart.
    """
    return write_small_dataset(tmp_path / "UrbanSound8K")


def write_small_dataset(root: Path, seed: int = 0) -> Path:
    """Write the 40 clips and their table under `root`."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(40):
        class_id, fold = number // 4, number % 10 + 1
        name = f"{1000 + number}-{class_id}-0-0.wav"
        path = root / "audio" / f"fold{fold}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, _tone(class_id, rng), 22050, subtype="PCM_16")
        label = URBAN_SOUND_NAMES[class_id]
        rows.append([name, 1000 + number, 0.0, 0.5, number % 2 + 1, fold, class_id, label])
    (root / "metadata").mkdir()
    with open(root / "metadata" / "UrbanSound8K.csv", "w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return root


def _tone(class_id: int, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(11025) / 22050
    pitch = 200 * 1.4**class_id * rng.uniform(0.97, 1.03)
    return 0.3 * np.sin(2 * np.pi * pitch * time) + 0.02 * rng.standard_normal(len(time))


class DaskCluster:
    """A scheduler and its workers, each a process of one thread on this machine."""

    def __init__(self, folder: Path, allowed_failures: int = 3) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._failures = str(allowed_failures)
        self._scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        self._workers: list[subprocess.Popen[bytes]] = []
        wait_for(self._file.exists)
        self.address: str = json.loads(self._file.read_text())["address"]

    def _start(self, kind: str, *options: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", kind, "--scheduler-file", self._file]
        quiet = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        with open(self._folder / f"{kind}.log", "ab") as log:
            return subprocess.Popen(
                [*command, *options, *quiet],
                cwd=REPOSITORY,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": "1",
                    "DASK_TEMPORARY_DIRECTORY": str(self._folder),
                    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": self._failures,
                },
                stdout=log,
                stderr=log,
            )

    def alive(self) -> list["subprocess.Popen[bytes]"]:
        """The workers that have not ended."""
        return [worker for worker in self._workers if worker.poll() is None]

    def fill_up(self, n_workers: int = 2) -> None:
        """Start workers until there are as many, and wait until the scheduler knows them."""
        from urbansound.cluster import connected

        options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1"]
        options += ["--preload", str(REPOSITORY / "tests" / "fatal_work.py")]
        options += ["--local-directory", str(self._folder)]
        while len(self.alive()) < n_workers:
            self._workers.append(self._start("worker", *options))
        with connected(self.address) as client:
            wait_for(lambda: len(client.ncores()) == n_workers)

    def end_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()

    def stop(self) -> None:
        self.end_scheduler()
        for worker in self._workers:
            worker.kill()
            worker.wait()


def wait_for(is_so: Callable[[], bool], within_s: float = 120.0) -> None:
    """Return once it is so; fail if that takes two minutes."""
    ends = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A real scheduler on a free port, and its workers; gone after the module's tests."""
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"))
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def frail_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Two workers for one test, which may end all; a task that ends one is not tried again."""
    cluster = DaskCluster(tmp_path_factory.mktemp("dask"), allowed_failures=0)
    try:
        cluster.fill_up()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def cluster(running_cluster: DaskCluster) -> DaskCluster:
    """The module's scheduler with two workers, whatever a test before has ended."""
    running_cluster.fill_up()
    return running_cluster


@pytest.fixture
def torchrun() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a module in several processes, as torchrun does; whatever is left is ended."""
    started = []

    def start(n_processes: int, module: str, *arguments: object) -> subprocess.Popen[str]:
        launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={n_processes}"]
        process = subprocess.Popen(
            [sys.executable, "-m", *launcher, "-m", module, *map(str, arguments)],
            cwd=REPOSITORY,
            env=child_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()  # It ends those that it started; killed, it could not.
        process.communicate()
