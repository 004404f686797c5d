"""An epoch recorded and replayed is the epoch; what cannot be recorded goes on step by step.

No GPU is needed: what stands in for its graph changes nothing by recording, as that does.
"""

from dataclasses import replace
from functools import partial

import pytest
import torch

from urbansound.models.build import build_model
from urbansound.training import loop
from urbansound.training.config import PRESETS
from urbansound.training.loop import TensorSet, train
from urbansound.training.recorded_epoch import RecordedEpoch

CONFIG = replace(PRESETS["article"], epochs=4, device="cpu")


@pytest.fixture
def data():
    random = torch.Generator().manual_seed(3)
    return TensorSet(
        torch.randn(77, 40, generator=random), torch.randint(10, (77,), generator=random)
    )


def trained(data, config=CONFIG):
    model, told = build_model("model2", 40, 10, seed=1), []
    hooks = {"on_checkpoint": lambda state: None, "should_stop": lambda: False}
    train(model, data, None, config, on_event=told.append, **hooks)
    return [(event.train_loss, event.train_accuracy) for event in told], model.state_dict()


@pytest.fixture
def graphs(monkeypatch):
    """Every recording taken and replayed, in place of a GPU's; recording leaves all as it was."""
    recorded, replayed = [], []

    def record(state, work):
        recorded.append(work)
        changed = list(state.model.parameters())
        for own in state.optimizer.state.values():
            changed += own.values()
        before = [tensor.detach().clone() for tensor in changed]
        work()
        with torch.no_grad():
            for tensor, value in zip(changed, before, strict=True):
                tensor.copy_(value)

        def replay():
            replayed.append(work)
            work()

        return replay

    def made_of(epoch):
        return RecordedEpoch(epoch, partial(record, epoch.args[0]))

    monkeypatch.setattr(loop, "RecordedEpoch", made_of)
    monkeypatch.setattr(loop._State, "is_on_cuda", True)
    monkeypatch.setattr(torch.cuda, "get_rng_state", torch.get_rng_state)
    return recorded, replayed


def test_a_training_of_replayed_epochs_ends_with_the_same_numbers(data, monkeypatch, graphs):
    recorded, replayed = graphs
    told, weights = trained(data)
    assert (len(recorded), len(replayed)) == (1, CONFIG.epochs - 1)
    monkeypatch.undo()
    plain_told, plain_weights = trained(data)
    assert told == plain_told
    assert all(torch.equal(weights[name], plain_weights[name]) for name in plain_weights)


@pytest.mark.parametrize(
    "change", [{"mixup": 0.3}, {"schedule": "one-cycle"}, {"optimizer": "adamw"}]
)
def test_what_differs_from_epoch_to_epoch_is_not_recorded(data, graphs, change):
    trained(data, replace(CONFIG, **change))
    assert graphs == ([], [])


def test_where_nothing_can_be_recorded_the_epochs_go_on():
    asked = []

    def epoch(rows):
        asked.append(rows)
        return rows.sum(), rows.max()

    def record(work):
        raise RuntimeError("operation not permitted when stream is capturing")

    one = RecordedEpoch(epoch, record)
    for number in range(4):
        assert one(torch.tensor([number, 5])) == (number + 5, 5)
    assert len(asked) == 4


def test_a_replay_sees_the_rows_of_its_own_epoch():
    def record(work):
        work()
        return work

    one = RecordedEpoch(lambda rows: (rows.sum(), rows.max()), record)
    assert [int(one(torch.tensor([n, 1]))[0]) for n in (3, 4, 5, 6)] == [4, 5, 6, 7]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU at hand")
def test_a_gpu_replays_what_it_was_asked(data, monkeypatch):
    on_gpu = TensorSet(data.features.cuda(), data.labels.cuda())
    ends = []
    for most in (loop.MOST_RECORDED_STEPS, 0):
        monkeypatch.setattr(loop, "MOST_RECORDED_STEPS", most)
        model = build_model("model2", 40, 10, seed=1).cuda()
        hooks = {"on_checkpoint": lambda state: None, "should_stop": lambda: False}
        train(model, on_gpu, None, CONFIG, on_event=lambda event: None, **hooks)
        ends.append([tensor.cpu() for tensor in model.state_dict().values()])
    for recorded, plain in zip(*ends, strict=True):
        torch.testing.assert_close(recorded, plain, rtol=1e-3, atol=1e-5)
