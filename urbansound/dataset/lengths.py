"""How long sound files are, by their headers alone."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from urbansound.audio.clips import describe_file
from urbansound.errors import BadAudio, BadConfig, RunFailed
from urbansound.sealed_json import read_sealed_json, write_sealed_json

_log = logging.getLogger(__name__)
_THREADS = 8
_FILES_A_TASK = 64
_ROWS = "seconds"
# A recorder in the woods runs for a day or two; a longer claim comes from a damaged header.
LONGEST_FILE_S = 48 * 3600.0

State = tuple[int, int]


def lengths_of(root: Path, files: Sequence[str], kept_at: Path) -> list[float]:
    """Seconds of sound in each file below `root`, 0 for one whose header cannot be read.

    A plain file's header takes 0.1 ms where the disk has it at hand, a packed one's 5 ms. So
    lengths are kept in the file `kept_at`, for as long as size and time stay the same.
    """
    kept = kept_lengths(kept_at)
    shares = [files[start : start + _FILES_A_TASK] for start in range(0, len(files), _FILES_A_TASK)]
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = pool.map(lambda share: [_look_at(root, file, kept) for file in share], shares)
        found = [row for part in parts for row in part]
    _keep(kept_at, kept, files, found)
    return [seconds for _, seconds in found]


def _look_at(root: Path, file: str, kept: dict[str, list[float]]) -> tuple[State, float]:
    """The file's state and its length: what was kept of it in this state, or what it says."""
    path = root / file
    state = _state_of(path)
    known = kept.get(file)
    if known is not None and tuple(known[:2]) == state:
        return state, known[2]
    try:
        return state, _length(path, state)
    except (BadAudio, OSError):
        return state, 0.0


def _state_of(path: Path) -> State:
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


# 100 bytes each: a folder is looked at again whenever a file is added to it. What could not be
# read is not remembered: another time it may be.
@lru_cache(maxsize=50_000)
def _length(path: Path, state: State) -> float:
    if state[0] <= 0:
        raise BadAudio(f"'{path}' is empty or missing.")
    seconds = describe_file(path).duration_s
    if not 0 < seconds <= LONGEST_FILE_S:
        raise BadAudio(f"'{path}' claims to last {seconds:.0f} s.")
    return seconds


def kept_lengths(path: Path) -> dict[str, list[float]]:
    """What is kept there by file: size, time of change and seconds; none where it is damaged."""
    try:
        rows = read_sealed_json(path, BadConfig).get(_ROWS)
    except BadConfig:
        return {}
    if not isinstance(rows, dict):
        return {}
    return {name: row for name, row in rows.items() if _is_row(row)}


def _is_row(row: object) -> bool:
    if not isinstance(row, list) or len(row) != 3:
        return False
    size, changed_at, seconds = row
    is_whole = type(size) is int and type(changed_at) is int
    return is_whole and type(seconds) in (int, float) and 0 < seconds <= LONGEST_FILE_S


def _keep(
    path: Path,
    kept: dict[str, list[float]],
    files: Sequence[str],
    found: Sequence[tuple[State, float]],
) -> None:
    """Keep the lengths; where that fails they are asked again next time."""
    rows = zip(files, found, strict=True)
    now = {file: [*state, seconds] for file, (state, seconds) in rows if seconds > 0}
    if now == kept:
        return
    try:
        write_sealed_json(path, {_ROWS: now})
    except RunFailed as error:
        _log.warning("The lengths of sounds were not kept: %s", error)
