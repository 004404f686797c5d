"""The app served on folders of its own, and what it writes of itself meanwhile."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from urbansound.paths import PROJECT

_START_S, _END_S, _LOOK_EVERY_S = 90.0, 20.0, 0.1
_SERVE = (sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true")
_TRACEBACK = "Traceback (most recent call last)"


@dataclass
class ServedApp:
    """A server at work."""

    process: "subprocess.Popen[bytes]"
    address: str
    log_path: Path
    _told: int = 0

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self.log_path.read_text("utf-8", errors="replace")

    def new_traceback(self) -> str:
        """How the first traceback in its log since the last call ends; empty without one."""
        log = self.log
        _, found, rest = log[self._told :].partition(_TRACEBACK)
        self._told = len(log)
        ends = [line for line in rest.splitlines()[1:] if line and not line.startswith(" ")]
        return f"the log has a traceback: {(ends or [rest[-200:]])[0]}" if found else ""

    def status_of(self, address: str) -> int:
        """The status with which it answers an address below its own."""
        try:
            with urllib.request.urlopen(self.address + address, timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


@contextmanager
def app_on(
    data: Path, outputs: Path, log_path: Path, *options: str, **more: str
) -> Iterator[ServedApp]:
    """The app on these folders, ready to answer; it ends with the block.

    `options` are the server's, `more` is put into its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = {"URBANSOUND_DATA": str(data), "URBANSOUND_OUTPUTS": str(outputs)}
    with open(log_path, "ab") as log:
        process = subprocess.Popen(
            [*_SERVE, f"--server.port={port}", *options],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | places | more,
        )
    app = ServedApp(process, f"http://127.0.0.1:{port}", log_path)
    try:
        _wait_until_healthy(app)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(app: ServedApp) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and app.process.poll() is None:
        try:
            if app.status_of("/_stcore/health") == 200:
                return
        except OSError:
            pass
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"the app did not start:\n{app.log}")
