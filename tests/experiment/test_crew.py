"""Processes that torchrun started: those that cannot train on the same say so."""

import json
from pathlib import Path

import pytest

from urbansound import __version__
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig
from urbansound.evaluation.protocol import build_protocol
from urbansound.experiment import crew
from urbansound.experiment.material import features_for, load_material
from urbansound.records import RunSpec, TrainConfig, to_json


class Told:
    """A group of which this process hears what process 0 told it."""

    def __init__(self, **told: object) -> None:
        self._messages = [json.dumps(told).encode(), b""]

    def tell(self) -> bytes:
        return self._messages.pop(0)

    def figures(self, measure: object, n: int) -> tuple[float, ...]:
        return (0.0,)


@pytest.fixture
def spec(small_dataset: Path) -> RunSpec:
    index = load_dataset(small_dataset)
    protocol = build_protocol(index.folds, test_fold=1)
    config = TrainConfig(epochs=1, device="cpu")
    return RunSpec(str(small_dataset), "model1", features_for("model1", index), config, protocol)


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """What this process took part in."""
    specs: list[RunSpec] = []
    monkeypatch.setattr(crew, "train_share", lambda spec, *rest: specs.append(spec))
    return specs


def follow(monkeypatch: pytest.MonkeyPatch, **told: object) -> None:
    monkeypatch.setattr(crew, "join", lambda: Told(**told))
    crew.follow()


def test_a_process_that_sees_other_sounds_takes_no_part(spec, taught, monkeypatch):
    with pytest.raises(BadConfig, match="holds other sounds"):
        follow(monkeypatch, spec=to_json(spec), digest="0" * 64, version=__version__)
    assert taught == []


def test_a_process_of_another_version_takes_no_part(spec, taught, monkeypatch):
    digest = load_material(spec).table.data_digest
    with pytest.raises(BadConfig, match=r"version 0\.4\.0 of the app"):
        follow(monkeypatch, spec=to_json(spec), digest=digest, version="0.4.0")
    assert taught == []


def test_a_process_that_sees_the_same_takes_part(spec, taught, monkeypatch):
    digest = load_material(spec).table.data_digest
    follow(monkeypatch, spec=to_json(spec), digest=digest, version=__version__)
    assert taught == [spec]
