"""Answers to many sounds as a person reads them: a table, what to show of it, a sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from urbansound.inference.answer import Answer
from urbansound.inference.heard import Heard
from urbansound.inference.tables import partial_body
from urbansound.labels import NOT_SURE, SILENCE, class_title
from urbansound.records import Prediction
from urbansound.ui.words import count_text, names_text

ALL, NAMED, UNSURE, SILENT, BAD = "all", "named", "not sure", "silence", "could not be read"
NUMBER = "number"

Row = tuple[int, Answer, str, Heard | None]


def batch_rows(answers: Sequence[Answer], titles: Sequence[str]) -> Iterator[Row]:
    """(number of the sound, its answer, the model's title, what that heard), model by model.

    A sound that cannot be read is one row.
    """
    for number, answer in enumerate(answers):
        if answer.error is not None:
            yield number, answer, "", None
        for title, heard in zip(titles, answer.heard, strict=False):
            yield number, answer, title, heard


def kind_of(row: Row) -> str:
    """Which of the kinds of row it is."""
    heard = row[3]
    if heard is None:
        return BAD
    return {NOT_SURE: UNSURE, SILENCE: SILENT}.get(heard.prediction.label, NAMED)


def batch_frame(rows: Sequence[Row], *, with_model: bool = False) -> pd.DataFrame:
    """One line a row; with a last column of remarks where there are any."""
    columns: dict[str, list[Any]] = {
        "file": [answer.name for _, answer, _, _ in rows],
        "heard": [_heard_text(heard) for *_, heard in rows],
        "confidence": [_confidence(heard) for *_, heard in rows],
        "seconds": [answer.facts.duration_s if answer.facts else None for _, answer, *_ in rows],
    }
    if with_model:
        columns["model"] = [title for _, _, title, _ in rows]
    remarks = [_remark(answer) for _, answer, *_ in rows]
    if any(remarks):
        columns["remark"] = remarks
    return pd.DataFrame(columns)


def _heard_text(heard: Heard | None) -> str:
    if heard is None:
        return BAD
    prediction = heard.prediction
    if prediction.label == SILENCE:
        return SILENCE
    best = class_title(prediction.best)
    if prediction.is_strange:
        return f"{best}? (like nothing it learned)"
    return f"{best}? (not sure)" if prediction.label == NOT_SURE else best


def _confidence(heard: Heard | None) -> float | None:
    """In percent; None where nothing was there to be named."""
    if heard is None or heard.prediction.label == SILENCE:
        return None
    return 100 * heard.prediction.confidence


def _remark(answer: Answer) -> str:
    if answer.error is not None:
        return str(answer.error).removeprefix(f"'{answer.name}' ")
    partial = partial_body(answer.facts)
    if partial is None:
        return ""
    return f"partial: {partial['read_s']:.1f} of {partial['claimed_s']:.1f} s could be read"


def class_counts(rows: Sequence[Row]) -> list[tuple[str, int, int]]:
    """(class, its number, how many were named so), the most frequent first."""
    named = [row[3].prediction for row in rows if row[3] is not None and kind_of(row) == NAMED]
    numbers = {prediction.best: _number(prediction) for prediction in named}
    counts = Counter(prediction.best for prediction in named)
    return [(name, numbers[name], n) for name, n in counts.most_common()]


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
    if counts:
        whose = "" if is_alone else f" for {titles[0]}"
        parts.append(f"Most often{whose}: {class_title(counts[0][0])}, {counts[0][2]:,}")
    if heard and not is_alone:
        n_same = sum(len({one.prediction.label for one in answer.heard}) == 1 for answer in heard)
        parts.append(f"{names_text(titles)} say the same of {n_same:,}")
    return f"{'. '.join(parts)}."
