"""All runs of an outputs folder: create, list, find, delete, bring back."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from urbansound.errors import BadConfig, RunFailed
from urbansound.records import RunSpec
from urbansound.runs.folder import ACTIVE, RunFolder

_DELETED = ".deleted-"


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
        folder = RunFolder(runs_dir(outputs) / f"{moment}-{spec.model}")
        try:
            folder.path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunFailed(
                f"'{folder.path.parent}' cannot be written to ({error.strerror}). "
                "Free some space, change its rights, or choose another outputs folder."
            ) from error
        folder.write_spec(spec)
        folder.request_start()
        return folder


def list_runs(outputs: Path) -> list[RunFolder]:
    """Every run that is not deleted, newest first."""
    if not runs_dir(outputs).is_dir():
        return []
    folders = (
        RunFolder(path)
        for path in runs_dir(outputs).iterdir()
        if not path.name.startswith(".") and (path / "run.json").is_file()
    )
    return sorted(folders, key=lambda run: run.id, reverse=True)


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
    run.path.rename(run.path.with_name(_DELETED + run.id))


def restore_run(outputs: Path, run_id: str) -> RunFolder:
    """Bring a deleted run back; BadConfig where it is gone for good."""
    hidden = runs_dir(outputs) / f"{_DELETED}{Path(run_id).name}"
    if not hidden.is_dir():
        raise BadConfig(f"Run '{run_id}' cannot be brought back: it is gone for good.")
    return RunFolder(hidden.rename(runs_dir(outputs) / Path(run_id).name))


def purge_deleted(outputs: Path) -> None:
    """Remove deleted runs for good."""
    for path in runs_dir(outputs).glob(f"{_DELETED}*"):
        shutil.rmtree(path, ignore_errors=True)
