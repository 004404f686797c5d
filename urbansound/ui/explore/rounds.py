"""A round of Guess first: its clips, its choices, what was answered. Kept in the session only."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.rounds import Mask, draw_choices, draw_round
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.ear import clip_level

ROUND_KEY, USED_KEY, TALLY_KEY = "guess_round", "guess_used", "guess_tally"


@dataclass(frozen=True)
class Round:
    """Clips to be named by their numbers, what there is to choose for each, and the answers.

    `version` is the dataset's, `judges` are the keys of the models beside it; `answers` are
    class numbers, one for each of the first clips.
    """

    token: str
    version: str
    numbers: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...]
    judges: tuple[str, ...]
    answers: tuple[int, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether all clips were answered."""
        return len(self.answers) == len(self.numbers)

    def truths(self, index: DatasetIndex) -> list[int]:
        """The true class of each clip."""
        return [index.clips[number].class_id for number in self.numbers]

    def n_right(self, index: DatasetIndex) -> int:
        """How many answers are right."""
        return sum(map(int.__eq__, self.answers, self.truths(index)))


@dataclass(frozen=True)
class Tally:
    """All finished rounds of a session on one dataset."""

    version: str
    rounds: int = 0
    right: int = 0
    n: int = 0


def present_round(index: DatasetIndex) -> Round | None:
    """The session's round on this dataset, going on or over; None before the first."""
    found = st.session_state.get(ROUND_KEY)
    is_here = isinstance(found, Round) and found.version == data.dataset_version(index)
    return found if is_here else None


def begin_round(index: DatasetIndex, allowed: Mask, judges: Sequence[str]) -> None:
    """A callback: draw a round of the allowed clips; those that nobody can hear are left out."""
    rng, version = np.random.default_rng(), data.dataset_version(index)
    kept = st.session_state.get(USED_KEY)
    used = kept[1] if kept is not None and kept[0] == version else np.zeros(len(allowed), np.bool_)
    numbers, used = draw_round(
        columns_of(index),
        allowed,
        used,
        rng,
        is_fit=lambda number: clip_level(index, number) is not None,
    )
    n_classes = len(index.class_names)
    choices = [draw_choices(n_classes, index.clips[n].class_id, rng) for n in numbers]
    st.session_state[USED_KEY] = (version, used)
    st.session_state[ROUND_KEY] = Round(
        secrets.token_hex(4), version, tuple(numbers), tuple(map(tuple, choices)), tuple(judges)
    )


def leave_round() -> None:
    """A callback: back to the choice of models."""
    st.session_state.pop(ROUND_KEY, None)


def take_answers(index: DatasetIndex, payload: object) -> Round | None:
    """The round with what a browser says was answered; None where it says nothing new.

    The browser sends all answers so far, so that none is lost where two come at once.
    """
    present = present_round(index)
    answers = parse_answers(present, payload) if present is not None else None
    if present is None or answers is None or len(answers) <= len(present.answers):
        return None
    changed = replace(present, answers=answers)
    st.session_state[ROUND_KEY] = changed
    if changed.is_over:
        _count(index, changed)
    return changed


def parse_answers(present: Round, payload: object) -> tuple[int, ...] | None:
    """The round's answers so far as a browser says them; None where it says anything else."""
    if not isinstance(payload, dict) or payload.get("round") != present.token:
        return None
    answers = payload.get("answers")
    if not isinstance(answers, list) or len(answers) > len(present.numbers):
        return None
    known = zip(answers, present.choices, strict=False)
    is_sound = all(type(answer) is int and answer in choices for answer, choices in known)
    return tuple(answers) if is_sound else None


def tally_of(index: DatasetIndex) -> Tally:
    """The session's finished rounds on this dataset."""
    version = data.dataset_version(index)
    found = st.session_state.get(TALLY_KEY)
    if isinstance(found, Tally) and found.version == version:
        return found
    return Tally(version)


def _count(index: DatasetIndex, done: Round) -> None:
    before = tally_of(index)
    st.session_state[TALLY_KEY] = Tally(
        before.version,
        before.rounds + 1,
        before.right + done.n_right(index),
        before.n + len(done.numbers),
    )
