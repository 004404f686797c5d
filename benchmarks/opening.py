"""How long it takes to open a folder of class folders, in a process of its own each time.

    python -m benchmarks.opening [--files 2000 10000] [--kinds wav m4a]

makes ten folders of one-second sounds, opens them when nothing is kept of them and once more,
and tells the seconds, imports left out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np
import soundfile

RATE = 22050
_OPEN = (
    "import sys, time; from pathlib import Path; from urbansound.dataset.index import load_dataset;"
    "started = time.perf_counter(); index = load_dataset(Path(sys.argv[1]));"
    "print(f'{time.perf_counter() - started:.2f} s for {len(index.clips):,} clips')"
)


def write_sounds(root: Path, n: int, kind: str) -> None:
    """n sounds in ten class folders."""
    one = root.with_suffix(f".{kind}")
    write_sound(one)
    data = one.read_bytes()
    for number in range(n):
        path = root / f"class {number % 10}" / f"{number}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def write_sound(path: Path) -> None:
    """A second of noise; what soundfile cannot write is AAC."""
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, RATE).astype(np.float32)
    if path.suffix[1:].upper() in soundfile.available_formats():
        soundfile.write(path, noise, RATE)
        return
    frame = av.AudioFrame.from_ndarray(noise[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = RATE
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        for part in (frame, None):
            container.mux(stream.encode(part))


def open_once(root: Path, data: Path) -> str:
    """What a fresh process says of opening the folder."""
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(root)],
        env={**os.environ, "URBANSOUND_DATA": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def main() -> None:
    """Tell the seconds of each number and kind of files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, nargs="+", default=[2000, 10_000])
    parser.add_argument("--kinds", nargs="+", default=["wav", "m4a"])
    args = parser.parse_args()
    for kind in args.kinds:
        for n in args.files:
            with tempfile.TemporaryDirectory() as folder:
                root, data = Path(folder, "sounds"), Path(folder, "data")
                write_sounds(root, n, kind)
                first, again = (open_once(root, data) for _ in range(2))
                print(f"{n:,} {kind} files: {first}, then {again}")


if __name__ == "__main__":
    main()
