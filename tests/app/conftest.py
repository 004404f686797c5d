"""Every page in every state of the data: none, a small demo, numbers only, broken."""

import asyncio
import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from urbansound.audio.signal import to_wav_bytes
from urbansound.dataset.index import load_dataset
from urbansound.evaluation.metrics import score_probabilities
from urbansound.labels import URBAN_SOUNDS
from urbansound.paths import PROJECT
from urbansound.records import (
    Audio,
    Calibration,
    Card,
    ClipResults,
    DatasetIndex,
    FoldScores,
    Protocol,
    ProtocolKind,
    RunSpec,
    Scores,
    TrainConfig,
)
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import write_results
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import create_run
from urbansound.runs.weights import seal, write_card
from urbansound.ui.routes import ROUTES

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


@pytest.fixture(autouse=True)
def spares_wished(monkeypatch: pytest.MonkeyPatch) -> list[SpareWorker]:
    """No worker is kept warm; that one is wished for is noted down."""
    wished: list[SpareWorker] = []

    def note(spare: SpareWorker) -> None:
        wished.append(spare)

    monkeypatch.setattr(SpareWorker, "warm_up", note)
    return wished


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


MakeRun = Callable[..., RunFolder]


@pytest.fixture
def make_run(real_set: Path, tmp_path: Path) -> MakeRun:
    """Makes a finished run by hand: nothing is trained, what it says of each clip is given.

    `says` maps clip numbers to (class, chance); every other clip is named right at 0.9.
    `folds` makes a cross-validation; without, `protocol` says which clips are tested.
    """
    index = load_dataset(real_set)

    def make(
        model: str = "model1",
        says: Mapping[int, tuple[int, float]] | None = None,
        folds: tuple[int, ...] = (1, 2),
        protocol: Protocol | None = None,
        numbers: list[int] | None = None,
    ) -> RunFolder:
        protocol = protocol or Protocol("official", folds, ())
        train = TrainConfig(epochs=1, device="cpu")
        spec = RunSpec(str(real_set.resolve()), model, train=train, protocol=protocol, folds=folds)
        tested = protocol.test_folds
        if numbers is None:
            numbers = [at for at, clip in enumerate(index.clips) if clip.fold in tested]
        results = made_results(index, numbers, says or {})
        run = create_run(tmp_path / "outputs", spec)
        _write_run(run, index, results)
        return run

    return make


def made_results(
    index: DatasetIndex, numbers: list[int], says: Mapping[int, tuple[int, float]]
) -> ClipResults:
    """Test results of these clips; what `says` leaves out is named right at 0.9."""
    clips = [index.clips[number] for number in numbers]
    labels = np.array([clip.class_id for clip in clips])
    probabilities = np.empty((len(clips), len(index.class_names)), np.float32)
    for row, number in enumerate(numbers):
        said, chance = says.get(number, (int(labels[row]), 0.9))
        probabilities[row] = (1 - chance) / (len(index.class_names) - 1)
        probabilities[row, said] = chance
    return ClipResults(
        paths=np.array([clip.path for clip in clips]),
        clip_numbers=np.array(numbers),
        labels=labels,
        folds=np.array([clip.fold for clip in clips]),
        recordings=np.array([clip.recording_id for clip in clips]),
        durations_s=np.array([clip.duration_s for clip in clips], np.float32),
        is_loud=np.array([clip.foreground for clip in clips]),
        is_test=np.ones(len(clips), bool),
        probabilities=probabilities,
    )


def _write_run(run: RunFolder, index: DatasetIndex, results: ClipResults) -> None:
    figures = {"loss": 1.0, "accuracy": 0.5}
    epoch = {
        f"{part}_{name}": value
        for part in ("train", "validation")
        for name, value in figures.items()
    }
    run.emit("started", device="CPU", n_train=20, n_test=len(results), together=True, done=[])
    for fold in run.spec.folds or (0,):
        run.emit("epoch", fold=fold, epoch=1, seconds=0.1, is_best=True, **epoch)
        run.emit("fold", fold=fold, accuracy=0.5, loss=1.0, macro_f1=0.5, n=20, epoch=1)
    write_results(run.results_path, results)
    card = _card(run, index, results)
    if not run.spec.is_crossval:
        run.weights_path.write_bytes(b"weights")
        card = seal(card, b"weights")
    write_card(run.weights_path, card)
    run.emit("finished", saved_as=None, seconds=1.0)


def _card(run: RunFolder, index: DatasetIndex, results: ClipResults) -> Card:
    def scores_of(rows: ClipResults) -> Scores:
        return score_probabilities(
            rows.probabilities, rows.labels, index.class_names, recordings=rows.recordings
        )

    folds = [
        FoldScores(fold, (), scores_of(results.take(results.folds == fold)))
        for fold in run.spec.folds
    ]
    return Card(
        run_id=run.id,
        spec=run.spec,
        class_names=index.class_names,
        dataset_name=index.name,
        is_synthetic=index.is_synthetic,
        validation=None,
        test=scores_of(results),
        calibration=Calibration(),
        epoch=1,
        data_digest="0" * 64,
        sha256="",
        n_train=20,
        n_parameters=1000,
        versions={},
        created="2020-01-01T00:00:00+00:00",
        intended_use="Tests.",
        limits="Made by hand.",
        folds=tuple(folds),
    )


Fetched = tuple[int, dict[str, str], bytes]


@pytest.fixture
def fetch() -> Callable[..., Fetched]:
    """Status, headers and body that the app's own routes answer a path with."""

    def answer(path: str, **headers: str) -> Fetched:
        sent: list[dict] = []

        async def receive() -> dict:
            await asyncio.sleep(0)
            return {"type": "http.request"}

        async def send(message: dict) -> None:
            sent.append(message)

        asked = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        asyncio.run(Starlette(routes=ROUTES)({**scope, "headers": asked}, receive, send))
        got = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], got, b"".join(part.get("body", b"") for part in sent[1:])

    return answer
