"""How well the events of long recordings are found: a table.

    python -m benchmarks.events --clips ROOT [--fold K] [--outputs DIR] [--models NAMES]
        [--recordings N]

ROOT is an UrbanSound8K root. Recordings are made of 40 of a fold's clips each, one after the
other or with silence of 0.5 to 6 s between them, a clip once or up to four times in a row.
They are heard as the app does it; each second then counts for each class as found, missed or
wrongly named. "windows" are neighbouring windows that named the same class, joined; "events"
are those of inference.events. Models that learned from the fold do better than they would
elsewhere: what to compare is the two lines of one model.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.dataset.index import load_dataset
from urbansound.experiment.scoring import find_classifier
from urbansound.inference.heard import Heard
from urbansound.inference.listen import listen
from urbansound.paths import outputs_dir
from urbansound.records import Clip, DatasetIndex
from urbansound.worker_pool import n_cores

RATE = 44100
N_CLIPS = 40
MIN_CLIP_S = 1.0
MAX_REPEATS = 4
GAPS_S = (0.5, 6.0)

Stretch = tuple[float, float, str]


@dataclass(frozen=True, eq=False)
class Recording:
    """Samples at RATE, and what is in them from s to s."""

    samples: NDArray[np.float32]
    truth: list[Stretch]

    @property
    def n_seconds(self) -> int:
        """Whole seconds that are judged."""
        return len(self.samples) // RATE


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--fold", type=int, default=1, metavar="K")
    parser.add_argument("--outputs", type=Path, default=outputs_dir(), metavar="DIR")
    parser.add_argument("--models", default="shipped:cnn,shipped:model2", metavar="NAMES")
    parser.add_argument("--recordings", type=int, default=6, metavar="N", help="of each kind (6)")
    args = parser.parse_args()
    names = args.models.split(",")
    models = [find_classifier(args.outputs, name) for name in names]
    heard: list[list[tuple[Recording, Heard]]] = [[] for _ in models]
    for recording in recordings(load_dataset(args.clips), args.fold, args.recordings):
        answers = listen([recording.samples], RATE, models, workers=n_cores())
        for one, answer in zip(heard, answers, strict=True):
            one.append((recording, answer))
    print("| model | stretches | precision | recall | F1 | named | there are |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, one in zip(names, heard, strict=True):
        print(table_row(f"{name} | windows", one, joined_windows))
        print(table_row(f"{name} | events", one, events))


def recordings(index: DatasetIndex, fold: int, n_each: int) -> Iterator[Recording]:
    """The same number with and without silences, with clips once and several times."""
    clips = [c for c in index.clips if c.fold == fold and c.duration_s >= MIN_CLIP_S]
    for has_gaps in (False, True):
        for max_repeats in (1, MAX_REPEATS):
            for seed in range(n_each):
                generator = np.random.default_rng((seed, has_gaps, max_repeats))
                yield join_clips(index, clips, generator, has_gaps, max_repeats)


def join_clips(
    index: DatasetIndex,
    clips: Sequence[Clip],
    generator: np.random.Generator,
    has_gaps: bool,
    max_repeats: int,
) -> Recording:
    """A recording of clips drawn by the generator."""
    parts, truth, start_s = [], [], 0.0
    for n in generator.permutation(len(clips))[:N_CLIPS]:
        if has_gaps:
            parts.append(np.zeros(int(generator.uniform(*GAPS_S) * RATE), np.float32))
            start_s += len(parts[-1]) / RATE
        sound = resample(load_audio(index.audio_path(clips[n])), RATE).samples
        n_times = int(generator.integers(1, max_repeats + 1))
        parts.extend([sound] * n_times)
        end_s = start_s + n_times * len(sound) / RATE
        truth.append((start_s, end_s, index.class_names[clips[n].class_id]))
        start_s = end_s
    return Recording(np.concatenate(parts), truth)


def events(heard: Heard) -> list[Stretch]:
    """The events that the app shows."""
    return [(event.start_s, event.end_s, event.prediction.label) for event in heard.events]


def joined_windows(heard: Heard) -> list[Stretch]:
    """Neighbouring windows that named the same class."""
    found: list[Stretch] = []
    previous = ""
    for segment in heard.segments:
        name = "" if segment.prediction.verdict else segment.prediction.best
        if name and name == previous:
            found[-1] = (found[-1][0], segment.end_s, name)
        elif name:
            found.append((segment.start_s, segment.end_s, name))
        previous = name
    return found


def table_row(
    title: str, heard: list[tuple[Recording, Heard]], find: Callable[[Heard], list[Stretch]]
) -> str:
    """Seconds found, missed and wrongly named, over all recordings."""
    found = true = named = n_named = n_true = 0
    for recording, answer in heard:
        said, truth = find(answer), set(seconds_of(recording.truth, recording.n_seconds))
        claimed = set(seconds_of(said, recording.n_seconds))
        found, true, named = found + len(claimed & truth), true + len(truth), named + len(claimed)
        n_named, n_true = n_named + len(said), n_true + len(recording.truth)
    precision, recall = found / max(named, 1), found / true
    f1 = 2 * found / (named + true)
    return f"| {title} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {n_named} | {n_true} |"


def seconds_of(stretches: Sequence[Stretch], n_seconds: int) -> Iterator[tuple[int, str]]:
    """(second, class) of all stretches, to the nearest second."""
    for start_s, end_s, name in stretches:
        for second in range(round(start_s), min(round(end_s), n_seconds)):
            yield second, name


if __name__ == "__main__":
    main()
