"""Answers as JSON objects: the same keys on the page and on the command line."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from urbansound.errors import BadAudio
from urbansound.inference.answer import Answer
from urbansound.inference.heard import Heard
from urbansound.records import Card, Prediction, Protocol, Segment, SoundFacts
from urbansound.wording import protocol_text


@dataclass(frozen=True)
class Origin:
    """Which model speaks: its name, and its card with the protocol that its score is of."""

    model: str
    card: Card
    protocol: Protocol

    def body(self) -> dict[str, Any]:
        """Name, checksum, data and protocol, as every row bears them."""
        return {
            "model": self.model,
            "model_sha256": self.card.sha256,
            "trained_on": self.card.dataset_name,
            "protocol": protocol_text(self.protocol),
        }


def answer_body(answer: Answer, origins: Sequence[Origin]) -> dict[str, Any]:
    """All models' answers about one sound as one object, or why there are none."""
    if answer.error is not None:
        return {"file": answer.name, "error": error_body(answer.error)}
    pairs = zip(origins, answer.heard, strict=True)
    said = [{**origin.body(), **_heard_body(heard, segment_body)} for origin, heard in pairs]
    return {**_sound_body(answer), "answers": said}


def answers_body(answers: Iterable[Answer], origins: Sequence[Origin]) -> dict[str, Any]:
    """Answers to many sounds as one object."""
    return {
        "models": [origin.body() for origin in origins],
        "sounds": [answer_body(answer, origins) for answer in answers],
    }


def line_bodies(
    answer: Answer, origins: Sequence[Origin], *, with_timing: bool = False
) -> Iterator[dict[str, Any]]:
    """An object for each model's answer about one sound; one with its error where it has one.

    Windows and events stand there without the probabilities of all classes. `timing`, in
    milliseconds, is there where it is asked for.
    """
    if answer.error is not None:
        yield {"file": answer.name, "error": error_body(answer.error)}
        return
    timing = {"timing": answer.timing.body()} if with_timing and answer.timing else {}
    for origin, heard in zip(origins, answer.heard, strict=True):
        said = {**origin.body(), **_heard_body(heard, _short_body)}
        yield {**_sound_body(answer), **said, **timing}


def error_body(error: BadAudio) -> dict[str, str]:
    """What is wrong: a word for programs, a sentence for people."""
    return {"code": error.code, "message": str(error)}


def partial_body(facts: SoundFacts | None) -> dict[str, float] | None:
    """How much of a damaged file was read and how much it claims; None where it is whole."""
    if facts is None or facts.claimed_s is None or not facts.is_partial:
        return None
    return {"read_s": facts.duration_s, "claimed_s": facts.claimed_s}


def segment_body(segment: Segment) -> dict[str, Any]:
    """A stretch with the probabilities of all classes."""
    times = {"start_s": segment.start_s, "end_s": segment.end_s}
    return {**times, **_prediction_body(segment.prediction)}


def _short_body(segment: Segment) -> dict[str, Any]:
    prediction = segment.prediction
    said = {"label": prediction.label, "confidence": prediction.confidence}
    return {"start_s": segment.start_s, "end_s": segment.end_s, **said}


def _sound_body(answer: Answer) -> dict[str, Any]:
    """The sound, as long as it was heard."""
    return {
        "file": answer.name,
        "duration_s": answer.duration_s,
        "sample_rate": answer.facts.sample_rate if answer.facts else None,
        "partial": partial_body(answer.facts),
    }


def _heard_body(heard: Heard, body: Callable[[Segment], dict[str, Any]]) -> dict[str, Any]:
    return {
        **_prediction_body(heard.prediction),
        "segments": [body(segment) for segment in heard.segments],
        "events": [body(event) for event in heard.events],
    }


def _prediction_body(prediction: Prediction) -> dict[str, Any]:
    chances = map(float, prediction.probabilities)
    return {
        "label": prediction.label,
        "is_strange": prediction.is_strange,
        "confidence": prediction.confidence,
        "probabilities": dict(zip(prediction.labels, chances, strict=True)),
    }
