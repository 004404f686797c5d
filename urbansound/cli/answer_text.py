"""What was heard, as a person reads it on a terminal."""

from collections.abc import Sequence

from urbansound.audio.archive import label_of
from urbansound.cli.output import percent
from urbansound.cli.report import protocol_text
from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import Origin
from urbansound.inference.heard import Heard
from urbansound.inference.timing import Timing
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.wording import clock_text, partial_text


class TextLines:
    """A line for each sound and model, and one for each event of a longer sound."""

    def __init__(self, origins: Sequence[Origin]) -> None:
        self._origins = origins

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, answer: Answer) -> str:
        """A line for each model, or one with what is wrong."""
        name = label_of(answer.name)
        if answer.error is not None:
            return f"{name}: {answer.error}\n"
        read = partial_text(answer.facts)
        partial = f", partial: {read}" if read else ""
        return "".join(
            f"{name}: {heard_text(heard)}{partial} ({_origin_text(origin)})\n{_events_text(heard)}"
            for origin, heard in zip(self._origins, answer.heard, strict=True)
        )


def heard_text(heard: Heard) -> str:
    """The answer in a few words: "siren 71.0 %", "silence", "not_sure, at best siren 31.0 %"."""
    prediction = heard.prediction
    best = f"{prediction.best} {percent(prediction.confidence)}"
    answers = {SILENCE: SILENCE, NOT_SURE: f"{NOT_SURE}, at best {best}"}
    return answers.get(prediction.label, best)


def _events_text(heard: Heard) -> str:
    """A line for each event, "  0:12 to 0:16  siren 93.0 %"; none for a sound of one window."""
    if len(heard.segments) == 1:
        return ""
    return "".join(
        f"  {clock_text(event.start_s)} to {clock_text(event.end_s)}  "
        f"{event.prediction.best} {percent(event.prediction.confidence)}\n"
        for event in heard.events
    )


def timing_text(timing: Timing) -> str:
    """Where the time went: "decoding 2.1 ms, features 5.0 ms, networks 1.2 ms, in all 8.3 ms"."""
    body = timing.body()
    names = {"decode_ms": "decoding", "features_ms": "features", "network_ms": "networks"}
    parts = [f"{name} {body[key]:.1f} ms" for key, name in names.items()]
    return f"{', '.join(parts)}, in all {body['total_ms']:.1f} ms"


def _origin_text(origin: Origin) -> str:
    """Which model speaks, and what its score was taken on: a name alone would say neither."""
    return f"{origin.model} · {origin.card.dataset_name} · {protocol_text(origin.protocol)}"
