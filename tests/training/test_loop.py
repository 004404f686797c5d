"""The loop: it learns, it stops, it goes on to the same numbers."""

import copy
from dataclasses import replace

import pytest
import torch

from urbansound.errors import RunFailed
from urbansound.models.build import build_model
from urbansound.records import TrainConfig
from urbansound.training import loop
from urbansound.training.loop import TensorSet, train


@pytest.fixture
def sets():
    generator = torch.Generator().manual_seed(0)
    centres = torch.randn(10, 40, generator=generator) * 2
    labels = torch.arange(400) % 10
    features = centres[labels] + torch.randn(400, 40, generator=generator)
    return TensorSet(features[:300], labels[:300]), TensorSet(features[300:], labels[300:])


class Recorder:
    """Collects what a training tells, and says stop after `stop_after` epochs."""

    def __init__(self, stop_after=None):
        self.events, self.states, self.stop_after = [], [], stop_after

    def hooks(self):
        return {
            "on_event": self.events.append,
            "on_checkpoint": self.states.append,
            "should_stop": lambda: (
                self.stop_after is not None and len(self.events) >= self.stop_after
            ),
        }


def weights_equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_training_learns_and_reports_every_epoch(sets):
    recorder = Recorder()
    model = build_model("model2", 40, 10, seed=0)
    result = train(model, *sets, TrainConfig(epochs=20, batch_size=32), **recorder.hooks())
    assert [event.epoch for event in recorder.events] == list(range(1, 21))
    assert recorder.events[-1].train_loss < recorder.events[0].train_loss
    assert recorder.events[-1].validation_accuracy > 0.8
    assert result.last_epoch == 20
    assert not result.was_stopped


def test_the_best_epoch_by_validation_loss_is_kept(sets):
    recorder = Recorder()
    model = build_model("model1", 40, 10, seed=0)
    result = train(model, *sets, TrainConfig(epochs=15, lr=0.05), **recorder.hooks())
    losses = [event.validation_loss for event in recorder.events]
    assert result.epoch == losses.index(min(losses)) + 1
    model.load_state_dict(result.weights)
    assert loop.loss_and_accuracy(model, sets[1])[0] == pytest.approx(min(losses), abs=1e-6)


def test_without_validation_clips_the_last_weights_count(sets):
    model = build_model("model1", 40, 10, seed=0)
    result = train(model, sets[0], None, TrainConfig(epochs=4), **Recorder().hooks())
    assert result.epoch == 4
    assert weights_equal(result.weights, model.state_dict())


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("stop_after", [1, 7, 11])
def test_resume_equals_an_uninterrupted_run(sets, optimizer, stop_after):
    config = TrainConfig(epochs=12, batch_size=32, optimizer=optimizer, seed=4)
    whole = train(build_model("model1", 40, 10, seed=4), *sets, config, **Recorder().hooks())
    first = Recorder(stop_after)
    half = train(build_model("model1", 40, 10, seed=4), *sets, config, **first.hooks())
    assert half.was_stopped
    assert half.last_epoch == stop_after
    rest = Recorder()
    resumed = train(
        build_model("model1", 40, 10, seed=4),
        *sets,
        config,
        **rest.hooks(),
        resume_from=first.states[-1],
    )
    assert rest.events[0].epoch == stop_after + 1
    assert weights_equal(resumed.weights, whole.weights)
    assert resumed.epoch == whole.epoch


def test_a_checkpoint_is_not_changed_by_the_training_that_goes_on(sets, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    recorder = Recorder()
    model = build_model("model1", 40, 10, seed=0)
    train(model, *sets, TrainConfig(epochs=3), **recorder.hooks())
    assert [state["epoch"] for state in recorder.states] == [1, 2, 3]
    first, last = recorder.states[0]["model"], recorder.states[-1]["model"]
    assert not weights_equal(first, last)


def test_patience_ends_a_training_that_no_longer_gets_better(sets):
    recorder = Recorder()
    model = build_model("model2", 40, 10, seed=0)
    config = TrainConfig(epochs=500, lr=0.01, patience=3)
    result = train(model, *sets, config, **recorder.hooks())
    assert result.last_epoch == result.epoch + 3
    assert result.last_epoch < 500


def test_a_loss_that_is_no_number_ends_the_training_in_words(sets):
    features = sets[0].features.clone()
    features[0] = float("nan")
    with pytest.raises(RunFailed, match="no longer a number"):
        train(
            build_model("model1", 40, 10, seed=0),
            TensorSet(features, sets[0].labels),
            None,
            TrainConfig(epochs=3),
            **Recorder().hooks(),
        )


FULL = TrainConfig(
    epochs=6,
    batch_size=32,
    optimizer="adamw",
    schedule="one-cycle",
    weight_decay=0.01,
    mixup=0.3,
    average=0.5,
)


def spectrogram_sets():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(80) % 4
    spectrograms = torch.randn(80, 16, 120, generator=generator) * 5 - 40
    beats = torch.arange(120) % torch.tensor([2, 5, 10, 20])[labels][:, None] == 0
    spectrograms = (spectrograms + 30 * beats[:, None]).half()
    return TensorSet(spectrograms[:64], labels[:64]), TensorSet(spectrograms[64:], labels[64:])


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_resume_equals_an_uninterrupted_run_with_dropout_mixup_and_averaged_weights(name, sets):
    parts = spectrogram_sets() if name == "cnn" else sets
    config = replace(FULL, augment=name == "cnn")
    size = (16, 4) if name == "cnn" else (40, 10)
    whole = train(build_model(name, *size, seed=4), *parts, config, **Recorder().hooks())
    first = Recorder(stop_after=4)
    half = train(build_model(name, *size, seed=4), *parts, config, **first.hooks())
    assert half.was_stopped
    torch.manual_seed(99)  # Another process draws other numbers.
    model = build_model(name, *size, seed=4)
    state = first.states[-1]
    rest = train(model, *parts, config, **Recorder().hooks(), resume_from=state)
    assert weights_equal(whole.weights, rest.weights)
    assert rest.n_averaged == whole.n_averaged == 3


def test_averaged_weights_are_the_mean_of_the_last_epochs(sets):
    recorder = Recorder()
    config = TrainConfig(epochs=4, batch_size=64, average=0.5)
    states = []
    hooks = {**recorder.hooks(), "on_checkpoint": lambda state: states.append(copy.deepcopy(state))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
        result = train(build_model("model1", 40, 10, seed=0), *sets, config, **hooks)
    for name, tensor in result.weights.items():
        mean = (states[2]["model"][name] + states[3]["model"][name]) / 2
        assert torch.allclose(tensor, mean, atol=1e-6)


def test_a_training_leaves_its_callers_random_numbers_alone(sets):
    before = torch.get_rng_state()
    train(build_model("mlp", 40, 10, seed=0), *sets, replace(FULL, epochs=1), **Recorder().hooks())
    assert torch.equal(torch.get_rng_state(), before)


def test_batch_normalisation_never_sees_a_handful_of_clips(sets):
    model = build_model("mlp", 40, 10, seed=0)
    sizes = []
    model.network[1].register_forward_pre_hook(lambda layer, x: sizes.append(len(x[0])))
    config = replace(FULL, epochs=1, batch_size=64)
    train(model, sets[0], None, config, **Recorder().hooks())
    assert sizes == [64] * 4  # Of 300 clips the last 44 wait for the next epoch's order.


def test_the_cnn_learns_from_varied_spectrograms():
    parts = spectrogram_sets()
    config = replace(FULL, epochs=24, batch_size=16, lr=3e-3, augment=True, mixup=0.0, average=0.25)
    model = build_model("cnn", 16, 4, seed=0)
    model.load_state_dict(train(model, *parts, config, **Recorder().hooks()).weights)
    assert loop.loss_and_accuracy(model, parts[1])[1] > 0.8


def test_a_checkpoint_of_the_first_version_can_be_gone_on_from(sets):
    config = TrainConfig(epochs=5, batch_size=32)
    whole = train(build_model("model1", 40, 10, seed=1), *sets, config, **Recorder().hooks())
    first = Recorder(stop_after=2)
    train(build_model("model1", 40, 10, seed=1), *sets, config, **first.hooks())
    new = ("noise", "device_noise", "average", "n_averaged")
    state = {name: value for name, value in first.states[-1].items() if name not in new}
    model = build_model("model1", 40, 10, seed=1)
    rest = train(model, *sets, config, **Recorder().hooks(), resume_from=state)
    assert weights_equal(whole.weights, rest.weights)
