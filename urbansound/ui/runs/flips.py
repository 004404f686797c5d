"""The clips that only one of two runs names right, to be heard."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from urbansound.evaluation.compare import Comparison
from urbansound.labels import class_title
from urbansound.records import ClipResults, DatasetIndex
from urbansound.ui.classify.verdict import percent_text
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, clip_card, sound_grid
from urbansound.ui.runs.answers import clip_numbers
from urbansound.ui.runs.table import table_height
from urbansound.ui.runs.verdict import Contestant
from urbansound.ui.words import count_text, plain

CARDS = 10
_ROWS = 8
_SIDE, _PAGE = "flips_side", "flips_page"


@dataclass(frozen=True, eq=False)
class Flips:
    """Clips that `winner` names right and `loser` wrong, the clearest cases first.

    `right` and `wrong` hold the answers of the two, row by row of the same clips.
    """

    winner: str
    loser: str
    right: ClipResults
    wrong: ClipResults
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.right)

    @property
    def heard(self) -> NDArray[np.int64]:
        """What the loser says, int64 [n]."""
        said: NDArray[np.int64] = self.wrong.probabilities.argmax(axis=1)
        return said


def both_ways(comparison: Comparison, a: Contestant, b: Contestant) -> tuple[Flips, Flips]:
    """The clips that only A names right, then those that only B does."""
    of_a, of_b = a.answers.take(comparison.rows_a), b.answers.take(comparison.rows_b)
    names = a.card.class_names
    only_a, only_b = comparison.only_a_right, comparison.only_b_right
    return (
        _clearest_first(Flips(a.title, b.title, of_a.take(only_a), of_b.take(only_a), names)),
        _clearest_first(Flips(b.title, a.title, of_b.take(only_b), of_a.take(only_b), names)),
    )


def _clearest_first(flips: Flips) -> Flips:
    """By how much more the winner believes in the true class than the loser does."""
    rows, labels = np.arange(len(flips)), flips.right.labels
    lead = flips.right.probabilities[rows, labels] - flips.wrong.probabilities[rows, labels]
    order = np.argsort(-lead, kind="stable")
    return replace(flips, right=flips.right.take(order), wrong=flips.wrong.take(order))


def show_flips(ways: tuple[Flips, Flips], index: DatasetIndex | None) -> None:
    """Ten clips a page, each a card that plays, one direction at a time, and all as a table."""
    n = sum(map(len, ways))
    if not n:
        st.markdown("No clip flipped: each of them is named right by both or by neither.")
        return
    verb = "flips" if n == 1 else "flip"
    st.markdown(f"**{count_text(n, 'clip')} {verb}**: one of the two is right, the other wrong.")
    st.fragment(_flips)(ways, index)


def _flips(ways: tuple[Flips, Flips], index: DatasetIndex | None) -> None:
    labels = [f"Only {flips.winner} is right: {len(flips):,}" for flips in ways]
    side = st.segmented_control(
        "Which clips",
        range(len(ways)),
        format_func=lambda at: plain(labels[at]),
        default=0 if len(ways[0]) else 1,
        required=True,
        key=_SIDE,
        label_visibility="collapsed",
        on_change=_turn_to,
        args=(0,),
    )
    flips = ways[side or 0]
    if not len(flips):
        quiet_line("There is no such clip.")
        return
    quiet_line(common_text(flips))
    if index is None:
        quiet_line("They cannot be heard here: the data at hand is not what these runs heard.")
    else:
        _cards(flips, index)
    with st.expander("All of them as a table"):
        _table(flips)


def common_text(flips: Flips, n: int = 3) -> str:
    """What the loser most often makes of them: "engine idling as air conditioner (12), …"."""
    names = [class_title(name) for name in flips.class_names]
    pairs = Counter(zip(flips.right.labels.tolist(), flips.heard.tolist(), strict=True))
    told = [f"{names[true]} as {names[said]} ({k})" for (true, said), k in pairs.most_common(n)]
    return (
        f"{flips.loser} hears most often: {', '.join(told)}. Under each clip, what it hears there."
    )


def _cards(flips: Flips, index: DatasetIndex) -> None:
    last = (len(flips) - 1) // CARDS
    page = min(st.session_state.get(_PAGE, 0), last)
    rows = range(page * CARDS, min((page + 1) * CARDS, len(flips)))
    sound_grid(flip_cards(flips, rows, index), key="flips_grid")
    if last:
        _page_controls(page, last, len(flips))


def flip_cards(flips: Flips, rows: range, index: DatasetIndex) -> list[SoundCard]:
    """A card for each of these rows whose clip is at hand; its note says what the loser hears."""
    numbers = clip_numbers(index)
    paths, heard = flips.right.paths.tolist(), flips.heard
    return [
        replace(clip_card(index, numbers[paths[row]]), note=_note(flips, row, heard[row]))
        for row in rows
        if paths[row] in numbers
    ]


def _note(flips: Flips, row: int, said: int) -> str:
    chance = percent_text(flips.wrong.probabilities[row, said])
    return f"{class_title(flips.class_names[said])} {chance}"


def _page_controls(page: int, last: int, n: int) -> None:
    first = page * CARDS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back",
            key="flips_back",
            icon=":material/chevron_left:",
            disabled=page == 0,
            on_click=_turn_to,
            args=(page - 1,),
        )
        shown = f"{first + 1:,} to {min(first + CARDS, n):,} of {count_text(n, 'clip')}"
        st.markdown(f":gray[{shown}]", width="content")
        st.button(
            "More",
            key="flips_more",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=page >= last,
            on_click=_turn_to,
            args=(page + 1,),
        )


def _turn_to(page: int) -> None:
    st.session_state[_PAGE] = page


def flip_frame(flips: Flips) -> pd.DataFrame:
    """One line a clip: its class, the winner's chance of it, what the loser says, and which."""
    names = [class_title(name) for name in flips.class_names]
    rows, right, heard = np.arange(len(flips)), flips.right, flips.heard
    return pd.DataFrame(
        {
            "sound": [names[label] for label in right.labels],
            "sure": 100 * right.probabilities[rows, right.labels],
            "heard": [names[said] for said in heard],
            "sure of that": 100 * flips.wrong.probabilities[rows, heard],
            "fold": right.folds,
            "recording": [None if number < 0 else number for number in right.recordings.tolist()],
            "loudness": ["loud" if is_loud else "faint" for is_loud in right.is_loud],
            "clip": [
                path.rsplit("/", 1)[-1] or f"row {number + 1}"
                for path, number in zip(
                    right.paths.tolist(), right.clip_numbers.tolist(), strict=True
                )
            ],
        }
    )


def _table(flips: Flips) -> None:
    config, percent = st.column_config, "%.0f %%"
    st.dataframe(
        flip_frame(flips),
        hide_index=True,
        height=table_height(min(len(flips), _ROWS)),
        key="flips_table",
        column_config={
            "sound": "Sound",
            "sure": config.NumberColumn(f"{flips.winner}: right,", format=percent),
            "heard": f"{flips.loser} hears",
            "sure of that": config.NumberColumn("how surely", format=percent),
            "fold": config.NumberColumn("Fold", width="small"),
            "recording": config.NumberColumn("Recording", format="%d"),
            "loudness": "Loud or faint",
            "clip": "Clip",
        },
        alt="Clips that only one of the two names right",
    )
