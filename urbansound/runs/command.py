"""A run as the command that does it again."""

import shlex
from dataclasses import fields
from typing import Any

from urbansound.records import RunSpec, TrainConfig


def command_for(spec: RunSpec) -> str:
    """The exact command line that does this training again."""
    parts = ["python", "-m", "urbansound", "train", "--data", spec.dataset, "--model", spec.model]
    protocol = spec.protocol
    parts += ["--protocol", protocol.kind]
    if protocol.kind == "official":
        parts += ["--test-fold", _fold_text(protocol.test_folds)]
        parts += ["--validation-fold", _fold_text(protocol.validation_folds)]
    for item in fields(TrainConfig):
        parts += _option(item.name, getattr(spec.train, item.name))
    return shlex.join(parts)


def _option(name: str, value: Any) -> list[str]:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    return [] if value is None else [f"--{flag}", str(value)]


def _fold_text(folds: tuple[int, ...]) -> str:
    return str(folds[0]) if folds else "none"
