"""Does what is shown as the reason decide? And do the small networks hear when?

    python -m benchmarks.explanations --clips ROOT [--n 40] [--fold 2] [--share 20]

takes clips of a fold, evenly over the classes, and the models that ship. First table: how often
the cnn's answer stays when only the part that is shown as its reason is played, and when all
else is; the same for a part as large that was drawn by lot. Second table: how often each
model's answer stays when the sound is shuffled in time.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from urbansound.audio.decode import load_audio
from urbansound.dataset.index import load_dataset
from urbansound.experiment.scoring import find_classifier
from urbansound.inference.classify import Classifier
from urbansound.inference.explain import DecisionMap, map_decision
from urbansound.inference.masking import keep_part
from urbansound.inference.shuffling import shuffle_time
from urbansound.paths import outputs_dir
from urbansound.records import Audio, DatasetIndex

MODELS = ("model1", "model2", "mlp", "cnn")
# As coarse as the parts that are found, in bands and frames.
_COARSE = 4.0


def chosen_clips(index: DatasetIndex, fold: int, n: int) -> Iterator[Audio]:
    """n clips of at least 3 s, the same number of each class as near as can be."""
    by_class: list[list[Audio]] = [[] for _ in index.class_names]
    for clip in index.clips:
        known = by_class[clip.class_id]
        if clip.fold == fold and clip.duration_s > 3 and len(known) < -(-n // len(by_class)):
            known.append(load_audio(index.audio_path(clip)))
    yield from [audio for known in by_class for audio in known][:n]


def by_lot(drove: DecisionMap, rng: np.random.Generator) -> DecisionMap:
    """A part that was drawn by lot, over the same places that sound."""
    lots = gaussian_filter(rng.standard_normal(drove.ranks.shape), _COARSE)
    sounds = drove.ranks > 0
    ranks = np.zeros_like(drove.ranks)
    ranks[sounds] = (lots[sounds].argsort().argsort() + 1) / sounds.sum()
    return replace(drove, ranks=ranks)


def best(classifier: Classifier, audio: Audio) -> int:
    """The class that the model puts first."""
    return int(classifier.chances([audio])[0].argmax())


def faithfulness(clips: list[Audio], share: float) -> None:
    """Print the first table."""
    cnn, rng = find_classifier(outputs_dir(), "shipped:cnn"), np.random.default_rng(0)
    kept: dict[str, list[tuple[bool, bool]]] = {"found": [], "drawn by lot": []}
    for audio in clips:
        drove = map_decision(cnn, audio)
        for name, part in (("found", drove), ("drawn by lot", by_lot(drove, rng))):
            parts = keep_part(audio, part, share, cnn.card.spec.features)
            said = [best(cnn, sound) == drove.class_id for sound in (parts.part, parts.rest)]
            kept[name].append((said[0], said[1]))
    print("| part | the part keeps the answer | everything else keeps it |")
    print("| --- | --- | --- |")
    for name, pairs in kept.items():
        part, rest = np.mean(pairs, axis=0)
        print(f"| {name} | {part:.0%} | {rest:.0%} |")


def shuffling(clips: list[Audio]) -> None:
    """Print the second table."""
    print("\n| model | keeps its answer | mean change of its probability |")
    print("| --- | --- | --- |")
    for name in MODELS:
        model = find_classifier(outputs_dir(), f"shipped:{name}")
        before = model.chances(clips)
        after = model.chances([shuffle_time(audio, seed=0) for audio in clips])
        first = before.argmax(axis=1)
        rows = np.arange(len(clips))
        change = np.abs(after[rows, first] - before[rows, first]).mean()
        same = int((after.argmax(axis=1) == first).sum())
        print(f"| {name} | {same} of {len(clips)} | {change:.2f} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--fold", type=int, default=2)
    parser.add_argument("--share", type=int, default=20, metavar="PERCENT")
    args = parser.parse_args()
    clips = list(chosen_clips(load_dataset(args.clips), args.fold, args.n))
    faithfulness(clips, args.share / 100)
    shuffling(clips)


if __name__ == "__main__":
    main()
