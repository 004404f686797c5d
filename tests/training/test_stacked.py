"""Folds trained at once: each as if it were alone, to the last choice of epoch."""

from dataclasses import replace

import pytest
import torch

from urbansound.errors import BadConfig, RunFailed
from urbansound.models import mlp
from urbansound.models.build import build_model
from urbansound.records import TrainConfig
from urbansound.training.loop import TensorSet, train
from urbansound.training.stacked import train_stacked
from urbansound.training.stacked_network import drop

# Sizes that differ by rows and by batches: at 32, folds have 9, 7, 9 and 2 of them.
SIZES = (270, 224, 257, 40)
N_FEATURES = 12


def build_set(generator, n_rows):
    centres = torch.randn(10, N_FEATURES, generator=torch.Generator().manual_seed(1)) * 2
    labels = torch.randint(10, (n_rows,), generator=generator)
    noise = torch.randn(n_rows, N_FEATURES, generator=generator)
    return TensorSet(centres[labels] + 2 * noise, labels)


@pytest.fixture
def sets():
    generator = torch.Generator().manual_seed(0)
    return [(build_set(generator, n), build_set(generator, 60 + n % 7)) for n in SIZES]


@pytest.fixture
def without_dropout(monkeypatch):
    monkeypatch.setattr(mlp, "DROPOUT", 0.0)


class Recorder:
    """Collects what a training tells, and says stop when asked for the n-th time."""

    def __init__(self, stop_at_question=None):
        self.events, self.states, self.n_asked = [], [], 0
        self.stop_at_question = stop_at_question

    def hooks(self):
        return {
            "on_event": lambda *event: self.events.append(event),
            "on_checkpoint": self.states.append,
            "should_stop": self.should_stop,
        }

    def should_stop(self):
        self.n_asked += 1
        return self.stop_at_question is not None and self.n_asked >= self.stop_at_question

    def of_fold(self, place):
        return [event for number, event in self.events if number == place]


def build(name, seed, like):
    """A fresh network in the precision of the features."""
    return build_model(name, N_FEATURES, 10, seed=seed).to(like.features.dtype)


def train_all(name, sets, config, recorder=None, resume_from=None):
    hooks = (recorder or Recorder()).hooks()
    models = [build(name, seed, sets[0][0]) for seed in range(len(sets))]
    return train_stacked(models, sets, config, **hooks, resume_from=resume_from)


def train_one(name, sets, config, place):
    recorder = Recorder()
    result = train(build(name, place, sets[place][0]), *sets[place], config, **recorder.hooks())
    return result, [event for (event,) in recorder.events]


def in_float64(data):
    return TensorSet(data.features.double(), data.labels)


def assert_equal_to_single_trainings(name, sets, config, *, but=()):
    recorder = Recorder()
    results = train_all(name, sets, config, recorder)
    for place, result in enumerate(results):
        expected, events = train_one(name, sets, config, place)
        assert result.weights.keys() == expected.weights.keys()
        for key in expected.weights.keys() - set(but):
            tensor = expected.weights[key]
            torch.testing.assert_close(result.weights[key], tensor, rtol=1e-4, atol=2e-5)
        assert replace(result, weights={}) == replace(expected, weights={})
        figures = ["train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]
        for own, event in zip(recorder.of_fold(place), events, strict=True):
            assert own.epoch == event.epoch
            for figure in figures:
                assert getattr(own, figure) == pytest.approx(getattr(event, figure), abs=2e-5)


def weights_equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("name", ["model1", "model2"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_each_fold_is_trained_as_if_it_were_alone(sets, name, optimizer, schedule, mixup):
    config = TrainConfig(
        epochs=3,
        optimizer=optimizer,
        lr=0.1 if optimizer == "sgd" else 1e-3,
        schedule=schedule,
        weight_decay=0.01,
        mixup=mixup,
        seed=3,
    )
    assert_equal_to_single_trainings(name, sets, config)


@pytest.mark.usefixtures("without_dropout")
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("batch_size", [32, 64, 8192])
@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_each_fold_keeps_its_own_batch_statistics(sets, optimizer, batch_size, mixup):
    config = TrainConfig(
        epochs=3,
        batch_size=batch_size,
        optimizer=optimizer,
        schedule="one-cycle",
        weight_decay=0.05,
        mixup=mixup,
        average=0.5,
    )
    # Normalisation takes a bias before it away again: its gradient is rounding alone, of which
    # Adam makes whole steps, and the running mean follows. In float32 that reaches the others.
    free = [f"network.{n}" for n in ("0.bias", "4.bias", "1.running_mean", "5.running_mean")]
    but = () if optimizer == "sgd" else free
    exact = [tuple(in_float64(part) for part in pair) for pair in sets]
    assert_equal_to_single_trainings("mlp", exact, config, but=but)


def test_the_last_weights_count_without_validation_clips(sets):
    without = [(train_set, None) for train_set, _ in sets]
    assert_equal_to_single_trainings("model1", without, TrainConfig(epochs=3))


def test_averaged_weights_are_each_folds_own(sets):
    config = TrainConfig(epochs=4, average=0.5)
    assert_equal_to_single_trainings("model1", sets, config)
    assert [result.n_averaged for result in train_all("model1", sets, config)] == [2] * 4


def test_a_fold_whose_patience_is_spent_changes_no_more(sets):
    config = TrainConfig(epochs=30, lr=0.01, patience=2)
    recorder = Recorder()
    models = [build("model1", seed, sets[0][0]) for seed in range(len(sets))]
    results = train_stacked(models, sets, config, **recorder.hooks())
    last_epochs = [result.last_epoch for result in results]
    assert min(last_epochs) < max(last_epochs)
    for place, last_epoch in enumerate(last_epochs):
        cut = [build("model1", seed, sets[0][0]) for seed in range(len(sets))]
        train_stacked(cut, sets, replace(config, epochs=last_epoch), **Recorder().hooks())
        for key, tensor in cut[place].state_dict().items():
            own = models[place].state_dict()[key]
            torch.testing.assert_close(own, tensor, rtol=1e-3, atol=1e-3)
        assert len(recorder.of_fold(place)) == last_epoch


@pytest.mark.parametrize("name", ["model1", "mlp"])
@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("stop_after", [1, 3])
def test_resume_equals_an_uninterrupted_run(sets, name, optimizer, stop_after):
    config = TrainConfig(
        epochs=6,
        optimizer=optimizer,
        lr=0.01,
        schedule="one-cycle",
        mixup=0.4,
        average=0.5 if stop_after == 3 else 0.0,
        patience=4,
    )
    whole = train_all(name, sets, config)
    first = Recorder()
    first.should_stop = lambda: len(first.events) >= stop_after * len(sets)
    assert all(result.was_stopped for result in train_all(name, sets, config, first))
    second = Recorder()
    resumed = train_all(name, sets, config, second, resume_from=first.states[-1])
    assert second.events[0][1].epoch == stop_after + 1
    for a, b in zip(whole, resumed, strict=True):
        assert weights_equal(a.weights, b.weights)
        assert replace(a, weights={}) == replace(b, weights={})


def test_a_kept_state_stays_as_it_was_while_the_training_goes_on(sets, monkeypatch):
    monkeypatch.setattr("urbansound.training.stacked.CHECKPOINT_EVERY_S", 0.0)
    config = TrainConfig(epochs=6, average=0.9)
    recorder = Recorder()
    whole = train_all("model1", sets, config, recorder)
    assert [state["epoch"] for state in recorder.states] == [1, 2, 3, 4, 5, 6]
    resumed = train_all("model1", sets, config, resume_from=recorder.states[2])
    assert all(weights_equal(a.weights, b.weights) for a, b in zip(whole, resumed, strict=True))


def test_a_resume_goes_on_with_folds_that_were_done(sets, monkeypatch):
    monkeypatch.setattr("urbansound.training.stacked.CHECKPOINT_EVERY_S", 0.0)
    config = TrainConfig(epochs=30, lr=0.01, patience=2)
    recorder = Recorder()
    whole = train_all("model1", sets, config, recorder)
    state = recorder.states[-1]
    assert len({fold["epoch"] for fold in state["folds"]}) > 1
    second = Recorder()
    resumed = train_all("model1", sets, config, second, resume_from=recorder.states[-2])
    assert len(second.events) < len(sets)
    assert all(weights_equal(a.weights, b.weights) for a, b in zip(whole, resumed, strict=True))


def test_a_training_is_asked_to_stop_at_every_step(sets):
    recorder = Recorder(stop_at_question=4)
    results = train_all("model1", sets, TrainConfig(epochs=3), recorder)
    assert all(result.was_stopped for result in results)
    assert recorder.n_asked == 4
    assert recorder.events == []


def test_the_callers_random_state_is_left_as_it_was(sets):
    before = torch.get_rng_state()
    train_all("mlp", sets, TrainConfig(epochs=1))
    assert torch.equal(before, torch.get_rng_state())


def test_dropout_leaves_the_mean_and_drops_its_share():
    dropped = drop(torch.ones(4, 200, 100), 0.4)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.4, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)


def test_an_mlp_with_dropout_learns_in_every_fold(sets):
    recorder = Recorder()
    train_all("mlp", sets, TrainConfig(epochs=12, optimizer="adamw", lr=3e-3), recorder)
    for place in range(3):
        events = recorder.of_fold(place)
        assert events[-1].validation_loss < 0.7 * events[0].validation_loss


def test_a_loss_that_is_no_number_ends_the_training_in_words(sets):
    broken = TensorSet(torch.full((64, N_FEATURES), float("nan")), torch.zeros(64).long())
    with pytest.raises(RunFailed, match="no longer a number"):
        train_all("model1", [*sets, (broken, None)], TrainConfig(epochs=1))


def test_only_perceptrons_are_stacked(sets):
    models = [build_model("cnn", 64, 10, seed=0)] * len(sets)
    with pytest.raises(BadConfig, match="Only perceptrons"):
        train_stacked(models, sets, TrainConfig(), **Recorder().hooks())
