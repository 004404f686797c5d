"""What was heard when, as coloured stretches for the player."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from urbansound.labels import NOT_SURE, class_title
from urbansound.records import Prediction, Segment
from urbansound.ui.classify.verdict import heard_name, heard_text, leaning, look, percent_text
from urbansound.ui.waves import Region
from urbansound.wording import clock_text

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard


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
            heard_name(event.prediction),
            *look(event.prediction),
            note=heard_text(event.prediction),
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
    for name, group in groupby(stretches, key=lambda pair: _unsure_name(pair[1].prediction)):
        pairs = list(group)
        if name:
            best = max(segment.prediction.confidence for _, segment in pairs)
            style = leaning(pairs[0][1].prediction)
            note = f"not sure: perhaps {class_title(name)}, at most {percent_text(best)}"
            times = pairs[0][0][0], pairs[-1][0][1]
            regions.append(Region(*times, f"{class_title(name)}?", style.color, style.icon, note))
    return regions


def spans(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """The time each window speaks for, in seconds: windows that overlap share by halves."""
    centres = [(segment.start_s + segment.end_s) / 2 for segment in segments]
    borders = [(a + b) / 2 for a, b in pairwise(centres)]
    return list(pairwise([segments[0].start_s, *borders, segments[-1].end_s]))


def _unsure_name(prediction: Prediction) -> str:
    """The class that an unsure window put first; empty where it named one, or knew none."""
    is_unsure = prediction.label == NOT_SURE and not prediction.is_strange
    return prediction.best if is_unsure else ""
