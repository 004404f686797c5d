"""A run as the command that does it again."""

import shlex
from dataclasses import fields
from typing import Any

from urbansound.features.spec import spec_name
from urbansound.records import RunSpec, TrainConfig


def command_for(spec: RunSpec) -> str:
    """The exact command line that does this run again."""
    action = "crossval" if spec.is_crossval else "train"
    parts = ["python", "-m", "urbansound", action, "--data", spec.dataset, "--model", spec.model]
    parts += ["--features", spec_name(spec.features), *_protocol_options(spec)]
    if spec.exclusions is not None:
        parts += ["--exclude", spec.exclusions.name]
    for item in fields(TrainConfig):
        parts += _option(item.name, getattr(spec.train, item.name))
    return shlex.join(parts)


def _protocol_options(spec: RunSpec) -> list[str]:
    protocol = spec.protocol
    if protocol.kind == "random":
        return ["--protocol", "random"]
    if spec.is_crossval:
        without = [] if protocol.validation_folds else ["--validation-fold", "none"]
        return ["--folds", ",".join(map(str, spec.folds)), *without]
    chosen = ["--test-fold", _fold_text(protocol.test_folds)]
    return [*chosen, "--validation-fold", _fold_text(protocol.validation_folds)]


def _option(name: str, value: Any) -> list[str]:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    return [] if value is None else [f"--{flag}", str(value)]


def _fold_text(folds: tuple[int, ...]) -> str:
    return str(folds[0]) if folds else "none"
