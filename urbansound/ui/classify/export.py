"""An answer to take away: JSON and CSV in which every row names its model and protocol."""

import json
from collections.abc import Callable, Sequence
from functools import partial

from urbansound.evaluation.protocol import tested_protocol
from urbansound.inference.answer import Answer
from urbansound.inference.answer_bodies import Origin, answer_body
from urbansound.inference.heard import Heard
from urbansound.inference.tables import (
    AudacityLabels,
    CsvTable,
    RavenTable,
    Table,
    write_table,
)
from urbansound.records import SoundFacts
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Sound

Answers = Sequence[tuple[SavedModel, Heard]]


def answers_json(sound: Sound, answers: Answers) -> str:
    """All answers about one sound as one JSON object."""
    body = answer_body(_as_one(sound, answers), origins_of([saved for saved, _ in answers]))
    return json.dumps({**body, "true_class": sound.true_class}, indent=2, ensure_ascii=False)


def answers_csv(sound: Sound, answers: Answers) -> str:
    """A row for the whole sound, each window and each event, of each model."""
    return _table(partial(CsvTable, windows=True), sound, answers)


def answers_audacity(sound: Sound, answers: Answers) -> str:
    """A label track of the events."""
    return _table(AudacityLabels, sound, answers)


def answers_raven(sound: Sound, answers: Answers) -> str:
    """A selection table of the events."""
    return _table(RavenTable, sound, answers)


def _table(kind: Callable[[list[Origin]], Table], sound: Sound, answers: Answers) -> str:
    return write_table(kind(origins_of([saved for saved, _ in answers])), [_as_one(sound, answers)])


def origins_of(models: Sequence[SavedModel]) -> list[Origin]:
    """Who speaks, for the tables."""
    return [Origin(saved.name, saved.card, tested_protocol(saved.card)) for saved in models]


def _as_one(sound: Sound, answers: Answers) -> Answer:
    made = SoundFacts(sound.audio.sample_rate, 1, "", sound.audio.duration_s)
    return Answer(sound.name, sound.facts or made, tuple(heard for _, heard in answers))
