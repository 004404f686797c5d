"""Saves that are cut short or refused: what was there before is there afterwards, whole."""

import contextlib
import errno
import itertools
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

from faults.children import fork
from faults.count import Count, Tally
from faults.keepsakes import World
from faults.saves import Save, saves
from urbansound.errors import RunFailed
from urbansound.runs.leftovers import drop_leftovers

NOBODY = 65534
_LONGEST_S = 0.03


def killed(world: World, folder: Path, n: int, numbers: Random) -> Count:
    """A process that saves without a pause, killed at a random moment; then the next start."""
    tally, kinds, n_left = Tally("SIGKILL while saving"), saves(world, folder), 0
    states = dict.fromkeys((kind.name for kind in kinds), 0)
    for turn in range(n):
        kind = kinds[turn % len(kinds)]
        said, found = _kill_one(kind, states[kind.name], numbers.uniform(0, _LONGEST_S))
        n_left += len(_parts(folder))
        states[kind.name] = max(found, 0)
        tally.note(said, _start_anew(folder))
    return tally.count(f"{n_left:,} half-written files cleared away at the next start")


def _kill_one(kind: Save, before: int, after_s: float) -> tuple[str, int]:
    """What went wrong, and the state that is there."""
    reading, writing = os.pipe()

    def save_on_and_on() -> None:
        for state in itertools.count(before + 1):
            kind.write(state)
            os.write(writing, b".")

    child = fork(save_on_and_on)
    os.close(writing)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open(reading, "rb") as pipe:
        done = before + len(pipe.read())
    found = _state_of(kind)
    # The one that was being written may be there, too.
    is_whole = found in (done, done + 1)
    return ("" if is_whole else f"{kind.name}: state {found} after {done}"), found


def _state_of(kind: Save) -> int:
    with contextlib.suppress(Exception):
        return kind.read()
    return -1


def _parts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.part") if path.is_file()]


def _start_anew(folder: Path) -> str:
    """The next start, some time later; what is left all the same."""
    for part in _parts(folder):
        os.utime(part, (0, 0))
    drop_leftovers(folder / "no data", folder)
    left = _parts(folder)
    return f"{left[0].name} is left" if left else ""


def on_a_full_disk(world: World, folder: Path, n: int) -> Count:
    """Every kind of save, `n` times over, where there is no room; then there is again."""
    with _small_disk(folder) as is_one:
        tally, kinds = Tally("saves on a full disk"), saves(world, folder)
        for turn in range(n):
            with _filled(folder / "filler") if is_one else patch("os.fsync", _no_space):
                tried = [(kind, _refused(kind, turn + 1)) for kind in kinds]
            for kind, said in tried:
                tally.note(said, _start_anew(folder), _saves_now(kind, turn + 1))
    simulated = "no disk can be mounted here: refused as a full one refuses"
    return tally.count("a tmpfs of 12 MB" if is_one else simulated)


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """Whether the folder is a disk of its own meanwhile."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder]
    is_one = not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield is_one
    finally:
        if is_one:
            subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def _filled(path: Path) -> Iterator[None]:
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    path.unlink()


def _no_space(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _refused(kind: Save, state: int, *, may_pass: bool = False) -> str:
    """What went wrong, where the save is refused in words and the state before is kept.

    With `may_pass` it may also succeed: not each kind of file is large.
    """
    try:
        kind.write(state)
    except RunFailed:
        found = _state_of(kind)
        return "" if found in (state - 1, state) else f"{kind.name}: state {found} is left"
    except Exception as error:
        return f"{kind.name}: {type(error).__name__}: {error}"
    is_right = may_pass and _state_of(kind) == state
    return "" if is_right else f"{kind.name}: said to be saved"


def _saves_now(kind: Save, state: int) -> str:
    kind.write(state)
    return "" if _state_of(kind) == state else f"{kind.name}: cannot be saved any more"


def over_a_limit(world: World, folder: Path) -> Count:
    """Every kind of save in a process that may write files of 20 kB at most."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    return _elsewhere(
        "saves over a limit of a file's size", saves(world, folder), limit, may_pass=True
    )


def in_a_locked_folder(world: World, folder: Path) -> Count:
    """Every kind of save by a person who may read the folder, not write in it."""
    kinds = saves(world, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.parent.chmod(0o755)
    return _elsewhere("saves in a folder that may not be written to", kinds, _become_nobody)


def _become_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _elsewhere(
    what: str, kinds: list[Save], prepare: Callable[[], None], *, may_pass: bool = False
) -> Count:
    """The saves in a process of their own."""
    reading, writing = os.pipe()

    def save_each() -> None:
        prepare()
        said = [_refused(kind, 1, may_pass=may_pass) for kind in kinds]
        os.write(writing, json.dumps(said).encode())

    child = fork(save_each)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    tally = Tally(what)
    for said in json.loads(told or b'["the process ended"]'):
        tally.note(said)
    return tally.count()
