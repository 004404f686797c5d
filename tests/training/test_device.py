"""The device in timed stages; no GPU takes part."""

import pytest
import torch

from urbansound.stages import stage, timing_stages
from urbansound.training.device import settle_stages_on


@pytest.fixture
def waited_for(monkeypatch: pytest.MonkeyPatch) -> list[torch.device]:
    """The devices that were waited for, as often as they were."""
    devices: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "synchronize", devices.append)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)
    return devices


@pytest.mark.parametrize(("name", "n_waits"), [("cpu", 0), ("cuda", 2)])
def test_only_a_gpu_is_waited_for_where_a_timed_stage_begins_and_ends(waited_for, name, n_waits):
    device = torch.device(name)
    with timing_stages():
        settle_stages_on(device)
        with stage("forward"):
            pass
    assert waited_for == [device] * n_waits


def test_a_gpu_is_not_waited_for_where_nothing_is_timed(waited_for):
    settle_stages_on(torch.device("cuda"))
    with stage("forward"):
        pass
    assert waited_for == []


def test_a_graph_that_is_being_recorded_is_not_waited_for(waited_for, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    with timing_stages():
        settle_stages_on(torch.device("cuda"))
        with stage("forward"):
            pass
    assert waited_for == []
