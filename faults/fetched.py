"""One download that is tried: its archive, its folder, its process, and what came of it."""

import csv
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from faults.range_server import RangeServer
from urbansound.dataset.index import OFFICIAL_NAME, TABLE, load_dataset

N_SOUNDS = 24
_COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
_LEFT = {OFFICIAL_NAME, f"{OFFICIAL_NAME}.tar.gz.lock", ".jobs"}
_PATIENCE_S = 120.0


def make_sounds(rng: random.Random, n_bytes: int) -> dict[str, bytes]:
    """Files of a small dataset: noise, which cannot be compressed, and the table."""
    rows = [(f"{number}-8-0-0.wav", number, 0, 4, 1, 1, 8, "siren") for number in range(N_SOUNDS)]
    table = io.StringIO()
    csv.writer(table).writerows([_COLUMNS, *rows])
    each = n_bytes // N_SOUNDS
    sounds = {f"audio/fold1/{row[0]}": rng.randbytes(each) for row in rows}
    return {TABLE: table.getvalue().encode(), **sounds}


def pack(files: dict[str, bytes]) -> bytes:
    """The files as the dataset's archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{OFFICIAL_NAME}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@dataclass
class Fetched:
    """A folder that the files are fetched into by processes of the app."""

    folder: Path
    files: dict[str, bytes]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Path:
        """Where the bytes are kept until all are there."""
        return self.folder / f"{OFFICIAL_NAME}.tar.gz.part"

    def n_written(self) -> int:
        """How many of them lie there; all, once the file is gone for the sounds in it."""
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def start(self, server: RangeServer, how: str, *death: str) -> "subprocess.Popen[str]":
        """A process of the app that downloads; see faults.downloading."""
        what = (server.url, server.md5, str(len(server.content)))
        places = {"URBANSOUND_DATA": str(self.folder), "no_proxy": "127.0.0.1"}
        return subprocess.Popen(
            [sys.executable, "-m", "faults.downloading", how, str(self.folder), *what, *death],
            env=os.environ | places | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, server: RangeServer, how: str, *death: str) -> tuple[int, str]:
        """Download to whatever end; the exit status and what was said last."""
        return ended(self.start(server, how, *death))

    def find_fault(self) -> str:
        """What is wrong with what was fetched; "" where it is all and nothing else."""
        root = self.folder / OFFICIAL_NAME
        there = {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).digest()
            for path in root.rglob("*")
            if path.is_file()
        }
        if there != {name: hashlib.sha256(data).digest() for name, data in self.files.items()}:
            return f"{len(there)} of {len(self.files)} files are there, or they are other ones"
        if len(load_dataset(root).clips) != N_SOUNDS:
            return "the dataset has not all its clips"
        strays = {path.name for path in self.folder.iterdir()} - _LEFT
        return f"left behind: {', '.join(sorted(strays))}" if strays else ""

    def find_remains(self) -> str:
        """What lies where the dataset would be, after a download that failed; "" if nothing."""
        root = self.folder / OFFICIAL_NAME
        inside = {path.name for path in self.folder.iterdir() if path.is_dir()} - {".jobs"}
        return f"there is {', '.join(sorted(inside))}" if root.exists() or inside else ""


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit status, and the last line said; a process that does not end is killed."""
    try:
        _, said = process.communicate(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
    lines = said.strip().splitlines()
    return process.returncode, "Traceback: " + lines[-1] if "Traceback" in said else said[-400:]


def was_killed(code: int) -> bool:
    """Whether a process ended by SIGKILL."""
    return code == -signal.SIGKILL
