"""Is a clip of the dataset found again when it was packed anew, cut or made softer?

    python -m benchmarks.copies --clips ROOT [--n 120]

takes n clips, evenly over the dataset, and looks for each in several forms: how often the right
clip is named as a copy. Last, for clips whose own recording is left out of the dataset: how
often anything is named, which is a false alarm. The dataset's 40 means are measured first.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.sound_files import sound_file
from urbansound.audio.decode import load_audio
from urbansound.audio.sandbox import decode_sound
from urbansound.audio.signal import cut, resample
from urbansound.dataset.index import load_dataset
from urbansound.experiment.twins import Twin, find_twin
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, DatasetIndex, FeatureTable


def packed(kind: str) -> Callable[[Audio], Audio]:
    """The sound after it was packed so and read again."""
    return lambda audio: decode_sound(sound_file(kind, audio), kind)[0]


def softer(audio: Audio) -> Audio:
    """12 dB softer."""
    return Audio(audio.samples * np.float32(10 ** (-12 / 20)), audio.sample_rate)


FORMS: dict[str, Callable[[Audio], Audio]] = {
    "unchanged": lambda audio: audio,
    "MP3": packed("mp3"),
    "Opus": packed("ogg Opus"),
    "AAC": packed("m4a"),
    "8 kHz": lambda audio: resample(audio, 8000),
    "12 dB softer": softer,
    "the first 0.2 s cut off": lambda audio: cut(audio, 0.2, audio.duration_s),
}


def without_recording(table: FeatureTable, index: DatasetIndex, number: int) -> FeatureTable:
    """The dataset's means without the clips of this clip's recording."""
    own = index.clips[number].recording_id
    kept = [index.clips[n].recording_id != own for n in table.clip_numbers]
    rows = np.flatnonzero(kept)
    return replace(
        table,
        features=table.features[rows],
        labels=table.labels[rows],
        folds=table.folds[rows],
        clip_numbers=table.clip_numbers[rows],
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--n", type=int, default=120)
    args = parser.parse_args()
    index = load_dataset(args.clips)
    table = load_features(index, MFCC40)
    long_enough = [n for n, clip in enumerate(index.clips) if clip.duration_s > 1]
    numbers = [long_enough[at] for at in np.linspace(0, len(long_enough) - 1, args.n).astype(int)]
    sounds = [load_audio(index.audio_path(index.clips[number])) for number in numbers]
    print("| form | found as a copy |\n| --- | --- |")
    for name, form in FORMS.items():
        twins = [find_twin(form(audio), index, table) for audio in sounds]
        right = sum(_is(twin, number) for twin, number in zip(twins, numbers, strict=True))
        print(f"| {name} | {right / args.n:.1%} |", flush=True)
    others = [
        find_twin(audio, index, without_recording(table, index, number))
        for audio, number in zip(sounds, numbers, strict=True)
    ]
    named = sum(twin is not None for twin in others)
    print(f"\nOf {args.n} clips without their recording, {named} were called known.")


def _is(twin: Twin | None, number: int) -> bool:
    return twin is not None and twin.kind == "copy" and twin.number == number


if __name__ == "__main__":
    main()
