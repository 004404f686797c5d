"""What two processes do in the tests of `parallel`: trainings, whose results process 0 saves.

`python -m tests.training.pair FILE` under torchrun; `train_cases` is the same for one process.
"""

import sys
from typing import Any

import torch

from urbansound.errors import RunFailed
from urbansound.models.build import build_model
from urbansound.records import TrainConfig
from urbansound.training import parallel
from urbansound.training.loop import TensorSet, train

# 17 rows in the last batch of 32, which are 8 and 9; and 1 row, which are 0 and 1.
CASES: dict[str, tuple[str, int, TrainConfig]] = {
    "model1": ("model1", 209, TrainConfig(epochs=5, optimizer="sgd", lr=0.05)),
    "model2": ("model2", 209, TrainConfig(epochs=5, optimizer="sgd", lr=0.05)),
    "mixed": ("model2", 209, TrainConfig(epochs=5, optimizer="sgd", lr=0.05, mixup=0.4)),
    "one row left": ("model1", 193, TrainConfig(epochs=5, optimizer="sgd", lr=0.05)),
    "adam": ("model2", 209, TrainConfig(epochs=5)),
    "patience": ("model2", 209, TrainConfig(epochs=200, lr=0.01, patience=2)),
    "dropout": ("mlp", 256, TrainConfig(epochs=8, lr=3e-3)),
}


def train_cases() -> dict[str, Any]:
    """The weights, the epochs and the best epoch that each case comes to."""
    torch.set_num_threads(1)
    return {name: train_case(*case) for name, case in CASES.items()}


def train_case(model: str, n_rows: int, config: TrainConfig) -> dict[str, Any]:
    epochs: list[dict[str, Any]] = []
    result = train(
        build_model(model, 40, 10, seed=0),
        *sets(n_rows),
        config,
        on_event=lambda event: epochs.append(vars(event)),
        on_checkpoint=lambda state: None,
        should_stop=lambda: False,
    )
    return {"weights": result.weights, "epoch": result.epoch, "epochs": epochs}


def sets(n_rows: int) -> tuple[TensorSet, TensorSet]:
    """Clips that can be told apart, and a hundred others to validate with."""
    generator = torch.Generator().manual_seed(0)
    centres = torch.randn(10, 40, generator=generator)
    labels = torch.arange(n_rows + 100) % 10
    features = centres[labels] + torch.randn(len(labels), 40, generator=generator)
    return TensorSet(features[100:], labels[100:]), TensorSet(features[:100], labels[:100])


def n_epochs_until_stopped(group: parallel.Group) -> int:
    """How far a training comes that only process 0 wants to stop, after its third epoch."""
    seen: list[Any] = []
    result = train(
        build_model("model1", 40, 10, seed=0),
        *sets(200),
        TrainConfig(epochs=100_000),
        on_event=seen.append,
        on_checkpoint=lambda state: None,
        should_stop=lambda: group.place.is_leader and len(seen) >= 3,
    )
    return len(seen) if result.was_stopped else -1


def is_refused() -> bool:
    """Whether a training on what is no number ends in words."""
    data, _ = sets(200)
    data.features[0] = float("nan")
    try:
        train(
            build_model("model1", 40, 10, seed=0),
            data,
            None,
            TrainConfig(epochs=2),
            on_event=lambda event: None,
            on_checkpoint=lambda state: None,
            should_stop=lambda: False,
        )
    except RunFailed:
        return True
    return False


def main(file: str) -> None:
    group = parallel.join()
    found: dict[str, Any] = {"cases": train_cases(), "stopped": n_epochs_until_stopped(group)}
    told = b"\x00\xffwords" if group.place.is_leader else b""
    found["told"] = [group.tell(told), group.tell()] == [b"\x00\xffwords", b""]
    found["refused"] = is_refused()
    n_epochs = [len(case["epochs"]) for case in found["cases"].values()]
    agreed = [found["stopped"], found["told"], found["refused"], *n_epochs]
    # What both found, as numbers that can be added up; process 0 saves its own results.
    figures = torch.tensor(agreed, dtype=torch.float64)
    mine = figures.clone()
    found["agreed"] = bool(torch.equal(group.total(figures), 2 * mine))
    if group.place.is_leader:
        torch.save(found, file)
    group.total(torch.zeros(1))


if __name__ == "__main__":
    main(sys.argv[1])
