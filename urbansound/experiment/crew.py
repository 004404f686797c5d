"""The processes that torchrun started, at work on one run.

Process 0 does all that a lone process does: it reads options, extracts features, writes the
run folder and answers. The others are told what to train on, learn from their share, and
keep and say nothing.
"""

import contextlib
import json
from typing import Any

from urbansound import __version__
from urbansound.errors import BadConfig, RunFailed
from urbansound.experiment.fitting import train_share
from urbansound.experiment.material import Material, load_material
from urbansound.models.catalog import find_model_info
from urbansound.records import RunSpec, from_json, to_json
from urbansound.torch_files import load_torch, torch_bytes
from urbansound.torchrun import find_place
from urbansound.training.parallel import check_shares, in_company, join, present_group


def gather(spec: RunSpec, material: Material, checkpoint: dict[str, Any] | None) -> None:
    """Tell the others, where there are any, what to train on from here.

    For process 0, once the features are extracted. BadConfig where batches cannot be shared.
    """
    place = find_place()
    if place.is_alone:
        return
    n_rows = min(spec.train.batch_size, len(material.split.train))
    check_shares(place, n_rows, is_normalised=find_model_info(spec.model).kind != "article")
    group = join()
    told = {"spec": to_json(spec), "digest": material.table.data_digest, "version": __version__}
    group.tell(json.dumps(told).encode())
    group.tell(b"" if checkpoint is None else torch_bytes(checkpoint))


def follow() -> int:
    """What a process other than 0 does: its share, until process 0 is done; its exit code.

    Whatever fails the training fails process 0 too, which says so and sends no code. BadConfig
    where this machine has other data, or another version of the app, which would draw otherwise.
    """
    group = join()
    told, checkpoint = json.loads(group.tell()), group.tell()
    if told["version"] != __version__:
        raise BadConfig(
            f"Process 0 has version {told['version']} of the app, and this one {__version__}. "
            "Give all machines the same."
        )
    spec = from_json(RunSpec, told["spec"])
    material = load_material(spec)
    if material.table.data_digest != told["digest"]:
        raise BadConfig(
            f"'{spec.dataset}' holds other sounds for process {find_place().rank} than for "
            "process 0. Put the same dataset under this path on every machine."
        )
    with contextlib.suppress(RunFailed):
        train_share(spec, material, load_torch(checkpoint) if checkpoint else None)
    with contextlib.suppress(RunFailed), in_company():
        (code,) = group.figures(lambda: [], 1)
        return int(code)
    return 1


def dismiss(code: int) -> None:
    """Let the others end with this exit code, once all is written and answered (process 0)."""
    group = present_group()
    if not group.place.is_alone:
        group.figures(lambda: [code], 1)
