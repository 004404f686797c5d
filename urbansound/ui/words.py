"""Numbers and names as a person reads them."""

import re
from collections.abc import Sequence

from urbansound import wording
from urbansound.labels import class_title
from urbansound.records import Clip, Scores

# What a program writes says the same.
folds_text = wording.folds_text
protocol_text = wording.protocol_text
seconds_text = wording.seconds_text
size_text = wording.size_text

_MARKS = frozenset(r"\[]*_`$:<>~#|&")
# An address becomes a link whatever is escaped in it; a word joiner, unseen, keeps it words.
_ADDRESS = re.compile(r"(?<=www)(?=\.)|(?<=:)(?=//)|(?=@)", re.IGNORECASE)


def plain(text: str) -> str:
    """The text with Markdown's marks made harmless."""
    words = _ADDRESS.sub("\u2060", text)
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in words)


def plain_title(class_name: str) -> str:
    """A class's title for Markdown, whatever a dataset calls its classes."""
    return plain(class_title(class_name))


def score_text(fraction: float) -> str:
    """A score in percent: "52.4 %" for 0.524."""
    return f"{100 * fraction:.1f} %"


def count_text(n: int, noun: str = "") -> str:
    """A count with thousands marked and its noun in the right number: "8,732 clips"."""
    plural = noun if n == 1 or not noun else f"{noun}s"
    return f"{n:,} {plural}".strip()


def peak_text(peak_db: float) -> str:
    """The loudest moment, in dB below full scale: "peak -31 dB", or "silent"."""
    return f"peak {round(peak_db)} dB" if peak_db > -120 else "silent"


def loudness_text(clip: Clip) -> str:
    """Whether the sound stands in front or behind: "loud" or "faint"."""
    return "loud" if clip.foreground else "faint"


def extent_text(scores: Scores) -> str:
    """What a score was taken on: "837 clips of 60 recordings"; recordings only where known."""
    clips = count_text(scores.n, "clip")
    if scores.n_recordings is None:
        return clips
    return f"{clips} of {count_text(scores.n_recordings, 'recording')}"


def names_text(names: Sequence[str]) -> str:
    """Names as a sentence lists them: "CNN, MLP and Model 1"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
