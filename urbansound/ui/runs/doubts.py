"""Clips whose label is in doubt, and what every network that never heard them says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from urbansound.evaluation.suspects import rank_suspects
from urbansound.labels import class_title
from urbansound.paths import outputs_dir
from urbansound.records import Card, ClipResults, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.classify.verdict import percent_text
from urbansound.ui.runs.answers import clip_numbers, other_crossvals
from urbansound.ui.words import plain


@dataclass(frozen=True)
class Suspect:
    """A clip whose label is in doubt, and what every network that never heard it says.

    `path` and `number` name the clip, `label` and `proposed` its class and the one that the
    run says with `chance`. `opinions` are the classes that further networks say. `recording`
    is -1 where unknown; it has `n_clips` clips of this label.
    """

    path: str
    number: int
    recording: int
    label: int
    proposed: int
    chance: float
    opinions: tuple[int, ...]
    n_clips: int

    @property
    def source(self) -> tuple[int, int]:
        """Its recording and label: clips that share both are near twins."""
        return self.recording, self.label


def find_suspects(
    run: RunFolder, card: Card, results: ClipResults, index: DatasetIndex
) -> list[Suspect]:
    """The doubtful clips that can be heard here, the surest of the network first."""
    numbers = clip_numbers(index)
    opinions = _opinions(run, card)
    n_clips = Counter(
        zip(
            results.recordings.tolist(),
            results.labels.tolist(),
            results.is_test.tolist(),
            strict=True,
        )
    )
    return [
        replace(
            suspect,
            number=numbers[suspect.path],
            opinions=_said_of(suspect, opinions),
            n_clips=n_clips[*suspect.source, True],
        )
        for suspect in _doubted(results)
        if suspect.path in numbers
    ]


def _doubted(results: ClipResults) -> list[Suspect]:
    """Every doubtful clip, worst first, with what the results alone say of it."""
    ranked = rank_suspects(results)
    return [
        Suspect(
            path=str(results.paths[row]),
            number=-1,
            recording=int(results.recordings[row]),
            label=int(ranked.labels[place]),
            proposed=int(ranked.proposed[place]),
            chance=float(ranked.chances[place]),
            opinions=(),
            n_clips=1,
        )
        for place, row in enumerate(ranked.rows.tolist())
    ]


def _said_of(suspect: Suspect, opinions: list[dict[tuple[str, int], int]]) -> tuple[int, ...]:
    key = suspect.path, suspect.label
    return tuple(said[key] for said in opinions if key in said)


def _opinions(run: RunFolder, card: Card) -> list[dict[tuple[str, int], int]]:
    """What each further cross-validation says, by a clip's path and label."""
    return [_said(answers) for _, answers in other_crossvals(outputs_dir(), run, card)]


def _said(answers: ClipResults) -> dict[tuple[str, int], int]:
    tested = answers.take(answers.is_test)
    said = tested.probabilities.argmax(axis=1).tolist()
    keys = zip(tested.paths.tolist(), tested.labels.tolist(), strict=True)
    return dict(zip(keys, said, strict=True))


def opinion_text(suspect: Suspect, class_names: Sequence[str]) -> str:
    """What the networks say, as Markdown: "the network that never heard … says **siren**, 97 %"."""
    names = [plain(class_title(name)) for name in class_names]
    said = f"**{names[suspect.proposed]}**, {percent_text(suspect.chance)}"
    n = 1 + len(suspect.opinions)
    if n == 1:
        return f"the network that never heard its recording says {said}"
    heard = Counter(suspect.opinions)
    if heard[suspect.proposed] == n - 1:
        who = "both" if n == 2 else f"all {n}"
        return f"{who} networks that never heard its recording say {said} in this run"
    told = ", ".join(
        f"{k} {'says' if k == 1 else 'say'} {_as_labelled(names, suspect, opinion)}"
        for opinion, k in heard.most_common()
    )
    return f"of {n} networks that never heard its recording this run's says {said}; {told}"


def _as_labelled(names: Sequence[str], suspect: Suspect, opinion: int) -> str:
    if opinion == suspect.proposed:
        return "the same"
    return f"{names[opinion]}, as labelled" if opinion == suspect.label else names[opinion]


def twins(suspects: Sequence[Suspect], suspect: Suspect) -> list[str]:
    """The paths of all doubtful clips of its recording and label, its own among them."""
    if suspect.recording < 0:
        return [suspect.path]
    return [other.path for other in suspects if other.source == suspect.source]


def recording_text(suspect: Suspect, n_doubtful: int) -> str:
    """How its recording fares: "7 of the 9 clips of this recording are in doubt"."""
    if suspect.recording < 0:
        return "its recording is unknown"
    if suspect.n_clips < 2:
        return "the only clip of its recording"
    verb = "is" if n_doubtful == 1 else "are"
    return f"{n_doubtful} of the {suspect.n_clips} clips of this recording {verb} in doubt"
