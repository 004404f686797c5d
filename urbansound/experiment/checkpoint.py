"""The state an unfinished run goes on from, with a checksum before it."""

import hashlib
import shutil
import sys
from typing import Any

from urbansound.files import write_bytes
from urbansound.runs.folder import RunFolder
from urbansound.stages import staged
from urbansound.torch_files import load_torch, torch_bytes

_DIGEST_BYTES = hashlib.sha256().digest_size


@staged("checkpoint: write")
def write_checkpoint(run: RunFolder, state: dict[str, Any], **figures: int) -> None:
    """Keep the state; `figures` go into the event that says so."""
    data = torch_bytes(state)
    write_bytes(run.checkpoint_path, hashlib.sha256(data).digest() + data)
    run.emit("checkpoint", **figures)


def read_checkpoint(run: RunFolder) -> dict[str, Any] | None:
    """What to go on from; None, and a line in the log, where the file is damaged."""
    if not run.checkpoint_path.exists():
        return None
    try:
        stored = run.checkpoint_path.read_bytes()
    except OSError:  # What cannot be read is no better than what is damaged.
        stored = b""
        shutil.rmtree(run.checkpoint_path, ignore_errors=True)
    digest, data = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        print(f"{run.checkpoint_path} is damaged: the training starts over.", file=sys.stderr)
        return None
    state: dict[str, Any] = load_torch(data)
    return state
