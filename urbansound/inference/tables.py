"""Answers to take away: JSON, CSV, Audacity labels, a Raven selection table.

Each format is written a sound at a time, so that it can be printed as the answers come:
`head()`, then `rows(answer)` for each. Every row names the model, its checksum and its
protocol; in Audacity labels, which have room for words alone, there is the model's name.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, Protocol

from urbansound.csv_text import csv_lines, safe_cell
from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import (
    Origin,
    error_body,
    line_bodies,
    partial_body,
    segment_body,
)
from urbansound.inference.heard import Heard
from urbansound.records import Segment

_CSV_COLUMNS = (
    *("file", "model", "model_sha256", "trained_on", "protocol", "part", "start_s", "end_s"),
    *("label", "is_strange", "confidence", "claimed_s", "error_code", "error_message"),
)
_RAVEN_COLUMNS = (
    *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)"),
    *(
        "High Freq (Hz)",
        "Begin File",
        "Begin Path",
        "File Offset (s)",
        "Label",
        "Confidence",
        "Model",
    ),
    *("Model SHA-256", "Trained On", "Protocol"),
)


class Table(Protocol):
    """A format that is written a sound at a time; each answer's models are the table's."""

    def head(self) -> str:
        """What stands before the first row, with its line break; empty where nothing does."""

    def rows(self, answer: Answer) -> str:
        """The rows of one sound, each with its line break."""


def write_table(table: Table, answers: Iterable[Answer]) -> str:
    """A whole table."""
    return "".join([table.head(), *map(table.rows, answers)])


class JsonLines:
    """JSON, an object a line: one for each sound and model, as `line_bodies` makes them."""

    def __init__(self, origins: Sequence[Origin], *, with_timing: bool = False) -> None:
        self._origins, self._with_timing = origins, with_timing

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, answer: Answer) -> str:
        """A line for each model."""
        bodies = line_bodies(answer, self._origins, with_timing=self._with_timing)
        return "".join(f"{json.dumps(body, allow_nan=False)}\n" for body in bodies)


class CsvTable:
    """CSV: for each model a row for the whole sound and each event, or for its error.

    With `windows` there is also a row for each window. The last columns are the
    probabilities of all classes that any of the models knows.
    """

    def __init__(self, origins: Sequence[Origin], *, windows: bool = False) -> None:
        self._origins, self._with_windows = origins, windows
        names = dict.fromkeys(name for origin in origins for name in origin.card.class_names)
        self._columns = (*_CSV_COLUMNS, *names)

    def head(self) -> str:
        """The columns' names."""
        return csv_lines([self._columns])

    def rows(self, answer: Answer) -> str:
        """All rows of one sound."""
        bodies = self._bodies(answer)
        return csv_lines([body.get(column, "") for column in self._columns] for body in bodies)

    def _bodies(self, answer: Answer) -> Iterator[dict[str, Any]]:
        for number, origin in enumerate(self._origins):
            start = {"file": answer.name, **origin.body()}
            if answer.error is not None:
                error = error_body(answer.error)
                reason = {"error_code": error["code"], "error_message": error["message"]}
                yield {**start, "part": "error", **reason}
                continue
            for part, segment in self._parts(answer.heard[number]):
                body = segment_body(segment)
                chances = body.pop("probabilities")
                partial = partial_body(answer.facts) or {}
                claimed = {"claimed_s": partial.get("claimed_s", "")}
                yield {**chances, **start, "part": part, **body, **claimed}

    def _parts(self, heard: Heard) -> Iterator[tuple[str, Segment]]:
        yield "whole", Segment(0.0, heard.duration_s, heard.prediction)
        if self._with_windows:
            yield from (("window", segment) for segment in heard.segments)
        yield from (("event", event) for event in heard.events)


class AudacityLabels:
    """An Audacity label track: start, end and a label such as "siren 0.93" for each event.

    A label track belongs to no file and its times count from the project's beginning, where
    Audacity puts every sound that is imported. So with `with_names`, for the labels of
    several sounds, each begins with its file's name. Where several models spoke, it names
    the model.
    """

    def __init__(self, origins: Sequence[Origin], *, with_names: bool = False) -> None:
        self._origins, self._with_names = origins, with_names

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, answer: Answer) -> str:
        """A label for each event."""
        lines = []
        for origin, heard in zip(self._origins, answer.heard, strict=False):
            whose = [answer.name] if self._with_names else []
            whose += [origin.model] if len(self._origins) > 1 else []
            for event in heard.events:
                said = f"{event.prediction.label} {event.prediction.confidence:.2f}"
                times = (f"{event.start_s:.6f}", f"{event.end_s:.6f}")
                lines.append(_tab_line([*times, ": ".join([*whose, said])]))
        return "".join(lines)


class RavenTable:
    """A Raven selection table: a row for each event of each model.

    Raven opens several sounds as one sequence: begin and end count from its start, "File
    Offset (s)" from the start of the sound named. So the rows of several sounds fit where
    these are opened in the same order; those that cannot be heard are not among them.
    A selection spans all that the model hears, up to half of its sample rate.
    """

    def __init__(self, origins: Sequence[Origin]) -> None:
        self._origins = origins
        self._n_rows = 0
        self._offset_s = 0.0

    def head(self) -> str:
        """The columns' names."""
        return _tab_line(_RAVEN_COLUMNS)

    def rows(self, answer: Answer) -> str:
        """A row for each event."""
        lines = []
        for origin, heard in zip(self._origins, answer.heard, strict=False):
            for event in heard.events:
                self._n_rows += 1
                lines.append(_tab_line(self._row(answer, origin, event)))
        if answer.error is None:
            self._offset_s += answer.duration_s or 0.0
        return "".join(lines)

    def _row(self, answer: Answer, origin: Origin, event: Segment) -> list[object]:
        heard_rate = origin.card.spec.features.sample_rate
        rate = min(heard_rate, answer.facts.sample_rate) if answer.facts else heard_rate
        times = [f"{self._offset_s + at:.6f}" for at in (event.start_s, event.end_s)]
        prediction = event.prediction
        return [
            *(self._n_rows, "Spectrogram 1", 1, *times, 0, rate / 2),
            *(PurePath(answer.name).name, answer.name, f"{event.start_s:.6f}"),
            *(prediction.label, f"{prediction.confidence:.4f}", *origin.body().values()),
        ]


def _tab_line(cells: Iterable[object]) -> str:
    return "\t".join(str(safe_cell(cell)) for cell in cells) + "\n"
