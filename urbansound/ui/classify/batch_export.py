"""Answers to many sounds to take away, by the tables that the command line prints."""

import io
import json
import re
import zipfile
from collections.abc import Sequence

from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import answers_body
from urbansound.inference.tables import AudacityLabels, CsvTable, RavenTable, write_table
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.export import origins_of

_STEM_CHARS = 80


def batch_csv(answers: Sequence[Answer], models: Sequence[SavedModel]) -> str:
    """A row for each sound, event and error, of each model."""
    return write_table(CsvTable(origins_of(models)), answers)


def batch_json(answers: Sequence[Answer], models: Sequence[SavedModel]) -> str:
    """One object: the models, and each sound with its answers or its error."""
    return json.dumps(answers_body(answers, origins_of(models)), indent=1, ensure_ascii=False)


def batch_raven(answers: Sequence[Answer], models: Sequence[SavedModel]) -> str:
    """One selection table, its times counted on from sound to sound."""
    return write_table(RavenTable(origins_of(models)), answers)


def batch_audacity(answers: Sequence[Answer], models: Sequence[SavedModel]) -> bytes:
    """A zip with a label track for each sound that was heard."""
    data, labels = io.BytesIO(), AudacityLabels(origins_of(models))
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, answer in enumerate(answers, 1):
            if answer.error is None:
                archive.writestr(f"{number:04} {_stem(answer.name)}.txt", labels.rows(answer))
    return data.getvalue()


def _stem(name: str) -> str:
    """The name as a file can be called everywhere."""
    return re.sub(r"[^\w .-]", "_", name)[-_STEM_CHARS:]
