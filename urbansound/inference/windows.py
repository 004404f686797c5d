"""Which stretches of a recording a model hears, and how their answers merge."""

from collections.abc import Sequence

from urbansound.labels import NOT_SURE, SILENCE
from urbansound.records import CLIP_S, Segment

WINDOW_S = CLIP_S
HOP_S = 2.0
# A last window shorter than this would only repeat what the one before has heard.
_MIN_REST_S = 0.25


def window_bounds(duration_s: float) -> list[tuple[float, float]]:
    """(start, end) in seconds of 4 s windows every 2 s; the last one ends with the sound.

    A sound of up to 4 s is one window, as long as it is.
    """
    if duration_s <= WINDOW_S + _MIN_REST_S:
        return [(0.0, duration_s)]
    starts = [0.0]
    while starts[-1] + WINDOW_S < duration_s - _MIN_REST_S:
        starts.append(min(starts[-1] + HOP_S, duration_s - WINDOW_S))
    return [(start, start + WINDOW_S) for start in starts]


def merge_events(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbouring windows that heard the same class, as one stretch each.

    A stretch answers with its most confident window. "not sure" and silence are no events.
    """
    events: list[Segment] = []
    previous: Segment | None = None
    for segment in segments:
        if segment.prediction.label not in (NOT_SURE, SILENCE):
            is_same = previous is not None and previous.prediction.label == segment.prediction.label
            if is_same and events:
                events[-1] = _join(events[-1], segment)
            else:
                events.append(segment)
        previous = segment
    return events


def _join(event: Segment, segment: Segment) -> Segment:
    best = max(event.prediction, segment.prediction, key=lambda prediction: prediction.confidence)
    return Segment(event.start_s, segment.end_s, best)
