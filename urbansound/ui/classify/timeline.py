"""What was heard when, as coloured stretches for the player."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from urbansound.labels import NOT_SURE, SILENCE, class_style, class_title
from urbansound.records import Segment
from urbansound.ui.classify.verdict import percent_text
from urbansound.ui.theme import INK
from urbansound.ui.waves import Region
from urbansound.wording import clock_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

_WORDS = {NOT_SURE: "not sure", SILENCE: "silence"}


def heard_words(segment: Segment) -> str:
    """What a stretch was heard as: "siren", "not sure" or "silence"."""
    label = segment.prediction.label
    return _WORDS.get(label, class_title(label))


def heard_look(segment: Segment) -> tuple[str, str]:
    """Colour and icon of the class that was heard; ink and a plain icon where there is none."""
    prediction = segment.prediction
    if prediction.verdict:
        return INK, "graphic_eq"
    style = class_style(prediction.best, prediction.labels.index(prediction.best))
    return style.color, style.icon


def when_text(start_s: float, end_s: float) -> str:
    """A stretch of time: "4 to 8.5 s", from a minute on "1:04 to 1:08"."""
    if end_s < 60:
        return f"{start_s:.3g} to {end_s:.3g} s"
    return f"{clock_text(start_s)} to {clock_text(end_s)}"


def event_regions(events: Sequence[Segment]) -> list[Region]:
    """The stretches that a model named, in their classes' colours."""
    return [
        Region(
            event.start_s,
            event.end_s,
            heard_words(event),
            *heard_look(event),
            note=f"{heard_words(event)}, {percent_text(event.prediction.confidence)}",
        )
        for event in events
    ]


def named_regions(segments: Sequence[Segment]) -> list[Region]:
    """What windows named, while a recording is still being heard: neighbours alike are one."""
    regions: list[Region] = []
    for region in event_regions([s for s in segments if not s.prediction.verdict]):
        last = regions[-1] if regions else None
        if last and last.label == region.label and region.start_s <= last.end_s:
            regions[-1] = replace(last, end_s=region.end_s)
        else:
            regions.append(region)
    return regions


def leaning_regions(heard: "Heard") -> list[Region]:
    """What a model leaned to where it was not sure: neighbours that lean alike are one."""
    regions = []
    stretches = zip(spans(heard.segments), heard.segments, strict=True)
    for leaning, group in groupby(stretches, key=lambda pair: _leaning(pair[1])):
        pairs = list(group)
        if leaning:
            best = max(segment.prediction.confidence for _, segment in pairs)
            style = class_style(leaning, pairs[0][1].prediction.labels.index(leaning))
            title = f"{class_title(leaning)}?"
            note = f"not sure: perhaps {class_title(leaning)}, at most {percent_text(best)}"
            times = pairs[0][0][0], pairs[-1][0][1]
            regions.append(Region(*times, title, style.color, style.icon, note))
    return regions


def spans(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """The time each window speaks for, in seconds: windows that overlap share by halves."""
    centres = [(segment.start_s + segment.end_s) / 2 for segment in segments]
    borders = [(a + b) / 2 for a, b in pairwise(centres)]
    return list(pairwise([segments[0].start_s, *borders, segments[-1].end_s]))


def _leaning(segment: Segment) -> str:
    """The class that an unsure window put first; empty where it named one, or knew none."""
    prediction = segment.prediction
    is_unsure = prediction.label == NOT_SURE and not prediction.is_strange
    return prediction.best if is_unsure else ""
