"""Thousands of hostile files against the decoder: every one ends in a way that has a name.

    python -m benchmarks.hostile_sounds [--mutants 10000] [--jobs 4] [--seed 0]

Prints a Markdown table of how many files of each kind ended how. Exit code 1 if one ended in
a way without a name, or if a good file could not be decoded afterwards.
"""

import argparse
import functools
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.hostile_files import hostile_files, sound, wav
from urbansound.audio.sandbox import Limits, open_sound
from urbansound.errors import BadAudio

MUTATED = {
    "wav": "wav 16",
    "flac": "flac 16",
    "ogg": "ogg Vorbis",
    "opus": "ogg Opus in small pages",
    "mp3": "mp3",
    "m4a": "m4a index first",
    "webm": "webm",
    "aac": "aac",
}
CODES = (
    *("empty", "not_sound", "no_sound", "unknown_codec", "bad_rate"),
    *("too_long", "not_numbers", "too_slow", "crashed"),
)
OUTCOMES = ("ok", "partial", *CODES)


def main() -> int:
    """Run the corpus and the mutants; print the table."""
    args = _parse_arguments()
    start = time.perf_counter()
    corpus = hostile_files()
    counts = {"hostile files": count_outcomes(corpus.values(), jobs=args.jobs)}
    for name, kind in MUTATED.items():
        data, seeds = sound(kind), range(args.seed, args.seed + args.mutants)
        counts[name] = count_outcomes((mutant(data, seed) for seed in seeds), jobs=args.jobs)
    seconds = time.perf_counter() - start
    print(_table(counts))
    n_files = sum(sum(counter.values()) for counter in counts.values())
    print(f"\n{n_files} files in {seconds:.0f} s: {1000 * seconds / n_files:.1f} ms each.")
    unnamed = set().union(*counts.values()) - set(OUTCOMES)
    answers = outcome_of(wav()) == "ok"
    print(f"Ends without a name: {len(unnamed)}. A good file afterwards: {answers}.")
    return 0 if answers and not unnamed else 1


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=1000, help="mutants of each format")
    parser.add_argument("--jobs", type=int, default=4, help="files decoded at once")
    parser.add_argument("--seed", type=int, default=0, help="number of the first mutant")
    return parser.parse_args()


def count_outcomes(files: Iterable[bytes], *, jobs: int) -> Counter[str]:
    """How often each outcome came."""
    with ThreadPoolExecutor(jobs) as pool:
        return Counter(pool.map(outcome_of, files))


def outcome_of(data: bytes) -> str:
    """ "ok", "partial" or the code of the refusal."""
    try:
        with open_sound(data, "hostile", limits=Limits()) as stream:
            for piece in stream:
                if piece.dtype != np.float32 or not np.isfinite(piece).all():
                    return "not finite"
            return "partial" if stream.facts.is_partial else "ok"
    except BadAudio as error:
        return error.code


def mutant(data: bytes, seed: int) -> bytes:
    """The file with one to four random changes; the same for the same seed."""
    rng = np.random.default_rng(seed)
    changed = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        _CHANGES[rng.integers(len(_CHANGES))](changed, rng)
    is_ogg = data[:4] == b"OggS"
    return with_ogg_checksums(bytes(changed)) if is_ogg and seed % 4 else bytes(changed)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Anywhere; half of the time in the first 512 bytes, where the headers are."""
    end = min(len(data), 512) if rng.random() < 0.5 else len(data)
    return int(rng.integers(max(1, end)))


def _flip_bit(data: bytearray, rng: np.random.Generator) -> None:
    if data:
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _set_byte(data: bytearray, rng: np.random.Generator) -> None:
    if data:
        data[_place(data, rng)] = int(rng.choice([0, 1, 127, 128, 255, rng.integers(256)]))


def _set_number(data: bytearray, rng: np.random.Generator) -> None:
    place = _place(data, rng)
    data[place : place + 4] = bytes(rng.choice([0, 127, 128, 255], 4).astype(np.uint8))


def _cut(data: bytearray, rng: np.random.Generator) -> None:
    del data[_place(data, rng) :]


def _remove(data: bytearray, rng: np.random.Generator) -> None:
    place = _place(data, rng)
    del data[place : place + int(rng.integers(1, 1000))]


def _insert(data: bytearray, rng: np.random.Generator) -> None:
    place = _place(data, rng)
    data[place:place] = rng.bytes(int(rng.integers(1, 100)))


def _repeat(data: bytearray, rng: np.random.Generator) -> None:
    place, n_bytes = _place(data, rng), int(rng.integers(1, 2000))
    data[place:place] = data[place : place + n_bytes] * int(rng.integers(1, 4))


_CHANGES = (
    *(4 * [_flip_bit]),
    *(3 * [_set_byte]),
    *(3 * [_set_number]),
    *(2 * [_remove]),
    *(2 * [_insert]),
    *(2 * [_repeat]),
    _cut,
)


def with_ogg_checksums(data: bytes) -> bytes:
    """The file with the right checksum in each page, else a decoder never sees the damage."""
    first, *pages = data.split(b"OggS")
    return first + b"".join(_with_checksum(b"OggS" + page) for page in pages)


def _with_checksum(page: bytes) -> bytes:
    """Ogg's CRC: 32 bits, polynomial 0x04C11DB7, not reflected, the field itself being zero."""
    if len(page) < 27:
        return page
    blank = page[:22] + bytes(4) + page[26:]
    checksum, table = 0, _ogg_table()
    for byte in blank:
        checksum = (checksum << 8 & 0xFFFFFFFF) ^ table[checksum >> 24 ^ byte]
    return blank[:22] + checksum.to_bytes(4, "little") + blank[26:]


@functools.cache
def _ogg_table() -> list[int]:
    table = []
    for value in range(256):
        rest = value << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest & 1 << 31 else 0)) & 0xFFFFFFFF
        table.append(rest)
    return table


def _table(counts: dict[str, Counter[str]]) -> str:
    seen = [name for name in OUTCOMES if any(counter[name] for counter in counts.values())]
    seen += sorted(set().union(*counts.values()) - set(OUTCOMES))
    rows: list[Sequence[object]] = [("files", *seen), ("---", *["---:"] * len(seen))]
    rows += [(name, *(counter[end] for end in seen)) for name, counter in counts.items()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
