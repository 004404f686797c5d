"""Many files at once on the command line, some of them broken: counts, and files a second.

    python -m benchmarks.many_files [--n 1000] [--broken 50] [--jobs N] [--model cnn]

makes the files, half of them in a zip, and runs `classify` on them as a person would. Exit 1
where an answer is missing or a broken file is not named.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from urbansound.audio.signal import to_wav_bytes
from urbansound.paths import PROJECT
from urbansound.records import Audio

RATE = 22050
SECONDS = 4.0


def sounds(n: int, n_broken: int) -> list[tuple[str, bytes]]:
    """Names and bytes of n files; the broken ones are spread evenly among them."""
    rng = np.random.default_rng(0)
    broken = set(np.linspace(0, n - 1, n_broken).astype(int).tolist())
    whole = [_wav(rng) for _ in range(20)]
    wrong = (b"", b"no sound at all", whole[0][:44], bytes(1000), b"RIFF" + rng.bytes(200))
    made = []
    for number in range(n):
        choice = wrong if number in broken else whole
        made.append((f"{number:05}.wav", choice[number % len(choice)]))
    return made


def _wav(rng: np.random.Generator) -> bytes:
    samples = 0.1 * rng.standard_normal(round(RATE * SECONDS))
    return to_wav_bytes(Audio(samples.astype(np.float32), RATE))


def write(files: list[tuple[str, bytes]], folder: Path) -> list[Path]:
    """The first half in a folder, the other half in a zip beside it; both places."""
    loose, packed = folder / "loose", folder / "packed.zip"
    loose.mkdir()
    half = len(files) // 2
    for name, data in files[:half]:
        (loose / name).write_bytes(data)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files[half:]:
            archive.writestr(name, data)
    return [loose, packed]


def classify(places: list[Path], options: list[str]) -> tuple[list[dict[str, object]], float]:
    """The command's answers, and the seconds from its start to its end."""
    command = [sys.executable, "-m", "urbansound", "classify", "--json", *options]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, *map(str, places)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    return [json.loads(line) for line in done.stdout.splitlines()], seconds


def main() -> int:
    """Print the counts; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--broken", type=int, default=50)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--model", default="cnn")
    args = parser.parse_args()
    options = ["--model", args.model, *(["--jobs", str(args.jobs)] if args.jobs else [])]
    with tempfile.TemporaryDirectory() as folder:
        places = write(sounds(args.n, args.broken), Path(folder))
        answers, seconds = classify(places, options)
    n_bad = sum("error" in answer for answer in answers)
    n_heard = len(answers) - n_bad
    codes = sorted({answer["error"]["code"] for answer in answers if "error" in answer})
    print(
        f"{n_heard:,} answers and {n_bad:,} named errors ({', '.join(codes)}) for {args.n:,} files"
    )
    print(f"{seconds:.1f} s with start: {args.n / seconds:.0f} files/s ({args.model})")
    return 0 if (n_heard, n_bad) == (args.n - args.broken, args.broken) else 1


if __name__ == "__main__":
    sys.exit(main())
