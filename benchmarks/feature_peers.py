"""Libraries that take mean MFCC-40, of which some may not import here.

This module imports none of them: with torch loaded first, audioFlux's spectra come out as many
times too large as it has threads, so each library works in a process without the others.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

MeanMfcc = Callable[[Path], NDArray[np.float32]]
Way = Callable[[Sequence[Path]], NDArray[np.float32]]


@dataclass(frozen=True)
class FeaturePeer:
    """A library by which a module takes a file's coefficients, and what differs from librosa."""

    title: str
    package: str
    module: str
    convention: str = ""

    def missing(self) -> str:
        """Why it does not import here; empty where it does."""
        try:
            import_module(self.module)
        except (ImportError, OSError) as error:
            if isinstance(error, ModuleNotFoundError) and error.name == self.package:
                return "not installed"
            return f"installed, but does not import ({_first_cause(error)})"
        return ""

    @contextmanager
    def ways(self) -> Iterator[dict[str, Way]]:
        """By title: coefficients [n, 40] file by file in one process, and by joblib's on all.

        The one process has one thread, as each of joblib's has: what the threads of several
        libraries cost each other on a busy machine is no property of the library.
        """
        mean: MeanMfcc = import_module(self.module).mean_mfcc
        with _single_process() as process:
            yield {
                f"{self.title}, file by file": lambda paths: np.array(
                    process.submit(_one_by_one, mean, paths).result()
                ),
                f"{self.title} by joblib, all cores": lambda paths: np.array(
                    Parallel(n_jobs=-1)(delayed(mean)(path) for path in paths)
                ),
            }


FEATURE_PEERS = (
    FeaturePeer("librosa", "librosa", "benchmarks.librosa_peer"),
    FeaturePeer("torchaudio", "torchaudio", "benchmarks.torchaudio_peer"),
    FeaturePeer(
        *("audioFlux", "audioflux", "benchmarks.audioflux_peer"),
        convention="mel bands on HTK's scale, not Slaney's",
    ),
)


def _single_process() -> ProcessPoolExecutor:
    one_thread = ("OMP_NUM_THREADS", "1")  # Before anything that reads it is loaded there.
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=os.putenv, initargs=one_thread)


def _one_by_one(mean: MeanMfcc, paths: Sequence[Path]) -> list[NDArray[np.float32]]:
    return [mean(path) for path in paths]


def _first_cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())
