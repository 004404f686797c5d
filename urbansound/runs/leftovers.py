"""What killed processes left half-written in the app's own folders."""

import contextlib
import shutil
import time
from pathlib import Path

from urbansound.dataset.own_copy import UNFINISHED
from urbansound.files import drop_parts, modified_at
from urbansound.runs.store import runs_dir

_ABANDONED_S = 3600.0


def drop_leftovers(data: Path, outputs: Path) -> None:
    """Delete half-written files, and copies of folders that nobody finished within an hour.

    A person's own folders are not looked into.
    """
    runs = runs_dir(outputs)
    for folder in (
        *(outputs, *outputs.glob("*/"), *runs.glob("*/"), *runs.glob("*/folds/")),
        *(data, *data.glob("*/"), *(data / "kept").glob("*/")),
    ):
        drop_parts(folder)
    for unfinished in (data / "own").glob(f"{UNFINISHED}*/"):
        if abs(time.time() - _last_change(unfinished)) > _ABANDONED_S:
            shutil.rmtree(unfinished, ignore_errors=True)


def _last_change(folder: Path) -> float:
    with contextlib.suppress(OSError):
        return max(map(modified_at, (folder, *folder.rglob("*"))))
    return time.time()
