"""Listening to a sound of any length while it comes, with several models at once.

A long recording is heard in windows, a few at a time: their features, and the networks'
answers, are worked out on several threads while the next part is being read. Numpy's,
scipy's and torch's arithmetic lets other threads run meanwhile.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.signal import is_silence, resample
from urbansound.errors import BadAudio
from urbansound.features.clip import clip_features
from urbansound.inference.events import find_events
from urbansound.inference.heard import Heard, predict, predict_whole
from urbansound.inference.threads import one_thread_each, use_one_thread
from urbansound.inference.windows import MIN_S, Floats, Window, window_batches
from urbansound.records import Audio, FeatureSpec, Segment

if TYPE_CHECKING:
    from urbansound.inference.classify import Classifier


_WINDOWS_AT_ONCE = 16
# At very high rates fewer windows make a batch, so that those at hand stay small.
_SAMPLES_AT_ONCE = 1 << 22

Segments = list[list[Segment]]
OnHeard = Callable[[Segments], None]


def never() -> bool:
    """The sound is heard to its end."""
    return False


def listen(
    chunks: Iterable[Floats],
    sample_rate: int,
    classifiers: Sequence["Classifier"],
    *,
    workers: int = 1,
    on_heard: OnHeard | None = None,
    should_stop: Callable[[], bool] = never,
) -> list[Heard]:
    """What each classifier hears in mono float32 chunks [n] that come one after the other.

    Up to 4.25 s are heard as they are, as in training; longer sounds in windows of 4 s every
    2 s, in memory that does not grow with their length. `workers` threads share the windows.
    `on_heard` gets, in the order of time, the new windows of each classifier. When
    `should_stop` says so, the answers are about the sound up to there; there are none if there
    was nothing yet. BadAudio where a sound is too short to hear, and whatever the chunks raise.
    """
    segments: Segments = [[] for _ in classifiers]
    n_at_once = max(1, min(_WINDOWS_AT_ONCE, _SAMPLES_AT_ONCE // (2 * sample_rate)))
    heard_part = _until(chunks, should_stop)
    batches = map(_long_enough, window_batches(heard_part, sample_rate, n_at_once))
    with one_thread_each():
        for new in _in_order(partial(_hear, classifiers), batches, workers):
            for known, more in zip(segments, new, strict=True):
                known.extend(more)
            if on_heard is not None:
                on_heard(new)
    if not any(segments) and should_stop():
        return []
    return [
        _sum_up(classifier, known) for classifier, known in zip(classifiers, segments, strict=True)
    ]


def _until(chunks: Iterable[Floats], should_stop: Callable[[], bool]) -> Iterator[Floats]:
    for chunk in chunks:
        if should_stop():
            return
        yield chunk


def _long_enough(windows: list[Window]) -> list[Window]:
    check_length(windows[-1].end_s)
    return windows


def check_length(duration_s: float) -> None:
    """BadAudio for a sound that is too short to hear."""
    if duration_s < MIN_S:
        raise BadAudio(
            f"This sound lasts {duration_s * 1000:.1f} ms; at least "
            f"{MIN_S * 1000:.0f} ms are needed. Record or choose a longer one.",
            "too_short",
        )


def _in_order(
    hear: Callable[[list[Window]], Segments], batches: Iterable[list[Window]], workers: int
) -> Iterator[Segments]:
    """What is heard in each batch, in their order; few batches are at hand at a time."""
    if workers == 1:
        yield from map(hear, batches)
        return
    waiting: deque[Future[Segments]] = deque()
    with ThreadPoolExecutor(workers, "listen", use_one_thread) as pool:
        try:
            for batch in batches:
                waiting.append(pool.submit(hear, batch))
                while len(waiting) > workers + 1 or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _hear(classifiers: Sequence["Classifier"], windows: list[Window]) -> Segments:
    """What each classifier hears in some windows. Equal features are worked out once."""
    is_quiet = [is_silence(window.audio.samples) for window in windows]
    loud = [window.audio for window, quiet in zip(windows, is_quiet, strict=True) if not quiet]
    rows = _features(loud, {classifier.card.spec.features for classifier in classifiers})
    return [
        _segments(classifier, windows, is_quiet, rows[classifier.card.spec.features])
        for classifier in classifiers
    ]


def _features(
    pieces: Sequence[Audio], specs: Iterable[FeatureSpec]
) -> dict[FeatureSpec, list[NDArray[np.float32]]]:
    rows: dict[FeatureSpec, list[NDArray[np.float32]]] = {spec: [] for spec in specs}
    for piece in pieces:
        at_rate = {spec.sample_rate: piece for spec in rows}
        at_rate = {rate: resample(piece, rate) for rate in at_rate}
        for spec, row in rows.items():
            row.append(clip_features(at_rate[spec.sample_rate], spec))
    return rows


def _segments(
    classifier: "Classifier",
    windows: list[Window],
    is_quiet: list[bool],
    rows: list[NDArray[np.float32]],
) -> list[Segment]:
    """One a window. Silence is not shown to the network: all classes are equally likely."""
    n_classes = len(classifier.card.class_names)
    chances = np.full((len(windows), n_classes), 1 / n_classes, np.float32)
    is_strange = np.zeros(len(windows), np.bool_)
    if rows:
        loud = ~np.array(is_quiet)
        chances[loud], is_strange[loud] = classifier.answer(classifier.embed(np.stack(rows)))
    return [
        Segment(
            window.start_s,
            window.end_s,
            predict(classifier.card, chances[n], is_quiet=quiet, is_strange=bool(is_strange[n])),
        )
        for n, (window, quiet) in enumerate(zip(windows, is_quiet, strict=True))
    ]


def _sum_up(classifier: "Classifier", segments: list[Segment]) -> Heard:
    duration_s = segments[-1].end_s if segments else 0.0
    check_length(duration_s)
    whole = predict_whole(classifier.card, segments)
    events = find_events(segments, classifier.card)
    return Heard(whole, tuple(segments), tuple(events), duration_s)
