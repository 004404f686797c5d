"""Mean MFCC-40 of many files: ours on all cores beside other libraries' file by file and joblib."""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.feature_peers import FEATURE_PEERS, FeaturePeer
from benchmarks.machine import machine_text
from benchmarks.peers import librosa_features
from benchmarks.ratio import compare, seconds_of, seconds_text
from benchmarks.table import Table
from urbansound.audio.clips import Piece, load_piece
from urbansound.audio.signal import resample
from urbansound.checksum import checksum_of_file
from urbansound.features.clip import read_rows
from urbansound.features.extract import extract_files
from urbansound.features.mfcc import mean_mfcc_batch
from urbansound.features.spec import MFCC40
from urbansound.worker_pool import n_cores

N_FILES = 64
# As many as UrbanSound8K has; of the slower ways, which take a clip after the other, fewer.
N_CLIPS, N_THEIRS = 8732, 2000
SECONDS = 4


@dataclass(frozen=True)
class Kind:
    """A kind of WAV file."""

    title: str
    sample_rate: int
    n_channels: int


KINDS = (
    Kind("44.1 kHz, stereo, 16 bit", 44100, 2),
    Kind("22.05 kHz, mono, 16 bit", 22050, 1),
)


_HEAD = (
    *("files", "instead of", "theirs", "ours", "clips/s", "ratio"),
    *("their greatest error", "our greatest error"),
)
_NOTE = (
    f"Time a clip of {SECONDS} s. A turn of ours is {N_CLIPS:,} clips and starts its processes "
    f"anew, one of theirs {N_THEIRS:,}; both from {N_FILES} files. Errors are the greatest "
    "difference from librosa's coefficients, which are up to some hundreds; torchaudio and "
    "audioFlux resample by filters of their own. Theirs run in processes of one thread."
)


def features() -> Iterator[Table]:
    """The table of ratios, then that of what a clip costs."""
    missing = {peer: peer.missing() for peer in FEATURE_PEERS}
    peers = [peer for peer in FEATURE_PEERS if not missing[peer]]
    packages = ("librosa", "numpy", "scipy", "soundfile", "soxr", "joblib")
    machine = machine_text(*packages, "torch", *(peer.package for peer in peers[1:]))
    rows, costs = [], []
    for kind in KINDS:
        with wav_files(kind) as files:
            paths = (files * -(-N_CLIPS // N_FILES))[:N_CLIPS]
            rows += _rows(kind, paths, peers)
            costs.append(_cost(kind, files, paths))
    notes = [_NOTE, *(f"{peer.title}: {why}." for peer, why in missing.items() if why)]
    notes += [f"{peer.title}: {peer.convention}." for peer in peers if peer.convention]
    yield Table("features", _HEAD, rows, machine, notes)
    yield Table("feature costs", _COST_HEAD, costs, machine, _COST_NOTES)


def _rows(kind: Kind, paths: list[Path], peers: Sequence[FeaturePeer]) -> Iterator[list[str]]:
    pieces, some = [Piece(path) for path in paths], paths[:N_FILES]
    expected = librosa_features(some)
    ours = _error(extract_files(pieces[:N_FILES], MFCC40).rows, expected)
    for peer in peers:
        with peer.ways() as ways:
            for title, way in ways.items():
                theirs = _error(way(some), expected)
                times = _times(lambda w=way: w(paths[:N_THEIRS]), pieces)
                note = " (other convention)" if peer.convention else ""
                yield [kind.title, title, *times, theirs + note, ours]


def _times(theirs: Callable[[], object], pieces: list[Piece]) -> list[str]:
    turns = compare(theirs, lambda: extract_files(pieces, MFCC40))
    ratio = turns.a_piece(N_THEIRS, N_CLIPS)
    speed = 1 / statistics.median(ratio.ours_s)
    return [seconds_text(ratio.theirs_s), seconds_text(ratio.ours_s), f"{speed:,.0f}", ratio.text]


def _error(rows: NDArray[np.float32], expected: NDArray[np.float32]) -> str:
    return f"{np.abs(rows - expected).max():.1e} dB"


_COST_HEAD = (
    *("files", "read", "resample", "window, FFT, mel, dB", "checksum", "sum"),
    *("all of it, one process", "all of it, all cores, times the cores"),
)
_COST_NOTES = (
    "Milliseconds of one core a clip, best of five; the last column is the wall time of the "
    "whole work a clip, times the number of cores: what is above the sum is the start of the "
    "processes and the way to them.",
)


def _cost(kind: Kind, files: list[Path], paths: list[Path]) -> list[str]:
    sounds = [load_piece(Piece(path)) for path in files]
    waves = [resample(sound, MFCC40.sample_rate).samples[None] for sound in sounds]
    parts = [
        _ms(lambda: [load_piece(Piece(path)) for path in files]),
        _ms(lambda: [resample(sound, MFCC40.sample_rate) for sound in sounds]),
        _ms(lambda: [mean_mfcc_batch(wave, MFCC40) for wave in waves]),
        _ms(lambda: [checksum_of_file(path) for path in files]),
    ]
    whole = _ms(lambda: read_rows([Piece(path) for path in files], MFCC40))
    pieces = [Piece(path) for path in paths]
    spread = min(seconds_of(lambda: extract_files(pieces, MFCC40)) for _ in range(5))
    shared = 1000 * spread / len(pieces) * n_cores()
    return [kind.title, *(f"{ms:.2f}" for ms in (*parts, sum(parts), whole, shared))]


def _ms(work: Callable[[], object]) -> float:
    return 1000 * min(seconds_of(work) for _ in range(5)) / N_FILES


@contextmanager
def wav_files(kind: Kind, n_files: int = N_FILES) -> Iterator[list[Path]]:
    """Coloured noise that comes and goes, in files of that kind; they are gone afterwards."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.wav" for number in range(n_files)]
        for path in paths:
            soundfile.write(path, _sound(kind, random), kind.sample_rate, subtype="PCM_16")
        yield paths


def _sound(kind: Kind, random: np.random.Generator) -> NDArray[np.float32]:
    n = SECONDS * kind.sample_rate
    noise = random.normal(size=(n, kind.n_channels)).astype(np.float32)
    smooth = np.cumsum(noise, axis=0)
    smooth -= np.linspace(smooth[0], smooth[-1], n, dtype=np.float32)
    sound = smooth / np.abs(smooth).max() + 0.02 * noise
    envelope = 0.5 + 0.5 * np.sin(np.arange(n) / kind.sample_rate * random.uniform(2, 20))
    quiet: NDArray[np.float32] = 0.4 * sound * envelope[:, None].astype(np.float32)
    return quiet
