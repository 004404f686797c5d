"""Building the demo set: all of it or nothing, with worker processes, one builder at a time."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock

from urbansound.dataset.demo.plan import Recording, csv_text, plan_recordings
from urbansound.dataset.demo.wave_file import clip_path, n_bytes
from urbansound.errors import BadDataset, RunFailed
from urbansound.processes import child_environment, module_command

MOST_WORKERS = 4
SYNTHETIC_NOTE = (
    "Every sound in this folder is synthetic: made by UrbanSound Lab to try the app, "
    "not recorded anywhere.\n"
)
Progress = Callable[[int, int], None]


def build_demo(
    root: Path, *, on_progress: Progress | None = None, workers: int | None = None
) -> None:
    """Make the demo set at `root`, unless a complete one is there already.

    `on_progress(done, total)` is told of every few clips. The set appears under `root`
    only when it is whole, and is the same for any number of `workers`. BadDataset when
    `root` holds something else; RunFailed when it cannot be written, which leaves nothing.
    """
    build_recordings(root, plan_recordings(), on_progress=on_progress, workers=workers)


def is_demo_complete(root: Path) -> bool:
    """Whether `root` holds the whole demo set as this version of the app makes it."""
    return holds_recordings(root, plan_recordings())


def holds_recordings(root: Path, recordings: Sequence[Recording]) -> bool:
    """Whether `root` is a demo set of exactly these recordings, every file in full length."""
    try:
        if not _note(root).is_file() or _csv(root).read_text("utf-8") != csv_text(recordings):
            return False
        return all(
            clip_path(root, recording, cut).stat().st_size == n_bytes(cut)
            for recording in recordings
            for cut in recording.slices
        )
    except (OSError, UnicodeDecodeError):
        return False


def build_recordings(
    root: Path,
    recordings: Sequence[Recording],
    *,
    on_progress: Progress | None = None,
    workers: int | None = None,
) -> None:
    """Make a demo set of these recordings only; otherwise as `build_demo`."""
    root = root.resolve()
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(root.parent / f".{root.name}.lock"):
            if not holds_recordings(root, recordings):
                _refuse_another_dataset(root)
                with _building_folder(root) as folder:
                    _fill(folder, recordings, on_progress, workers or _default_workers())
                    _move_into_place(folder, root)
    except OSError as error:
        raise _not_saved(root, error.strerror or str(error)) from error


def _csv(root: Path) -> Path:
    return root / "metadata" / "UrbanSound8K.csv"


def _note(root: Path) -> Path:
    return root / "metadata" / "SYNTHETIC.txt"


def _default_workers() -> int:
    return min(MOST_WORKERS, os.cpu_count() or 1)


def _refuse_another_dataset(root: Path) -> None:
    if root.exists() and not _note(root).is_file() and any(root.iterdir()):
        raise BadDataset(
            f"'{root}' holds something other than the demo set, which would be overwritten. "
            "Choose another folder, or move that one away."
        )


@contextlib.contextmanager
def _building_folder(root: Path) -> Iterator[Path]:
    """A new folder beside `root`, gone at the end; what a killed build left goes first."""
    prefix = f".{root.name}.building-"
    for leftover in root.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root.parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(
    folder: Path, recordings: Sequence[Recording], on_progress: Progress | None, workers: int
) -> None:
    needed = sum(n_bytes(cut) for recording in recordings for cut in recording.slices)
    if shutil.disk_usage(folder).free < needed:
        raise OSError(f"No space left on device ({needed / 1e6:.0f} MB are needed)")
    total = sum(len(recording.slices) for recording in recordings)
    done = 0
    for count in _run_workers(folder, recordings, workers):
        done += count
        if on_progress:
            on_progress(done, total)
    _note(folder).parent.mkdir(parents=True)
    _note(folder).write_text(SYNTHETIC_NOTE, "utf-8")
    _csv(folder).write_text(csv_text(recordings), "utf-8", newline="\n")
    if not holds_recordings(folder, recordings):
        raise OSError("some clips are missing or too short after they were written")


def _run_workers(folder: Path, recordings: Sequence[Recording], workers: int) -> Iterator[int]:
    """Have worker processes write the clips; how many more are done, each time some are.

    Processes of their own kind, as multiprocessing would run the web app's script again.
    They share one pipe; closing it is what stops them.
    """
    # Dealt out by class, as the classes take unlike times.
    dealt = sorted(recordings, key=lambda recording: (recording.class_id, recording.id))
    hands = [dealt[k::workers] for k in range(min(workers, len(dealt)))]
    reader, writer = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, reader)
        try:
            processes = [stack.enter_context(_worker(folder, hand, writer)) for hand in hands]
        finally:
            os.close(writer)
        while dots := os.read(reader, 4096):
            yield len(dots)
        for process in processes:
            _raise_if_failed(process)


@contextlib.contextmanager
def _worker(
    folder: Path, hand: Sequence[Recording], stdout: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes these recordings' clips; killed if it still runs at the end."""
    numbers = ",".join(str(recording.id) for recording in hand)
    with subprocess.Popen(
        module_command("urbansound.dataset.demo", str(folder), numbers),
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _raise_if_failed(process: subprocess.Popen[bytes]) -> None:
    reason = process.stderr.read() if process.stderr else b""
    if process.wait():
        raise OSError(_last_line(reason) or f"a worker ended with {process.returncode}")


def _last_line(text: bytes) -> str:
    lines = text.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _move_into_place(folder: Path, root: Path) -> None:
    """Give the finished folder its name; an older demo set there is removed first."""
    if root.exists():
        old = folder.with_name(f"{folder.name}-old")
        root.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    folder.rename(root)


def _not_saved(root: Path, reason: str) -> RunFailed:
    if "No space" in reason:
        reason = "the disk is full. Free some space (the whole set takes 150 MB) and try again"
    elif "ermission" in reason or "Read-only" in reason:
        reason = "this folder may not be written to. Change its rights or choose another one"
    return RunFailed(f"The demo set could not be made at '{root}': {reason}. Nothing was kept.")
