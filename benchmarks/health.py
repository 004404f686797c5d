"""How fast every file is looked at, what is found, and how well copies are told from others.

    python -m benchmarks.health --data ROOT [--workers N] [--copies N] [--rows N]

looks at all files of a dataset anew (what is kept is left alone), then for what is wrong.
--copies takes N clips, evenly over the dataset, and looks for each of them in several forms: how
often it is found, how many bits differ at most, and how few differ between other recordings.
--rows repeats the survey's rows, each a few bits off, to N: what a larger dataset would take.
"""

import argparse
import itertools
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound_files import sound_file
from urbansound.audio.clips import load_clip
from urbansound.audio.sandbox import decode_sound
from urbansound.audio.signal import cut, resample
from urbansound.dataset.alike import FEWEST_WORDS, find_alike
from urbansound.dataset.faults import find_faults
from urbansound.dataset.fingerprint import WORDS, fingerprint
from urbansound.dataset.index import load_dataset
from urbansound.dataset.survey import Survey
from urbansound.dataset.surveying import Work
from urbansound.records import Audio, DatasetIndex

Words = NDArray[np.uint32]


def look(index: DatasetIndex, workers: int | None) -> Work:
    """A survey from nothing, told on one line."""
    with tempfile.TemporaryDirectory() as folder:
        work = Work.begin(index, Path(folder) / "nothing")
        started = time.perf_counter()
        work.measure(workers, lambda done, total: None)
        seconds = time.perf_counter() - started
    n = len(index.clips)
    print(f"looked at {n:,} clips in {seconds:.1f} s: {n / seconds:,.0f} clips/s")
    return work


def survey_of(work: Work) -> Survey:
    """The survey of finished work; the search for copies is timed."""
    started = time.perf_counter()
    kept = work.kept()
    print(f"copies across folds: {time.perf_counter() - started:.2f} s, {len(kept.alike)} pairs")
    depths = np.array(kept.bit_depths)
    return Survey(kept.facts, depths, kept.failures, kept.alike, kept.looked_at, kept.states)


def tell_faults(index: DatasetIndex, survey: Survey) -> None:
    """How many findings there are of each code."""
    started = time.perf_counter()
    findings = find_faults(index, survey)
    print(f"findings: {len(findings)} in {time.perf_counter() - started:.2f} s")
    for code, n in Counter(found.code for found in findings).most_common():
        print(f"  {n:6,} {code}")


def packed(kind: str) -> Callable[[Audio], Audio]:
    """The sound after it was packed so and read again."""
    return lambda audio: decode_sound(sound_file(kind, audio), kind)[0]


def softer(audio: Audio) -> Audio:
    """12 dB softer, in 16 bits again."""
    wave = np.rint(audio.samples * 10 ** (-12 / 20) * 32768) / 32768
    return Audio(wave.astype(np.float32), audio.sample_rate)


FORMS: dict[str, Callable[[Audio], Audio]] = {
    "12 dB softer": softer,
    "8 kHz": lambda audio: resample(audio, 8000),
    "44.1 kHz": lambda audio: resample(audio, 44100),
    "MP3": packed("mp3"),
    "AAC": packed("m4a"),
    "0.3 s later": lambda audio: cut(audio, 0.3, audio.duration_s),
    "0.3 s later, MP3": lambda audio: packed("mp3")(cut(audio, 0.3, audio.duration_s)),
}


def find_copies(index: DatasetIndex, work: Work, n: int) -> None:
    """How often clips are found again in each form, among all clips of the dataset."""
    numbers = np.linspace(0, len(index.clips) - 1, n).astype(int)
    folds = np.concatenate([np.zeros(len(index.clips), int), np.ones(n, int)])
    for name, form in FORMS.items():
        prints, n_words = np.zeros((n, WORDS), np.uint32), np.zeros(n, np.int64)
        wrong = []
        for row, number in enumerate(numbers.tolist()):
            audio = load_clip(index, index.clips[number])
            if audio.duration_s < 1:
                continue
            audio = form(audio)
            words = fingerprint(audio.samples, audio.sample_rate)
            prints[row, : len(words)], n_words[row] = words, len(words)
            wrong.append(wrong_bits(work.prints[number], words))
        found = find_alike(
            np.concatenate([work.prints, prints]),
            np.concatenate([work.n_words, n_words]),
            folds,
            np.arange(1, len(folds) + 1).astype(np.uint64),
        )
        pairs = {(int(a), int(b)) for a, b in found}
        n_found = sum((int(numbers[row]), len(index.clips) + row) in pairs for row in range(n))
        print(f"  {name:18} {n_found} of {len(wrong)} found, wrong bits up to {max(wrong):.3f}")


def wrong_bits(first: Words, second: Words) -> float:
    """The share of bits in which two clips differ, at the shift at which fewest do."""
    shares = [1.0]
    for shift in range(FEWEST_WORDS - len(second), len(first) - FEWEST_WORDS + 1):
        ours, theirs = first[max(0, shift) :], second[max(0, -shift) :]
        length = min(len(ours), len(theirs))
        ours, theirs = ours[:length], theirs[:length]
        tells = (ours != 0) & (theirs != 0)
        if tells.sum() >= FEWEST_WORDS:
            wrong = np.bitwise_count(ours[tells] ^ theirs[tells]).sum()
            shares.append(float(wrong) / (32 * int(tells.sum())))
    return min(shares)


def compare_others(index: DatasetIndex, work: Work, n: int) -> None:
    """How few bits differ between clips of different recordings, at any shift."""
    numbers = np.linspace(0, len(index.clips) - 1, n).astype(int).tolist()
    shares = sorted(
        wrong_bits(work.prints[a][: work.n_words[a]], work.prints[b][: work.n_words[b]])
        for a, b in itertools.combinations(numbers, 2)
        if index.clips[a].recording_id != index.clips[b].recording_id
    )
    print(f"  {len(shares):,} pairs of other recordings: wrong bits from {shares[0]:.3f}")


def repeat(work: Work, n: int) -> None:
    """The search for copies among n rows that are made from these, a few bits of each changed."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(work.prints), n)
    prints = np.empty((n, WORDS), np.uint32)
    for start in range(0, n, 10_000):
        part = rows[start : start + 10_000]
        noise = np.uint32(1) << rng.integers(0, 32, (4, len(part), WORDS)).astype(np.uint32)
        prints[start : start + 10_000] = work.prints[part] ^ np.bitwise_xor.reduce(noise)
    started = time.perf_counter()
    found = find_alike(
        prints, work.n_words[rows], rng.integers(1, 11, n), np.arange(1, n + 1).astype(np.uint64)
    )
    print(f"{n:,} rows: {time.perf_counter() - started:.1f} s, {len(found):,} pairs")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    args = parser.parse_args()
    index = replace(load_dataset(args.data), root=args.data.absolute())
    work = look(index, args.workers)
    tell_faults(index, survey_of(work))
    if args.copies:
        print("copies found again:")
        find_copies(index, work, args.copies)
        compare_others(index, work, args.copies)
    if args.rows:
        repeat(work, args.rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {memory:,.0f} MB in this process")


if __name__ == "__main__":
    main()
