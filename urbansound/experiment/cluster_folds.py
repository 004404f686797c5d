"""A cross-validation's folds, each trained by a worker of a cluster."""

import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from urbansound.cluster import is_unwanted, machine, not_shared, share, shown
from urbansound.dataset.index import load_dataset
from urbansound.errors import RunFailed
from urbansound.experiment.crossval import FoldHooks, fold_specs
from urbansound.experiment.fitting import Hooks, Trained, train_material
from urbansound.experiment.material import Material, material_of
from urbansound.features.cache import feature_files, kept_features
from urbansound.once import once
from urbansound.records import DatasetIndex, FeatureTable, RunSpec
from urbansound.runs.folder import throttled
from urbansound.training.loop import EpochDone

_ASK_EVERY_S = 1.0
# Random numbers and the number of threads are a whole process's, and a worker may run several
# tasks in one.
_training_lock = once(threading.Lock)


@dataclass(frozen=True)
class FoldTask:
    """One fold's training, and how the caller knows the features that it is to see."""

    spec: RunSpec
    data_digest: str
    feature_files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FoldDone:
    """What came of a fold, and its epochs."""

    trained: Trained
    epochs: tuple[EpochDone, ...]


class _Stopped(Exception):
    """Somebody asked the run to stop."""


def cross_validate_on_cluster(
    spec: RunSpec, material: Material, hooks: FoldHooks, address: str
) -> bool:
    """Train and test once for each fold of the spec; False when it was stopped before.

    Every fold starts anew on a worker, whatever `hooks.resume_from` holds, and comes to what
    it would here, one fold after the other. A fold's epochs are told when it is done. Where a
    pause is asked for, the next fold done is the last. For errors see `cluster.share`.
    """
    missing = {fold: own for fold, own in fold_specs(spec).items() if fold not in hooks.done}
    files = tuple(str(path.absolute()) for path in feature_files(material.index, spec.features))
    tasks = [FoldTask(own, material.table.data_digest, files) for own in missing.values()]
    n_left = len(tasks)
    work = share(address, train_fold, tasks, while_waiting=lambda: _heed(hooks))
    try:
        with closing(work):
            for place, done in work:
                _tell(hooks, list(missing)[place], done)
                n_left -= 1
                if n_left and hooks.should_pause():
                    return False
    except _Stopped:
        return False
    return True


def train_fold(task: FoldTask) -> FoldDone:
    """Train and test one fold; for any machine to run.

    BadConfig where this machine does not see the same dataset and features, RunFailed where
    nobody waits for the fold any more.
    """
    epochs: list[EpochDone] = []
    hooks = Hooks(on_event=epochs.append, should_stop=throttled(is_unwanted, _ASK_EVERY_S))
    with _training_lock():
        material = _same_material(task)
        trained = train_material(task.spec, material, hooks)
    if trained is None:
        raise _called_off()
    return FoldDone(trained, tuple(epochs))


def _called_off() -> RunFailed:
    """On a worker: the error that nobody waits for the fold any more."""
    return RunFailed(f"A fold was called off on '{machine()}'. Go on with: runs resume.")


def _same_material(task: FoldTask) -> Material:
    """The dataset as this machine sees it, where that is what the caller sees."""
    root = Path(task.spec.dataset)
    if not root.is_dir():
        raise not_shared(root)
    index = load_dataset(root)
    own = feature_files(index, task.spec.features)
    if tuple(map(str, own)) != task.feature_files:
        raise not_shared(task.feature_files[0])
    table = shown(lambda: _callers_table(task, index), _heed_caller)
    if table is None:
        raise not_shared(task.feature_files[0])
    return material_of(task.spec, index, table)


def _callers_table(task: FoldTask, index: DatasetIndex) -> FeatureTable | None:
    """The kept features, where they are the caller's; nothing is extracted here."""
    table = kept_features(index, task.spec.features)
    return table if table is not None and table.data_digest == task.data_digest else None


def _heed_caller() -> None:
    if is_unwanted():
        raise _called_off()


def _heed(hooks: FoldHooks) -> None:
    if hooks.should_stop():
        raise _Stopped


def _tell(hooks: FoldHooks, fold: int, done: FoldDone) -> None:
    for event in done.epochs:
        hooks.on_epoch(fold, event)
    hooks.on_fold(fold, done.trained)
