"""A home with sounds and runs in it, to be damaged and put back as it was."""

import csv
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from faults.command import command
from faults.workers import begin, kill, waited
from urbansound.dataset.demo import build_demo
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import list_runs
from urbansound.runs.weights import card_path

_PATIENCE_S = 20.0
_EPOCHS = 4000


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that goes with the block, once the last process that still writes there is done."""
    folder = Path(tempfile.mkdtemp(prefix="urbansound-faults-"))
    try:
        yield folder
    finally:
        deadline = time.monotonic() + _PATIENCE_S
        while folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(0.1)


@dataclass(frozen=True)
class Home:
    """The folders of an app. `kept` holds the outputs as they were when all was well."""

    data: Path
    outputs: Path
    kept: Path

    @property
    def root(self) -> Path:
        """Where the sounds are: where the app expects the real ones."""
        return self.data / "UrbanSound8K"

    @property
    def runs(self) -> list[RunFolder]:
        """The runs that can be read, newest first."""
        return list_runs(self.outputs)

    @property
    def carded(self) -> list[RunFolder]:
        """Those that have ended with a card."""
        return [run for run in self.runs if card_path(run.weights_path).exists()]

    @property
    def clip(self) -> Path:
        """A sound of it."""
        return min((self.root / "audio" / "fold1").iterdir())

    def restore(self) -> None:
        """Put the outputs back."""
        shutil.rmtree(self.outputs, ignore_errors=True)
        shutil.copytree(self.kept, self.outputs)

    def command(self, *arguments: str) -> str:
        """What went wrong with a command on these outputs; empty where it said a sentence."""
        return command(*arguments, "--outputs", str(self.outputs)).problem


def _keep_folds(root: Path, n: int) -> None:
    """Take all but the first folds out of a dataset: what is left is as good to be damaged."""
    table = root / "metadata" / "UrbanSound8K.csv"
    with open(table, newline="") as file:
        head, *rows = csv.reader(file)
    at = head.index("fold")
    with open(table, "w", newline="") as file:
        csv.writer(file).writerows([head, *(row for row in rows if int(row[at]) <= n)])
    for folder in (root / "audio").iterdir():
        if int(folder.name.removeprefix("fold")) > n:
            shutil.rmtree(folder)


def build_home(folder: Path) -> Home:
    """The demo sounds, whole and in part as if real; on these two trainings, and one cut short."""
    home = Home(folder / "data", folder / "outputs", folder / "kept")
    build_demo(home.data / "demo" / "UrbanSound8K")
    shutil.copytree(home.data / "demo" / "UrbanSound8K", home.root)
    (home.root / "metadata" / "SYNTHETIC.txt").unlink()
    _keep_folds(home.root, 3)
    on = ("--model", "model1", "--data", str(home.root), "--outputs", str(home.kept))
    for arguments in (("train", "--epochs", "5"), ("crossval", "--epochs", "2", "--folds", "1,2")):
        answer = command(*arguments, *on)
        if answer.code:
            raise RuntimeError(f"nothing to damage could be made: {answer.problem or answer.said}")
    _cut_one_short(home.kept)
    home.restore()
    return home


def _cut_one_short(outputs: Path) -> None:
    """A training of the same kind, killed once it has a checkpoint to go on from."""
    spec = list_runs(outputs)[-1].spec
    run, pid = begin(outputs, replace(spec, train=replace(spec.train, epochs=_EPOCHS)))
    waited(run.checkpoint_path.exists)
    kill(pid)
    if waited(lambda: run.status() == "interrupted", within_s=_PATIENCE_S) is None:
        raise RuntimeError(f"the training to be cut short is {run.status()}")
