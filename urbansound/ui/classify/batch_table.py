"""Answers to many sounds as a person reads them: a table, what to show of it, a sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from urbansound.inference.answer import Answer
from urbansound.inference.heard import Heard
from urbansound.labels import NOT_SURE, SILENCE, class_title
from urbansound.records import Prediction, Segment
from urbansound.ui.classify.timeline import when_text
from urbansound.ui.classify.verdict import doubt_text, heard_name
from urbansound.ui.words import count_text, names_text
from urbansound.wording import partial_text

ALL, NAMED, UNSURE, SILENT, BAD = "all", "named", "not sure", "silence", "could not be read"


@dataclass(frozen=True, eq=False)
class Row:
    """What one model heard in one sound, or in one stretch of it: `event`.

    `number` is the sound's; `heard` is None where it could not be read.
    """

    number: int
    answer: Answer
    title: str = ""
    heard: Heard | None = None
    event: Segment | None = None


def batch_rows(answers: Sequence[Answer], titles: Sequence[str]) -> Iterator[Row]:
    """A row for each sound and model; one for a sound that cannot be read."""
    for number, answer in enumerate(answers):
        if answer.error is not None:
            yield Row(number, answer)
        for title, heard in zip(titles, answer.heard, strict=False):
            yield Row(number, answer, title, heard)


def event_rows(rows: Iterable[Row]) -> list[Row]:
    """A row for each stretch that was named, sound by sound."""
    return [replace(row, event=event) for row in rows if row.heard for event in row.heard.events]


def kind_of(row: Row) -> str:
    """Which of the kinds of row it is."""
    if row.heard is None:
        return BAD
    return {NOT_SURE: UNSURE, SILENCE: SILENT}.get(row.heard.prediction.label, NAMED)


def batch_frame(rows: Sequence[Row], *, with_model: bool = False) -> pd.DataFrame:
    """One line a sound and model; with a last column of remarks where there are any."""
    columns: dict[str, list[Any]] = {
        "file": [row.answer.name for row in rows],
        "heard": [_heard_text(row.heard) for row in rows],
        "confidence": [_confidence(row.heard) for row in rows],
        "seconds": [row.answer.duration_s for row in rows],
    }
    if with_model:
        columns["model"] = [row.title for row in rows]
    remarks = [_remark(row.answer) for row in rows]
    if any(remarks):
        columns["remark"] = remarks
    return pd.DataFrame(columns)


def event_frame(rows: Sequence[Row], *, with_model: bool = False) -> pd.DataFrame:
    """One line an event: its file, when it was, what was heard, confidence in percent."""
    named = [(row, row.event) for row in rows if row.event is not None]
    columns: dict[str, list[Any]] = {
        "file": [row.answer.name for row, _ in named],
        "when": [when_text(event.start_s, event.end_s) for _, event in named],
        "heard": [heard_name(event.prediction) for _, event in named],
        "confidence": [100 * event.prediction.confidence for _, event in named],
    }
    if with_model:
        columns["model"] = [row.title for row, _ in named]
    return pd.DataFrame(columns)


def _heard_text(heard: Heard | None) -> str:
    if heard is None:
        return BAD
    doubt = doubt_text(heard.prediction)
    name = heard_name(heard.prediction)
    return f"{name} ({doubt})" if doubt else name


def _confidence(heard: Heard | None) -> float | None:
    """In percent; None where nothing was there to be named."""
    if heard is None or heard.prediction.label == SILENCE:
        return None
    return 100 * heard.prediction.confidence


def _remark(answer: Answer) -> str:
    if answer.error is not None:
        return str(answer.error).removeprefix(f"'{answer.name}' ")
    partial = partial_text(answer.facts)
    return f"partial: {partial}" if partial else ""


def class_counts(rows: Sequence[Row]) -> list[tuple[str, int, int]]:
    """(class, its number, how many were named so), the most frequent first."""
    named = [row.heard.prediction for row in rows if row.heard and kind_of(row) == NAMED]
    numbers = {prediction.best: _number(prediction) for prediction in named}
    counts = Counter(prediction.best for prediction in named)
    return [(name, numbers[name], n) for name, n in counts.most_common()]


def nameless_counts(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """How many sounds got no name, by why: "not sure", "silence"."""
    kinds = Counter(kind_of(row) for row in rows if row.heard)
    return [(kind, kinds[kind]) for kind in (UNSURE, SILENT) if kinds[kind]]


def _number(prediction: Prediction) -> int:
    return prediction.labels.index(prediction.best)


def summary_sentence(answers: Sequence[Answer], titles: Sequence[str], n_total: int) -> str:
    """How many were heard, how many could not be, and what was heard most often.

    Of several models the first one's most frequent class, and on how many sounds all agree.
    """
    heard = [answer for answer in answers if answer.error is None]
    said = f"{len(heard):,} of {count_text(n_total, 'sound')} heard"
    if len(heard) < len(answers):
        said += f", {len(answers) - len(heard):,} could not be read"
    parts = [said]
    counts = class_counts(list(batch_rows(answers, titles[:1])))
    is_alone = len(titles) == 1
    if counts and counts[0][2] > 1:
        whose = "" if is_alone else f" for {titles[0]}"
        parts.append(f"Most often{whose}: {class_title(counts[0][0])}, {counts[0][2]:,}")
    if heard and not is_alone:
        n_same = sum(len({one.prediction.label for one in answer.heard}) == 1 for answer in heard)
        parts.append(f"{names_text(titles)} say the same of {n_same:,}")
    return f"{'. '.join(parts)}."
