"""Every page in every state of the data: none, a small demo, numbers only, broken."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.audio.signal import to_wav_bytes
from urbansound.labels import URBAN_SOUNDS
from urbansound.paths import PROJECT
from urbansound.records import Audio, Protocol, ProtocolKind, RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import create_run

SHELL = PROJECT / "urbansound" / "ui" / "shell.py"
COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")

OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty data and outputs folders for one test; the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("URBANSOUND_DATA", str(data))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))
    return data


@pytest.fixture(autouse=True)
def no_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Background work is only noted down, by name, not begun."""
    begun: list[str] = []
    monkeypatch.setattr("urbansound.ui.background.start", begun.append)
    return begun


@pytest.fixture
def open_page() -> OpenPage:
    """Opens a page by name through the shell, with `query` in its address, and runs it."""

    def open_it(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        page = str(PROJECT / "pages" / f"{name}.py")
        return app if name == "home" else app.switch_page(page).run()

    return open_it


def write_dataset(root: Path, *, folds: tuple[int, ...] = (1, 2), per_fold: int = 2) -> None:
    """A small dataset in the official layout: each class its own tone."""
    rng = np.random.default_rng(0)
    rows = []
    for fold in folds:
        (root / f"audio/fold{fold}").mkdir(parents=True, exist_ok=True)
        for sound in URBAN_SOUNDS:
            for take in range(per_fold):
                recording = 1000 * fold + 10 * sound.id + take
                name = f"{recording}-{sound.id}-0-0.wav"
                seconds = np.arange(4410) / 22050
                tone = 0.3 * np.sin(2 * np.pi * (200 + 150 * sound.id) * seconds)
                samples = (tone + 0.02 * rng.standard_normal(4410)).astype(np.float32)
                wav = to_wav_bytes(Audio(samples, 22050))
                (root / f"audio/fold{fold}/{name}").write_bytes(wav)
                salience = 1 + take % 2
                rows.append((name, recording, 0.0, 0.2, salience, fold, sound.id, sound.name))
    (root / "metadata").mkdir()
    with open(root / "metadata/UrbanSound8K.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


@pytest.fixture
def real_set(places: Path) -> Path:
    """A small dataset where the real one is expected; its root."""
    write_dataset(places / "UrbanSound8K")
    return places / "UrbanSound8K"


@pytest.fixture
def broken_set(real_set: Path) -> Path:
    """A dataset whose table is not one; its root."""
    (real_set / "metadata/UrbanSound8K.csv").write_text("not,a,table\n1,2,3\n")
    return real_set


@pytest.fixture
def numbers_only(places: Path) -> Path:
    """The article's three tensors without any sound; their folder."""
    import torch

    rng = np.random.default_rng(0)
    torch.save(
        torch.from_numpy(rng.standard_normal((40, 40)).astype(np.float32)),
        places / "features_mfccs.pt",
    )
    torch.save(torch.arange(40) % 10, places / "labels.pt")
    torch.save(1 + torch.arange(40) // 10, places / "folds.pt")
    return places


TrainNow = Callable[..., RunFolder]


@pytest.fixture
def train_now(numbers_only: Path, tmp_path: Path) -> TrainNow:
    """Trains on the numbers in this process, to the end; settings of the run as keywords."""

    def train_it(model: str = "model1", kind: ProtocolKind = "official", **more: int) -> RunFolder:
        from urbansound.experiment.execute import execute

        folds = ((4,), (3,)) if kind == "official" else ((), ())
        config = TrainConfig(**{"epochs": 3, "batch_size": 8, "device": "cpu"} | more)
        spec = RunSpec(
            str(numbers_only.resolve()), model, train=config, protocol=Protocol(kind, *folds)
        )
        run = create_run(tmp_path / "outputs", spec)
        execute(run, tmp_path / "outputs")
        return run

    return train_it
