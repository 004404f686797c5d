"""Pills that narrow down the clips, bound to the address so that a view can be shared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from urbansound.records import Clip, DatasetIndex
from urbansound.ui.words import loudness_text, plain_title

T = TypeVar("T")

KEYS = ("sound", "fold", "loudness", "length")
LENGTHS = {"under 1 s": (0.0, 1.0), "1 to 3.9 s": (1.0, 3.9), "4 s": (3.9, 1e9)}


@dataclass(frozen=True)
class Filters:
    """What is asked for; an empty tuple asks for everything."""

    sounds: tuple[str, ...] = ()
    folds: tuple[int, ...] = ()
    loudness: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()

    def fits(self, clip: Clip, class_names: tuple[str, ...]) -> bool:
        """Whether a clip is asked for."""
        return (
            (not self.sounds or class_names[clip.class_id] in self.sounds)
            and (not self.folds or clip.fold in self.folds)
            and (not self.loudness or loudness_text(clip) in self.loudness)
            and (not self.lengths or length_band(clip) in self.lengths)
        )


def length_band(clip: Clip) -> str:
    """The band of `LENGTHS` that the clip's length falls into."""
    for name, (low, high) in LENGTHS.items():
        if low <= clip.duration_s < high:
            return name
    return next(reversed(LENGTHS))


def choose_filters(index: DatasetIndex) -> Filters:
    """Draw the pills and give back what is asked for."""
    sounds = _pills("Sound", index.class_names, key="sound", words=plain_title)
    with st.container(horizontal=True, gap="medium"):
        folds = _pills("Fold", index.folds, key="fold", words=str)
        if not index.has_audio:
            return Filters(sounds, folds)
        loudness = _pills("Loud or faint", ("loud", "faint"), key="loudness", words=str)
        lengths = _pills("Length", tuple(LENGTHS), key="length", words=str)
    return Filters(sounds, folds, loudness, lengths)


def _pills(
    label: str, options: tuple[T, ...], *, key: str, words: Callable[[Any], str]
) -> tuple[T, ...]:
    chosen = st.pills(
        label,
        options,
        selection_mode="multi",
        format_func=words,
        key=key,
        bind="query-params",
        width="content",
    )
    return tuple(option for option in chosen if option in options)


def clear_filters() -> None:
    """A callback: ask for everything again."""
    for key in KEYS:
        st.session_state[key] = []


def filtered_numbers(index: DatasetIndex, filters: Filters) -> list[int]:
    """The numbers of the clips asked for, in the dataset's order."""
    names = index.class_names
    return [n for n, clip in enumerate(index.clips) if filters.fits(clip, names)]
