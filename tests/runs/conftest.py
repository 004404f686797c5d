"""A features-only dataset that trains in moments, and saved models made by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from urbansound.article_tensors import write_tensors
from urbansound.records import Protocol, RunSpec, TrainConfig


@pytest.fixture
def tensors(tmp_path: Path) -> Path:
    """A folder with the article's three tensors: 400 rows, ten classes, ten folds."""
    rng = np.random.default_rng(0)
    labels = (np.arange(400) % 10).astype(np.int64)
    folds = (np.arange(400) // 40 + 1).astype(np.int64)
    centres = rng.normal(size=(10, 40)) * 20
    features = (centres[labels] + rng.normal(size=(400, 40)) * 30 - 50).astype(np.float32)
    folder = tmp_path / "tensors"
    folder.mkdir()
    write_tensors(folder, features, labels, folds)
    return folder


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """An empty outputs folder."""
    return tmp_path / "outputs"


@pytest.fixture
def spec(tensors: Path) -> RunSpec:
    """A training of a few epochs on the tensors."""
    return RunSpec(
        str(tensors),
        "model1",
        train=TrainConfig(epochs=5, batch_size=32, device="cpu"),
        protocol=Protocol("official", (10,), (9,)),
    )


@pytest.fixture
def long_spec(spec: RunSpec) -> RunSpec:
    """The same for so long that a test can step in."""
    return replace(spec, train=replace(spec.train, epochs=20_000))
