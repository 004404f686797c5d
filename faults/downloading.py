"""The app's own download, as command or as the page's work, from a server of this machine.

    python -m faults.downloading {command,page} FOLDER URL MD5 BYTES [STAGE COUNT]

Only the address, checksum and size are others than a person's. With STAGE and COUNT the
process kills itself when that stage says so for the so-manieth time how far it is.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from urbansound.cli.main import main as command_line
from urbansound.dataset import download as module

_download = module.download
FIRST_WAIT_S = 0.02
TIMEOUT_S = 8.0


def main(how: str, folder: str, url: str, md5: str, n_bytes: str, *death: str) -> int:
    """Download; the exit status."""

    def download(
        root_parent: Path,
        *,
        on_progress: module.Progress,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Path:
        return _download(
            root_parent,
            url=url,
            md5=md5,
            n_bytes=int(n_bytes),
            on_progress=_dying(on_progress, *death) if death else on_progress,
            should_stop=should_stop,
            first_wait_s=FIRST_WAIT_S,
            timeout_s=TIMEOUT_S,
        )

    module.download = download  # type: ignore[assignment]
    if how == "command":
        return command_line(["download", "--data", folder])
    from urbansound.ui import background

    return background.work(background.DOWNLOAD)


def _dying(on_progress: module.Progress, stage: str, count: str) -> module.Progress:
    heard = 0

    def report(now: str, done: int, total: int) -> None:
        nonlocal heard
        heard += now == stage
        if heard == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        on_progress(now, done, total)

    return report


if __name__ == "__main__":
    # Whatever a shell began in the background does not hear Ctrl-C, nor does what that begins.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main(*sys.argv[1:]))
