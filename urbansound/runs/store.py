"""All runs of an outputs folder: create, list, find, delete, bring back."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from urbansound.errors import BadConfig, RunFailed, UrbanSoundError
from urbansound.files import modified_at
from urbansound.models.catalog import find_model_info
from urbansound.records import RunSpec
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.training.config import check_config

_DELETED = ".deleted-"
# A deleted run takes up disk as long as it can be brought back.
UNDO_S = 3600.0


def runs_dir(outputs: Path) -> Path:
    """Where the run folders lie."""
    return outputs / "runs"


def device_lock_path(outputs: Path) -> Path:
    """The lock that the one training at work holds."""
    return outputs / "device.lock"


def create_run(outputs: Path, spec: RunSpec) -> RunFolder:
    """A new run folder with its spec, its worker expected within seconds.

    The id is the moment and the model, so ids sort by age. RunFailed where the folder
    cannot be written.
    """
    while True:
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        kind = "-crossval" if spec.is_crossval else ""
        folder = RunFolder(runs_dir(outputs) / f"{moment}-{spec.model}{kind}")
        try:
            folder.path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunFailed(
                f"'{folder.path.parent}' cannot be written to ({error.strerror}). "
                "Free some space, change its rights, or choose another outputs folder."
            ) from error
        try:
            folder.write_spec(spec)
            folder.request_start()
        except RunFailed:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        return folder


def list_runs(outputs: Path) -> list[RunFolder]:
    """Every run that is not deleted and can be read, newest first."""
    return [run for run in _all_runs(outputs) if _why_unreadable(run) is None]


def unreadable_runs(outputs: Path) -> list[str]:
    """A sentence about each run folder that cannot be read."""
    reasons = ((run, _why_unreadable(run)) for run in _all_runs(outputs))
    return [f"Run '{run.id}' cannot be read: {reason}" for run, reason in reasons if reason]


def _all_runs(outputs: Path) -> list[RunFolder]:
    if not runs_dir(outputs).is_dir():
        return []
    folders = (
        RunFolder(path)
        for path in runs_dir(outputs).iterdir()
        if not path.name.startswith(".") and (path / "run.json").is_file()
    )
    return sorted(folders, key=lambda run: run.id, reverse=True)


def _why_unreadable(run: RunFolder) -> str | None:
    try:
        find_model_info(run.spec.model)
        check_config(run.spec.train)
    except UrbanSoundError:
        return "its run.json is damaged, or another version of the app made it."
    return None


def find_run(outputs: Path, run_id: str) -> RunFolder:
    """The run of this id, or of the only id that begins so; BadConfig where there is none."""
    matches = [run for run in list_runs(outputs) if run_id and run.id.startswith(run_id)]
    exact = [run for run in matches if run.id == run_id]
    if len(exact or matches) != 1:
        reason = "Several runs begin with" if matches else "There is no run"
        raise BadConfig(f"{reason} '{run_id}'. 'runs list' shows the ids there are.")
    return (exact or matches)[0]


def delete_run(run: RunFolder) -> None:
    """Take a run out of sight; `restore_run` brings it back until `purge_deleted`."""
    if run.status() in ACTIVE:
        raise RunFailed(f"Run '{run.id}' is still at work. Stop it first, then delete it.")
    hidden = run.path.with_name(_DELETED + run.id)
    try:
        run.path.touch()  # From now on it may be brought back for an hour.
        run.path.rename(hidden)
    except OSError as error:
        raise RunFailed(f"Run '{run.id}' could not be deleted: {error.strerror}.") from error


def restore_run(outputs: Path, run_id: str) -> RunFolder:
    """Bring a deleted run back; BadConfig where it is gone for good, RunFailed where it cannot."""
    name = Path(run_id).name
    hidden, place = runs_dir(outputs) / f"{_DELETED}{name}", runs_dir(outputs) / name
    if not hidden.is_dir():
        raise BadConfig(f"Run '{run_id}' cannot be brought back: it is gone for good.")
    if not (place / "run.json").exists():
        # A lock, made by earlier versions when another page asked what the run was doing.
        shutil.rmtree(place, ignore_errors=True)
    try:
        return RunFolder(hidden.rename(place))
    except OSError as error:
        raise RunFailed(f"Run '{name}' could not be brought back: {error.strerror}.") from error


def purge_deleted(outputs: Path, *, older_than_s: float = UNDO_S) -> None:
    """Remove for good the runs that were deleted longer ago than this."""
    before = time.time() - older_than_s
    for path in runs_dir(outputs).glob(f"{_DELETED}*"):
        # Another page may be at the same.
        if 0 < modified_at(path) <= before:
            shutil.rmtree(path, ignore_errors=True)
