"""The files that a survey is kept in, beside the dataset's features.

Two of them: what is known of each clip, small and read by pages, and the clips' fingerprints,
1 kB a clip, read only to survey again. Both carry a checksum, and belong together.
"""

import hashlib
import io
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.fingerprint import WORDS
from urbansound.dataset.measure import FACTS
from urbansound.errors import RunFailed
from urbansound.files import digest_of, replacing, write_bytes
from urbansound.kept_arrays import read_checked
from urbansound.paths import keeping_folder
from urbansound.records import DatasetIndex

_log = logging.getLogger(__name__)
# Another way to measure is another version.
_VERSION = 1
Failures = dict[int, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Kept:
    """A survey as it is kept: rows of some clips by path, in any order.

    `states` int64 [n, 2] are each file's size and time when it was read, `failures` maps rows
    to a code and a sentence. `table_digest` says for which table `alike` int64 [k, 2], pairs
    of rows, was found; it is empty where the survey was not finished.
    """

    paths: list[str]
    states: NDArray[np.int64]
    facts: NDArray[np.void]
    bit_depths: list[str]
    n_words: NDArray[np.int64]
    failures: Failures
    alike: NDArray[np.int64]
    table_digest: str
    looked_at: float
    prints_digest: str = ""


def survey_file(index: DatasetIndex) -> Path:
    """Where the dataset's survey is kept."""
    folder = keeping_folder(index.root, index.layout)
    return folder / f"survey_{digest_of(index.root.absolute().name)[:12]}.bin"


def read_kept(path: Path) -> Kept | None:
    """What was kept; None where that is nothing, damaged or of another version."""
    body = read_checked(path)
    if body is None:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        texts = json.loads(file["texts"].tobytes())
        if texts["version"] != _VERSION or file["facts"].dtype != FACTS:
            return None
        return Kept(
            paths=texts["paths"],
            states=file["states"],
            facts=file["facts"],
            bit_depths=[texts["depths"][code] for code in file["depth_codes"].tolist()],
            n_words=file["n_words"],
            failures={int(row): tuple(reason) for row, reason in texts["failures"].items()},
            alike=file["alike"],
            table_digest=texts["table_digest"],
            looked_at=texts["looked_at"],
            prints_digest=texts["prints_digest"],
        )


def read_prints(path: Path, kept: Kept) -> NDArray[np.uint32] | None:
    """The fingerprints uint32 [n, WORDS] that belong to `kept`; None where they are damaged."""
    try:
        prints = np.load(_prints_file(path), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if prints.shape != (len(kept.paths), WORDS) or prints.dtype != np.uint32:
        return None
    return prints if _digest(prints) == kept.prints_digest else None


def write_kept(path: Path, kept: Kept, prints: NDArray[np.uint32]) -> None:
    """Keep a survey; where that fails it is still good, so it is only said."""
    depths = sorted(set(kept.bit_depths))
    numbers = {depth: code for code, depth in enumerate(depths)}
    texts: dict[str, Any] = {
        "version": _VERSION,
        "paths": kept.paths,
        "depths": depths,
        "failures": kept.failures,
        "table_digest": kept.table_digest,
        "looked_at": kept.looked_at,
        "prints_digest": _digest(prints),
    }
    body = io.BytesIO()
    np.savez(
        body,
        texts=np.frombuffer(json.dumps(texts).encode(), np.uint8),
        states=kept.states,
        facts=kept.facts,
        depth_codes=np.array([numbers[depth] for depth in kept.bit_depths], np.uint8),
        n_words=kept.n_words,
        alike=kept.alike,
    )
    try:
        with replacing(_prints_file(path)) as file:
            np.save(file, prints, allow_pickle=False)
        write_bytes(path, hashlib.sha256(body.getvalue()).digest() + body.getvalue())
    except RunFailed as error:
        _log.warning("The survey was not kept and will be made again: %s", error)


def _prints_file(path: Path) -> Path:
    return path.with_suffix(".prints.npy")


def _digest(prints: NDArray[np.uint32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(prints).data).hexdigest()
