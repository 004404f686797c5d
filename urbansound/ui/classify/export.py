"""An answer to take away: JSON and CSV in which every row names its model and protocol."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from urbansound.evaluation.protocol import tested_protocol
from urbansound.records import Card, Prediction, Segment
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Sound
from urbansound.ui.words import protocol_text

if TYPE_CHECKING:
    from urbansound.inference.classify import Heard

Answers = Sequence[tuple[SavedModel, "Heard"]]
# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


def answers_json(sound: Sound, answers: Answers) -> str:
    """All answers about one sound as one JSON object."""
    body = {
        "file": sound.name,
        "seconds": sound.audio.duration_s,
        "sample_rate": sound.audio.sample_rate,
        "true_class": sound.true_class,
        "answers": [{**_origin(saved.card), **_heard_body(heard)} for saved, heard in answers],
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


def _origin(card: Card) -> dict[str, Any]:
    return {
        "model": card.spec.model,
        "model_sha256": card.sha256,
        "trained_on": card.dataset_name,
        "protocol": protocol_text(tested_protocol(card)),
    }


def _heard_body(heard: "Heard") -> dict[str, Any]:
    return {
        **_prediction_body(heard.prediction),
        "segments": [_segment_body(segment) for segment in heard.segments],
        "events": [_segment_body(event) for event in heard.events],
    }


def _prediction_body(prediction: Prediction) -> dict[str, Any]:
    chances = map(float, prediction.probabilities)
    return {
        "label": prediction.label,
        "is_strange": prediction.is_strange,
        "confidence": prediction.confidence,
        "probabilities": dict(zip(prediction.labels, chances, strict=True)),
    }


def _segment_body(segment: Segment) -> dict[str, Any]:
    times = {"start_s": segment.start_s, "end_s": segment.end_s}
    return {**times, **_prediction_body(segment.prediction)}


def answers_csv(sound: Sound, answers: Answers) -> str:
    """A row for the whole sound, each window and each event, of each model."""
    rows = [{_cell(k): _cell(value) for k, value in row.items()} for row in _rows(sound, answers)]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(sound: Sound, answers: Answers) -> Iterator[dict[str, Any]]:
    for saved, heard in answers:
        whole = Segment(0.0, sound.audio.duration_s, heard.prediction)
        kinds = (("whole", (whole,)), ("window", heard.segments), ("event", heard.events))
        for kind, segments in kinds:
            for segment in segments:
                body = _segment_body(segment)
                chances = body.pop("probabilities")
                origin = _origin(saved.card)
                yield {"file": sound.name, **origin, "part": kind, **body, **chances}


def _cell(value: Any) -> Any:
    is_risky = isinstance(value, str) and value.startswith(_FORMULA_MARKS)
    return f"'{value}" if is_risky else value
