"""How fast sounds are heard, and in how much memory: two tables.

    python -m benchmarks.listening [--hour] [--clip] [--minutes N] [--runs N] [--workers N]

--hour hears an hour of 44.1 kHz stereo, 16-bit WAV, made on the fly in a temporary folder
(635 MB), with the shipped cnn on all cores: how many times faster than it lasts, and the
highest memory of this process and its children above what they hold when idle, after one
sound. Memory is read on Linux alone. --clip hears one clip of 4 s again and again when all is
warm: milliseconds, the median and the range of the middle 80 %. Without either, both.
Everything happens as in the app: files go through the process that decodes.
"""

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.memory import watching_memory
from urbansound.audio.sandbox import decode_sound, open_sound
from urbansound.experiment.scoring import find_classifier
from urbansound.inference.classify import Classifier
from urbansound.inference.listen import listen
from urbansound.inference.threads import one_thread_each
from urbansound.paths import outputs_dir
from urbansound.records import Audio
from urbansound.worker_pool import n_cores

RATE = 44100
CLIP_S = 4


def main() -> None:
    """Print what was asked for as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--hour", action="store_true", help="a long recording only")
    parser.add_argument("--clip", action="store_true", help="one short clip only")
    parser.add_argument("--minutes", type=int, default=60, metavar="N", help="for --hour (60)")
    parser.add_argument("--runs", type=int, default=200, metavar="N", help="for --clip (200)")
    parser.add_argument("--workers", type=int, default=n_cores(), metavar="N", help="all cores")
    args = parser.parse_args()
    is_all = not (args.hour or args.clip)
    if args.hour or is_all:
        print_hour(args.minutes, args.workers)
    if args.clip or is_all:
        print_clip(args.runs)


def print_hour(n_minutes: int, workers: int) -> None:
    """Hear a long recording once; before it, a short one to have everything loaded."""
    cnn = shipped("cnn")
    with tempfile.TemporaryDirectory() as folder:
        path, warm_up = Path(folder, "long.wav"), Path(folder, "short.wav")
        write_recording(warm_up, 0.2)
        write_recording(path, n_minutes)
        hear_file(warm_up, cnn, workers)
        with watching_memory() as memory:
            began = time.perf_counter()
            n_windows = hear_file(path, cnn, workers)
            seconds = time.perf_counter() - began
    print("| recording | workers | windows | seconds | times faster | MB above idle |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| {n_minutes} min, 44.1 kHz stereo WAV | {workers} | {n_windows} | {seconds:.2f} "
        f"| {60 * n_minutes / seconds:.0f} | {memory.text()} |\n"
    )


def hear_file(path: Path, classifier: Classifier, workers: int) -> int:
    """Hear a file as it is decoded; how many windows it had."""
    with open_sound(path, path.name) as sound:
        (heard,) = listen(sound, sound.sample_rate, [classifier], workers=workers)
    return len(heard.segments)


def write_recording(path: Path, n_minutes: float) -> None:
    """Noise of a city's colour and changing level, a minute at a time, 16-bit stereo."""
    generator = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _ in range(max(1, round(n_minutes))):
            n = RATE * (60 if n_minutes >= 1 else round(60 * n_minutes))
            level = generator.uniform(0.02, 0.3)
            file.write(level * np.column_stack([noise(generator, n), noise(generator, n)]))


def noise(generator: np.random.Generator, n: int) -> NDArray[np.float32]:
    """Noise with more low than high tones, about 1 at its loudest."""
    white = generator.standard_normal(n, np.float32)
    coloured = white[1:] + 0.9 * white[:-1]
    scaled: NDArray[np.float32] = np.append(coloured, np.float32(0)) / np.abs(coloured).max()
    return scaled


def print_clip(n_runs: int) -> None:
    """Time the steps of hearing one clip, and all of them together."""
    articles, cnn = [shipped("model1"), shipped("model2")], [shipped("cnn")]
    data = clip_bytes()
    audio = decode_sound(data, "clip.wav")[0]
    print(f"| one clip of {CLIP_S} s, warm | median ms | middle 80 % |\n| --- | --- | --- |")
    for title, work in {
        "decode": lambda: decode_sound(data, "clip.wav"),
        "features of model1 and model2": lambda: articles[0].rows([audio]),
        "features of the cnn": lambda: cnn[0].rows([audio]),
        "network of model1 and model2": answering(articles, audio),
        "network of the cnn": answering(cnn, audio),
        "all of model1 and model2": lambda: hear_bytes(data, articles),
        "all of the cnn": lambda: hear_bytes(data, cnn),
    }.items():
        print(f"| {title} | {times_text(work, n_runs)} |", flush=True)


def answering(classifiers: list[Classifier], audio: Audio) -> Callable[[], object]:
    """The networks' share of the work on one clip."""
    rows = [classifier.rows([audio]) for classifier in classifiers]

    def work() -> None:
        with one_thread_each():
            for classifier, row in zip(classifiers, rows, strict=True):
                classifier.answer(classifier.embed(row))

    return work


def hear_bytes(data: bytes, classifiers: list[Classifier]) -> None:
    """Decode and hear, as for an upload."""
    with open_sound(data, "clip.wav") as sound:
        listen(sound, sound.sample_rate, classifiers)


def clip_bytes() -> bytes:
    """A stereo WAV file of 4 s."""
    generator, file = np.random.default_rng(0), io.BytesIO()
    samples = 0.2 * np.column_stack([noise(generator, CLIP_S * RATE) for _ in range(2)])
    soundfile.write(file, samples, RATE, "PCM_16", format="WAV")
    return file.getvalue()


def times_text(work: Callable[[], object], n_runs: int) -> str:
    """Median and middle 80 % of the milliseconds that some work takes, after 10 rounds of it."""
    times = []
    for n in range(n_runs + 10):
        began = time.perf_counter()
        work()
        if n >= 10:
            times.append(1000 * (time.perf_counter() - began))
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):.1f} | {tenths[0]:.1f} to {tenths[-1]:.1f}"


def shipped(name: str) -> Classifier:
    """A model that ships, whatever was trained here."""
    return find_classifier(outputs_dir(), f"shipped:{name}")


if __name__ == "__main__":
    main()
