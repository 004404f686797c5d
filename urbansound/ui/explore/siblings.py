"""The other clips of a clip's recording, in the order of time."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.dataset.columns import UNKNOWN, columns_of
from urbansound.records import Clip, DatasetIndex
from urbansound.ui.explore.filters import show_only
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, clip_card, sound_grid
from urbansound.ui.words import count_text

MOST = 12


def siblings_of(index: DatasetIndex, number: int) -> NDArray[np.int64]:
    """The clips of the same recording, this one too, as they follow on one another.

    Where a recording is not known it is this clip alone.
    """
    columns = columns_of(index)
    recording = columns.recordings[number]
    if recording == UNKNOWN:
        return np.array([number])
    found = np.flatnonzero(columns.recordings == recording)
    return found[np.argsort(columns.starts_s[found], kind="stable")]


def has_position(index: DatasetIndex, clip: Clip) -> bool:
    """Whether start_s and end_s say where in its recording the clip lies."""
    return index.layout == "official" or bool(clip.file)


def shown_of(siblings: NDArray[np.int64], number: int, most: int = MOST) -> NDArray[np.int64]:
    """At most so many of them, around this one."""
    at = int((siblings == number).argmax())
    first = min(max(0, at - most // 2), max(0, len(siblings) - most))
    return siblings[first : first + most]


def show_siblings(index: DatasetIndex, number: int) -> None:
    """Cards of the recording's clips, this one marked; nothing where no recording is known."""
    if columns_of(index).recordings[number] == UNKNOWN:
        return
    siblings = siblings_of(index, number)
    if len(siblings) == 1:
        quiet_line("No other clip here is cut from this recording.")
        return
    st.markdown("**From the same recording** :gray[in the order of time; near twins, often]")
    shown = shown_of(siblings, number)
    cards = [_card(index, siblings, int(other), number) for other in shown]
    sound_grid(cards, key="explore_siblings")
    recording = int(columns_of(index).recordings[number])
    both = len(siblings) == 2
    st.button(
        f"{'Both' if both else f'All {len(siblings):,}'} in the table",
        icon=":material/table_rows:",
        help=f"Only the {count_text(len(siblings), 'clip')} of this recording",
        on_click=partial(show_only, recording=recording),
        key="explore_all_siblings",
    )


def _card(index: DatasetIndex, siblings: NDArray[np.int64], other: int, number: int) -> SoundCard:
    clip = index.clips[other]
    card = clip_card(index, other)
    place = int((siblings == other).argmax()) + 1
    is_placed = has_position(index, clip)
    when = f"{clip.start_s:.1f} to {clip.end_s:.1f} s" if is_placed else f"slice {place}"
    if other != number:
        return replace(card, title=when, alt=f"{card.alt}, {when} of its recording")
    alt = f"{card.alt}, the clip shown above"
    return replace(card, title=when, note="this clip", icon="check_circle", alt=alt)
