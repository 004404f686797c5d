"""A cross-validation in its run folder: every fold once, stopped, cut short and gone on with."""

import json
from dataclasses import replace

import numpy as np
import pytest

from urbansound.dataset.index import load_dataset
from urbansound.evaluation.protocol import crossval_protocol
from urbansound.experiment import folds as folds_module
from urbansound.experiment.crossval import FoldHooks, cross_validate
from urbansound.experiment.execute import execute
from urbansound.experiment.material import features_for, load_material
from urbansound.records import RunSpec, TrainConfig
from urbansound.runs.results import read_results
from urbansound.runs.saved import run_card
from urbansound.runs.store import create_run

FOLDS = (1, 2, 3)


@pytest.fixture
def spec_of(small_dataset):
    """A short cross-validation of a model on three folds."""
    index = load_dataset(small_dataset)

    def build(model, **settings):
        config = TrainConfig(epochs=3, batch_size=16, device="cpu", average=0.5, **settings)
        protocol = crossval_protocol(index.folds, FOLDS)
        features = features_for(model, index)
        return RunSpec(str(small_dataset), model, features, config, protocol, FOLDS)

    return build


@pytest.fixture
def outputs(tmp_path):
    return tmp_path / "outputs"


def finished(outputs, spec):
    run = create_run(outputs, spec)
    assert execute(run, outputs)
    return run


def scores_of(run):
    return [fold.scores for fold in run_card(run).folds]


def pause_after_each_fold(monkeypatch):
    keep = folds_module._keep_fold

    def keep_and_pause(run, fold, trained):
        keep(run, fold, trained)
        run.request_pause()

    monkeypatch.setattr(folds_module, "_keep_fold", keep_and_pause)


@pytest.mark.parametrize("model", ["model1", "mlp", "cnn"])
def test_every_clip_of_every_fold_is_tested_once(outputs, spec_of, model):
    run = finished(outputs, spec_of(model))
    results = read_results(run.results_path)
    tested = results.take(results.is_test)
    assert sorted(tested.folds.tolist()) == [1] * 4 + [2] * 4 + [3] * 4
    assert len(set(tested.paths)) == len(tested) == 12
    assert np.allclose(tested.probabilities.sum(axis=1), 1, atol=1e-5)
    card = run_card(run)
    assert [fold.fold for fold in card.folds] == list(FOLDS)
    assert [fold.validation_folds for fold in card.folds] == [(10,), (1,), (2,)]
    assert (card.test.n, card.test.n_recordings) == (12, 12)
    right = tested.probabilities.argmax(axis=1) == tested.labels
    assert card.test.accuracy == pytest.approx(right.mean())
    assert not run.weights_path.exists()


def test_the_folds_pooled_are_the_folds_apart(outputs, spec_of):
    card = run_card(finished(outputs, spec_of("mlp")))
    counts = np.sum([fold.scores.confusion for fold in card.folds], axis=0)
    assert np.array_equal(counts, card.test.confusion)


def test_stopped_after_a_fold_it_goes_on_with_the_next(outputs, spec_of, monkeypatch):
    spec = spec_of("cnn")
    whole = finished(outputs, spec)
    run = create_run(outputs, spec)
    pause_after_each_fold(monkeypatch)
    assert not execute(run, outputs)
    assert [e["fold"] for e in run.events() if e["event"] == "fold"] == [1]
    assert run.last_event()["event"] == "stopped"
    monkeypatch.undo()
    run.request_start()
    assert execute(run, outputs)
    assert [e["fold"] for e in run.events() if e["event"] == "fold"] == [1, 2, 3]
    trained_again = [e["fold"] for e in run.events() if e["event"] == "epoch"]
    assert trained_again == [1] * 3 + [2] * 3 + [3] * 3
    assert scores_of(run) == scores_of(whole)
    assert not run.folds_path.exists()


@pytest.mark.parametrize("model", ["model2", "mlp", "cnn"])
def test_stopped_in_the_middle_it_ends_with_the_same_numbers(outputs, spec_of, model, monkeypatch):
    spec = spec_of(model, mixup=0.3)
    whole = finished(outputs, spec)
    run = create_run(outputs, spec)
    told = folds_module._tell_epoch

    def tell_and_stop(run, fold, event):
        told(run, fold, event)
        if fold == (2 if model == "cnn" else 3) and event.epoch == 2:
            run.request_stop()

    monkeypatch.setattr(folds_module, "_tell_epoch", tell_and_stop)
    monkeypatch.setattr(folds_module, "throttled", lambda check: check)
    assert not execute(run, outputs)
    monkeypatch.undo()
    run.request_start()
    assert execute(run, outputs)
    assert scores_of(run) == scores_of(whole)
    ours, theirs = (read_results(one.results_path).probabilities for one in (run, whole))
    assert np.array_equal(ours, theirs)


def test_a_damaged_fold_is_trained_again(outputs, spec_of, monkeypatch):
    spec = spec_of("cnn")
    whole = finished(outputs, spec)
    run = create_run(outputs, spec)
    pause_after_each_fold(monkeypatch)
    assert not execute(run, outputs)
    monkeypatch.undo()
    data = bytearray(run.fold_path(1, "npz").read_bytes())
    data[len(data) // 2] ^= 1
    run.fold_path(1, "npz").write_bytes(data)
    run.request_start()
    assert execute(run, outputs)
    assert scores_of(run) == scores_of(whole)


@pytest.mark.parametrize(
    ("change", "times_trained"),
    [({"fold": 3}, 2), ({"digest": None}, 1)],
    ids=["edited", "of 0.5, without a digest"],
)
def test_a_kept_fold_counts_where_it_is_what_was_written(
    outputs, spec_of, monkeypatch, change, times_trained
):
    run = create_run(outputs, spec_of("cnn"))
    pause_after_each_fold(monkeypatch)
    assert not execute(run, outputs)
    monkeypatch.undo()
    path = run.fold_path(1, "json")
    kept = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps({name: value for name, value in kept.items() if value is not None}))
    run.request_start()
    assert execute(run, outputs)
    assert [e["fold"] for e in run.events() if e["event"] == "fold"].count(1) == times_trained


def test_all_folds_at_once_and_one_alone_score_alike(outputs, spec_of):
    spec = spec_of("model2")
    together = run_card(finished(outputs, spec)).folds[1]
    alone = replace(
        spec, folds=(), protocol=replace(spec.protocol, test_folds=(2,), validation_folds=(1,))
    )
    test = run_card(finished(outputs, alone)).test
    assert test.accuracy == together.scores.accuracy
    assert test.loss == pytest.approx(together.scores.loss, abs=1e-4)


def test_folds_that_are_done_are_not_trained_again_by_networks_that_train_together(spec_of):
    spec, told, epochs = spec_of("model1"), [], []
    hooks = FoldHooks(
        on_fold=lambda fold, trained: told.append(fold),
        on_epoch=lambda fold, event: epochs.append(fold),
        done={2},
    )
    assert cross_validate(spec, load_material(spec), hooks)
    assert told == [1, 3]
    assert set(epochs) == {1, 3}
