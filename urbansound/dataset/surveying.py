"""The work of a survey: which clips have to be opened, opening them, and what is to be kept."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.clips import Piece, piece_of
from urbansound.dataset.alike import find_alike
from urbansound.dataset.fingerprint import WORDS
from urbansound.dataset.measure import FACTS, Measured, measure
from urbansound.dataset.survey_store import Failures, Kept, read_kept, read_prints
from urbansound.dataset.survey_worker import from_answer
from urbansound.records import DatasetIndex
from urbansound.worker_pool import WorkerPool, n_cores

CLIPS_PER_TASK = 16
_WORTH_A_POOL = 64
Progress = Callable[[int, int], None]


@dataclass(eq=False)
class Work:
    """What is known so far of each clip [n] of a dataset, in the order of its index."""

    index: DatasetIndex
    states: NDArray[np.int64]
    is_known: NDArray[np.bool_]
    facts: NDArray[np.void]
    prints: NDArray[np.uint32]
    n_words: NDArray[np.int64]
    depths: list[str]
    failures: Failures

    @classmethod
    def begin(cls, index: DatasetIndex, path: Path) -> "Work":
        """What is kept at `path` of the clips whose files have not changed since."""
        n = len(index.clips)
        work = cls(
            index=index,
            states=file_states(index),
            is_known=np.zeros(n, bool),
            facts=np.zeros(n, FACTS),
            prints=np.zeros((n, WORDS), np.uint32),
            n_words=np.zeros(n, np.int64),
            depths=[""] * n,
            failures={},
        )
        kept = read_kept(path)
        prints = None if kept is None else read_prints(path, kept)
        if kept is not None and prints is not None:
            work._take_over(kept, prints)
        return work

    def _take_over(self, kept: Kept, prints: NDArray[np.uint32]) -> None:
        rows = {name: row for row, name in enumerate(kept.paths)}
        at = np.array([rows.get(clip.path, -1) for clip in self.index.clips], np.int64)
        is_same = (at >= 0) & (kept.states[at] == self.states).all(axis=1)
        here, there = np.flatnonzero(is_same), at[is_same]
        self.is_known[here] = True
        self.facts[here], self.prints[here] = kept.facts[there], prints[there]
        self.n_words[here] = kept.n_words[there]
        for number, row in zip(here.tolist(), there.tolist(), strict=True):
            self.depths[number] = kept.bit_depths[row]
            if row in kept.failures:
                self.failures[number] = kept.failures[row]

    def measure(self, workers: int | None, on_progress: Progress) -> None:
        """Open the files of all clips that are not known yet."""
        stale = np.flatnonzero(~self.is_known)
        pieces = [piece_of(self.index, self.index.clips[number]) for number in stale.tolist()]
        n_done = 0
        for start, found in _measured(pieces, workers):
            for number, clip in zip(stale[start:].tolist(), found, strict=False):
                self._put(number, clip)
            n_done += len(found)
            on_progress(n_done, len(pieces))

    def _put(self, number: int, clip: Measured) -> None:
        self.facts[number] = clip.facts
        self.prints[number, : len(clip.words)] = clip.words
        self.n_words[number] = len(clip.words)
        self.depths[number] = clip.bit_depth
        if clip.code:
            self.failures[number] = (clip.code, clip.message)
        self.is_known[number] = True

    def kept(self) -> Kept:
        """What is known, to be kept; not finished where some clips are not known yet."""
        rows = np.flatnonzero(self.is_known)
        is_finished = len(rows) == len(self.index.clips)
        places = {number: row for row, number in enumerate(rows.tolist())}
        return Kept(
            paths=[self.index.clips[number].path for number in rows.tolist()],
            states=self.states[rows],
            facts=self.facts[rows],
            bit_depths=[self.depths[number] for number in rows.tolist()],
            n_words=self.n_words[rows],
            failures={places[number]: reason for number, reason in self.failures.items()},
            alike=self._alike() if is_finished else np.empty((0, 2), np.int64),
            table_digest=table_digest(self.index) if is_finished else "",
            looked_at=time.time(),
        )

    def known_prints(self) -> NDArray[np.uint32]:
        """The fingerprints of the rows of `kept`."""
        return self.prints if self.is_known.all() else self.prints[self.is_known]

    def _alike(self) -> NDArray[np.int64]:
        folds = np.array([clip.fold for clip in self.index.clips], np.int64)
        return find_alike(self.prints, self.n_words, folds, self.facts["checksum"])


def table_digest(index: DatasetIndex) -> str:
    """A checksum of which clips there are, and of which fold, class and recording each is."""
    rows = [(clip.path, clip.fold, clip.class_id, clip.recording_id) for clip in index.clips]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def file_states(index: DatasetIndex) -> NDArray[np.int64]:
    """Each clip's file's size in bytes and time in ns [n, 2]; -1 where there is none."""
    known: dict[Path, tuple[int, int]] = {}
    states = []
    for clip in index.clips:
        path = index.audio_path(clip)
        if path not in known:
            known[path] = _state(path)
        states.append(known[path])
    return np.array(states, np.int64).reshape(-1, 2)


def _state(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _measured(pieces: Sequence[Piece], workers: int | None) -> Iterator[tuple[int, list[Measured]]]:
    """(position of the first piece, what was found), few of them here, many in a pool."""
    n_workers = min(workers or n_cores(), -(-len(pieces) // CLIPS_PER_TASK))
    if len(pieces) < _WORTH_A_POOL or n_workers == 1:
        for position, piece in enumerate(pieces):
            yield position, [measure(piece)]
        return
    requests: list[Any] = [
        [str(piece.path.absolute()), piece.start_s, piece.end_s] for piece in pieces
    ]
    with WorkerPool(n_workers, "urbansound.dataset.survey_worker") as pool:
        for start, answer in pool.share(requests, CLIPS_PER_TASK):
            yield start, [_killer(pieces[start])] if answer is None else from_answer(answer)


def _killer(piece: Piece) -> Measured:
    message = f"'{piece.path}' made the program that reads it stop. Leave it out."
    return Measured(np.zeros((), FACTS), "", np.zeros(0, np.uint32), "unreadable", message)
