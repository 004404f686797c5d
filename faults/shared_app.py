"""The app started as `make app` starts it, on a few sounds and a run, alone or on a network."""

import csv
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from benchmarks.served import served
from urbansound.audio.signal import to_wav_bytes
from urbansound.dataset.index import load_dataset
from urbansound.dataset.survey import load_survey
from urbansound.records import Audio, RunSpec
from urbansound.runs.store import create_run

_COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
_CLASSES = ("dog_bark", "siren", "drilling")

Snapshot = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Reply:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class StartedApp:
    """A server at work on a folder of its own."""

    folder: Path
    port: int
    log_path: Path

    def ask(
        self,
        path: str = "/",
        *,
        method: str = "GET",
        body: bytes | None = None,
        at: str = "127.0.0.1",
        **headers: str,
    ) -> Reply:
        """One request to the address `at`; `_` stands for `-` in the names of headers."""
        connection = HTTPConnection(at, self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            got = connection.getresponse()
            text = got.read().decode("utf-8", "replace")
            return Reply(got.status, {k.lower(): v for k, v in got.getheaders()}, text)
        finally:
            connection.close()

    def files(self) -> Snapshot:
        """Every file of the data and of the outputs, with its size and time."""
        places = (self.folder / "data", self.folder / "outputs")
        paths = [path for place in places for path in place.rglob("*") if path.is_file()]
        states = {str(path): path.stat() for path in paths}
        return {path: (state.st_size, state.st_mtime_ns) for path, state in states.items()}

    @property
    def run_id(self) -> str:
        """The one run, which was stopped and could be resumed, deleted and so on."""
        return next((self.folder / "outputs" / "runs").iterdir()).name

    @property
    def complaint(self) -> str:
        """Whether its log holds a traceback."""
        log = self.log_path.read_text("utf-8", errors="replace")
        return (
            f"the log has a traceback: {log[-300:]}" if re.search(r"^Traceback", log, re.M) else ""
        )


def furnish(folder: Path) -> None:
    """Sixteen sounds, one of them silent, all looked at; a saved model's place; a stopped run."""
    root = folder / "data" / "UrbanSound8K"
    (root / "metadata").mkdir(parents=True)
    rows = [_write_clip(root, number) for number in range(16)]
    with open(root / "metadata" / "UrbanSound8K.csv", "w", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *rows])
    load_survey(load_dataset(root))
    create_run(folder / "outputs", RunSpec(str(root), "model1")).emit("stopped")


def _write_clip(root: Path, number: int) -> tuple[object, ...]:
    fold, kind = 1 + number // 8, number % 3
    name = f"{100 + number}-{kind}-0-0.wav"
    seconds = np.arange(22_050, dtype=np.float32) / 22_050
    loud = 0.0 if number == 0 else 0.3
    wave = (loud * np.sin(2 * np.pi * (200 + 40 * number) * seconds)).astype(np.float32)
    place = root / "audio" / f"fold{fold}" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(to_wav_bytes(Audio(wave, 22_050)))
    return name, 100 + number, 0.0, 1.0, 1, fold, kind, _CLASSES[kind]


@contextmanager
def started(
    folder: Path, *options: str, script: str = "app.py", **more: str
) -> Iterator[StartedApp]:
    """The server with these options, ready to answer; it ends with the block.

    `more` is put into its environment; `script` is another one to serve.
    """
    places, log_path = (folder / "data", folder / "outputs"), folder / "server.log"
    with served(*places, *options, log_path=log_path, script=script, **more) as app:
        yield StartedApp(folder, app.port, log_path)


def other_addresses() -> list[str]:
    """Addresses of this machine that are not 127.0.0.1: another loopback, and the network's."""
    found = {"127.0.0.2"}
    # No packet is sent: this only asks which address one would be sent from.
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, 9))
                found.add(probe.getsockname()[0])
            except OSError:
                continue
    return sorted(found | {"::1"})
