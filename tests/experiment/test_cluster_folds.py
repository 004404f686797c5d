"""A cross-validation by the workers of a real cluster: the scores of folds trained in turn here."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from urbansound import cluster as cluster_module
from urbansound.cli.main import main
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig, RunFailed
from urbansound.evaluation.protocol import crossval_protocol
from urbansound.experiment import cluster_folds as cluster_folds_module
from urbansound.experiment import crossval as crossval_module
from urbansound.experiment.cluster_folds import FoldTask, train_fold
from urbansound.experiment.crossval import fold_specs
from urbansound.experiment.execute import execute
from urbansound.experiment.material import features_for, load_material
from urbansound.features.cache import feature_files
from urbansound.records import RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.results import read_results
from urbansound.runs.saved import run_card
from urbansound.runs.store import create_run

FOLDS = (1, 2, 3, 4)


@pytest.fixture
def spec(small_dataset: Path) -> RunSpec:
    """A short cross-validation of model1 on four folds."""
    index = load_dataset(small_dataset)
    config = TrainConfig(epochs=3, batch_size=16, device="cpu")
    protocol = crossval_protocol(index.folds, FOLDS)
    features = features_for("model1", index)
    return RunSpec(str(small_dataset), "model1", features, config, protocol, FOLDS)


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


def in_turn(outputs: Path, spec: RunSpec) -> RunFolder:
    """The same cross-validation on this machine, one fold after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crossval_module, "trains_together", lambda spec: False)
        run = create_run(outputs, spec)
        assert execute(run, outputs)
    return run


def wait_for(is_so: Callable[[], bool], within_s: float = 120.0) -> None:
    ends = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def folds_told(run: RunFolder) -> list[int]:
    return [event["fold"] for event in run.events() if event["event"] == "fold"]


def assert_same(ours: RunFolder, theirs: RunFolder) -> None:
    cards = [run_card(run) for run in (ours, theirs)]
    assert cards[0] is not None
    assert cards[1] is not None
    assert cards[0].folds == cards[1].folds
    results = [read_results(run.results_path) for run in (ours, theirs)]
    assert results[0] is not None
    assert results[1] is not None
    np.testing.assert_array_equal(results[0].paths, results[1].paths)
    np.testing.assert_array_equal(results[0].probabilities, results[1].probabilities)


def losses(run: RunFolder) -> list[tuple[int, int, float]]:
    return [(event["fold"], event["epoch"], event["train_loss"]) for event in run.epochs()]


def test_the_scores_are_those_of_one_machine_though_a_worker_is_killed(
    cluster, spec: RunSpec, outputs: Path, small_dataset: Path
) -> None:
    mark = small_dataset.parent / "fold-2-is-fatal"
    mark.touch()
    run = create_run(outputs, spec)
    assert execute(run, outputs, cluster=cluster.address)
    assert not mark.exists()
    assert len(cluster.alive()) == 1
    assert sorted(folds_told(run)) == list(FOLDS)
    theirs = in_turn(outputs, spec)
    assert_same(run, theirs)
    assert losses(run) == losses(theirs)
    started = next(event for event in run.events() if event["event"] == "started")
    assert not started["together"]


def test_stopped_it_keeps_the_folds_done_and_goes_on_with_the_others(
    cluster, spec: RunSpec, outputs: Path, small_dataset: Path
) -> None:
    """Fold 3 holds one worker while the other does what it has; then somebody stops it."""
    mark = small_dataset.parent / "fold-3-waits"
    mark.touch()
    run = create_run(outputs, spec)
    over = threading.Event()
    begun = small_dataset.parent / "fold-3-has-begun"

    def stop_after_a_fold() -> None:
        while not (folds_told(run) and begun.exists()) and not over.wait(0.05):
            pass
        run.request_stop()

    person = threading.Thread(target=stop_after_a_fold)
    person.start()
    try:
        assert not execute(run, outputs, cluster=cluster.address)
    finally:
        over.set()
        person.join()
    assert (run.last_event() or {})["event"] == "stopped"
    assert folds_told(run)
    assert 3 not in folds_told(run)
    wait_for((small_dataset.parent / "fold-3-was-called-off").exists)
    mark.unlink()
    run.request_start()
    assert execute(run, outputs, cluster=cluster.address)
    assert sorted(folds_told(run)) == list(FOLDS)
    assert_same(run, in_turn(outputs, spec))


def test_a_pause_keeps_the_next_fold_done_and_ends(
    cluster, spec: RunSpec, outputs: Path, small_dataset: Path
) -> None:
    mark = small_dataset.parent / "fold-3-waits"
    mark.touch()
    run = create_run(outputs, spec)
    run.request_pause()
    assert not execute(run, outputs, cluster=cluster.address)
    mark.unlink()
    assert len(folds_told(run)) == 1
    assert (run.last_event() or {})["event"] == "stopped"


def task_of(spec: RunSpec) -> FoldTask:
    material = load_material(spec)
    files = tuple(map(str, feature_files(material.index, spec.features)))
    return FoldTask(fold_specs(spec)[1], material.table.data_digest, files)


def test_a_machine_that_sees_another_dataset_says_so(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "SHOWN_WITHIN_S", 0)
    task = task_of(spec)
    elsewhere = replace(task, spec=replace(task.spec, dataset="/nowhere/UrbanSound8K"))
    other_files = replace(task, feature_files=("/nowhere/features.json",))
    other_sounds = replace(task, data_digest="0" * 64)
    for wrong in (elsewhere, other_files, other_sounds):
        with pytest.raises(BadConfig, match="does not see the same"):
            train_fold(wrong)


def test_a_fold_that_nobody_waits_for_is_not_trained_on(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(spec)
    monkeypatch.setattr(cluster_folds_module, "is_unwanted", lambda: True)
    with pytest.raises(RunFailed, match="called off"):
        train_fold(task)


def test_a_fold_reads_the_features_and_never_makes_them(spec: RunSpec, small_dataset: Path) -> None:
    task = task_of(spec)
    kept = {Path(path): Path(path).read_bytes() for path in task.feature_files}
    clip = next((small_dataset / "audio").rglob("*.wav"))
    os.utime(clip, ns=(0, 0))  # Another machine may see other times of the same files.
    table = cluster_folds_module._same_material(task).table
    assert table.data_digest == task.data_digest
    assert {path: path.read_bytes() for path in kept} == kept


def test_features_that_a_shared_folder_shows_late_are_waited_for(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(spec)
    hidden = Path(task.feature_files[-1])
    hidden.rename(hidden.with_suffix(".hidden"))

    def show() -> bool:
        hidden.with_suffix(".hidden").rename(hidden)
        return False

    monkeypatch.setattr(cluster_folds_module, "is_unwanted", show)
    assert cluster_folds_module._same_material(task).table.data_digest == task.data_digest


def test_a_fold_that_is_called_off_is_not_waited_for(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = replace(task_of(spec), data_digest="0" * 64)
    monkeypatch.setattr(cluster_folds_module, "is_unwanted", lambda: True)
    with pytest.raises(RunFailed, match="called off"):
        train_fold(task)


def test_the_command_answers_as_it_does_on_one_machine(
    cluster, small_dataset: Path, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["crossval", "--json", "--data", small_dataset, "--outputs", outputs, "--epochs", "2"]
    call += ["--folds", "1,2"]
    assert main([*map(str, call), "--cluster", cluster.address]) == 0
    ours = json.loads(capsys.readouterr().out)
    assert main([*map(str, call)]) == 0
    theirs = json.loads(capsys.readouterr().out)
    assert ours.keys() == theirs.keys()
    assert [fold["fold"] for fold in ours["folds"]] == [1, 2]
    assert [fold["n"] for fold in ours["folds"]] == [fold["n"] for fold in theirs["folds"]]


def test_a_run_that_no_cluster_can_do_is_a_wrong_call(
    spec: RunSpec, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = replace(spec, folds=(), protocol=fold_specs(spec)[1].protocol)
    run = create_run(outputs, one)
    run.emit("stopped")
    call = ["--outputs", str(outputs), "--cluster", "tcp://127.0.0.1:9"]
    assert main(["runs", "resume", run.id, *call]) == 2
    assert "Only a cross-validation's folds go to a cluster" in capsys.readouterr().err
    assert main(["runs", "list", *call]) == 2
    assert "'runs list' takes no --cluster" in capsys.readouterr().err
