"""A process that measures clips: `python -m urbansound.dataset.survey_worker`."""

from pathlib import Path
from typing import Any

import numpy as np

from urbansound.audio.clips import Piece
from urbansound.dataset.fingerprint import WORDS
from urbansound.dataset.measure import FACTS, Measured, measure
from urbansound.worker_pool import Answer, serve


def to_answer(found: list[Measured]) -> Answer:
    """Clips as a header and bytes."""
    facts, prints = np.zeros(len(found), FACTS), np.zeros((len(found), WORDS), np.uint32)
    for row, clip in enumerate(found):
        facts[row] = clip.facts
        prints[row, : len(clip.words)] = clip.words
    header = [[clip.bit_depth, clip.code, clip.message, len(clip.words)] for clip in found]
    return header, facts.tobytes() + prints.tobytes()


def from_answer(answer: Answer) -> list[Measured]:
    """The clips that `to_answer` packed."""
    header, body = answer
    n = len(header)
    facts = np.frombuffer(body, FACTS, n)
    prints = np.frombuffer(body, np.uint32, offset=facts.nbytes).reshape(n, WORDS)
    return [
        Measured(facts[row], depth, prints[row, :n_words], code, message)
        for row, (depth, code, message, n_words) in enumerate(header)
    ]


def answer(pieces: Any) -> Answer:
    """What is known of [path, start_s, end_s] each."""
    return to_answer([measure(Piece(Path(path), *extent)) for path, *extent in pieces])


if __name__ == "__main__":
    serve(answer)
