"""What a model heard in a sound, and how the whole follows from its windows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.labels import NOT_SURE, SILENCE
from urbansound.records import Card, Prediction, Segment

# A sound is strange where most of its windows are.
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class Heard:
    """What a model heard: one answer for the whole, one a window, and the merged events."""

    prediction: Prediction
    segments: tuple[Segment, ...]
    events: tuple[Segment, ...]
    duration_s: float = 0.0


def predict(
    card: Card, chances: NDArray[np.float32], *, is_quiet: bool, is_strange: bool
) -> Prediction:
    """Probabilities [classes] with their verdict: silence, else not sure, else none."""
    verdict = ""
    if is_quiet:
        verdict = SILENCE
    elif is_strange or chances.max() < card.calibration.threshold:
        verdict = NOT_SURE
    return Prediction(chances, card.class_names, verdict, is_strange and not is_quiet)


def predict_whole(card: Card, segments: Sequence[Segment]) -> Prediction:
    """The answer for all of a sound: the mean of its windows, silence aside."""
    loud = [s.prediction for s in segments if s.prediction.label != SILENCE]
    counted = loud or [segment.prediction for segment in segments]
    chances = np.mean([prediction.probabilities for prediction in counted], axis=0)
    is_strange = bool(np.mean([prediction.is_strange for prediction in counted]) > _MOSTLY)
    return predict(card, chances, is_quiet=not loud, is_strange=is_strange)
