"""Every fold tests once: one training per fold, over one table of features.

Perceptrons train all folds at once in one stacked model, other networks fold by fold.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from urbansound.experiment.fitting import (
    Hooks,
    Trained,
    calculating,
    finish,
    prepare,
    train_material,
)
from urbansound.experiment.material import Material, fold_protocols
from urbansound.models.catalog import find_model_info
from urbansound.records import FoldScores, RunSpec
from urbansound.training.device import choose_device
from urbansound.training.loop import EpochDone
from urbansound.training.stacked import train_stacked


@dataclass(frozen=True)
class FoldHooks:
    """What a cross-validation tells and asks while it runs; folds go by their number.

    `should_pause` is asked between two folds. `done` are folds that need no training.
    """

    on_epoch: Callable[[int, EpochDone], None] = lambda fold, event: None
    on_fold: Callable[[int, Trained], None] = lambda fold, trained: None
    on_checkpoint: Callable[[dict[str, Any]], None] = lambda state: None
    should_stop: Callable[[], bool] = lambda: False
    should_pause: Callable[[], bool] = lambda: False
    resume_from: dict[str, Any] | None = None
    done: Collection[int] = field(default_factory=frozenset)


def cross_validate(spec: RunSpec, material: Material, hooks: FoldHooks) -> bool:
    """Train and test once for each fold of the spec; False when it was stopped before."""
    # Folds that a cluster has done are not trained again with the others.
    if trains_together(spec) and not hooks.done:
        return _train_together(spec, material, hooks)
    return _train_in_turn(spec, material, hooks)


def trains_together(spec: RunSpec) -> bool:
    """True where all folds train at once, and so end at once."""
    return find_model_info(spec.model).is_perceptron


def fold_scores(trained: Trained) -> FoldScores:
    """A trained fold's scores for the table of all folds."""
    protocol, test = trained.card.spec.protocol, trained.card.test
    assert test is not None
    return FoldScores(protocol.test_folds[0], protocol.validation_folds, test)


def fold_specs(spec: RunSpec) -> dict[int, RunSpec]:
    """One training for each fold that tests, by the fold's number."""
    protocols = fold_protocols(spec)
    return {
        protocol.test_folds[0]: replace(spec, protocol=protocol, folds=()) for protocol in protocols
    }


def _train_in_turn(spec: RunSpec, material: Material, hooks: FoldHooks) -> bool:
    for fold, fold_spec in fold_specs(spec).items():
        if fold in hooks.done:
            continue
        if hooks.should_pause():
            return False
        own = material.under(fold_spec.protocol)
        trained = train_material(fold_spec, own, _hooks_of(fold, hooks))
        if trained is None:
            return False
        hooks.on_fold(fold, trained)
    return True


def _hooks_of(fold: int, hooks: FoldHooks) -> Hooks:
    state = hooks.resume_from
    is_own = state is not None and state.get("fold") == fold
    return Hooks(
        on_event=lambda event: hooks.on_epoch(fold, event),
        on_checkpoint=lambda state: hooks.on_checkpoint({"fold": fold, "state": state}),
        should_stop=hooks.should_stop,
        resume_from=state["state"] if state is not None and is_own else None,
    )


def _train_together(spec: RunSpec, material: Material, hooks: FoldHooks) -> bool:
    with calculating(spec):
        return _train_stacked(spec, material, hooks)


def _train_stacked(spec: RunSpec, material: Material, hooks: FoldHooks) -> bool:
    device = choose_device(spec.train.device)
    specs = fold_specs(spec)
    materials = [material.under(fold_spec.protocol) for fold_spec in specs.values()]
    prepared = [prepare(spec, own, device) for own in materials]
    folds = list(specs)
    results = train_stacked(
        [fold.model for fold in prepared],
        [(fold.train_set, fold.validation_set) for fold in prepared],
        spec.train,
        on_event=lambda place, event: hooks.on_epoch(folds[place], event),
        on_checkpoint=hooks.on_checkpoint,
        should_stop=hooks.should_stop,
        resume_from=hooks.resume_from,
    )
    if any(result.was_stopped for result in results):
        return False
    for fold, own, start, result in zip(folds, materials, prepared, results, strict=True):
        hooks.on_fold(fold, finish(specs[fold], own, start, result, run_id=""))
    return True
