"""What a map shows, counted: how often the nearest clip is a sibling, and what lies in a lasso."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from urbansound.labels import class_title
from urbansound.records import DatasetIndex
from urbansound.ui.explore.map_canvas import NOT_TESTED, WRONG, Answers, Places
from urbansound.ui.words import count_text, names_text, plain

if TYPE_CHECKING:
    from urbansound.experiment.layout import Layout

_MOST_NAMED = 3


def told_text(layout: "Layout", places: Places, color_by: str, answers: Answers | None) -> str:
    """What the colours show, as a sentence with figures (Markdown); empty for a lone clip."""
    if not len(layout.asked):
        return ""
    if color_by == "answers":
        return "" if answers is None else _answers_text(layout, answers)
    kinds = {
        "class": places.class_ids,
        "fold": places.folds,
        "recording": places.recordings,
    }
    share, chance = same_share(layout, kinds[color_by])
    told = (
        f"The nearest neighbour of **{percent(share)}** of clips is "
        f"{_SAME[color_by]}; chance would be {percent(chance)}"
    )
    if color_by == "recording" and share > 2 * chance:
        return f"{told}: that is why a random split leaks."
    return f"{told}."


_SAME = {
    "class": "of the same class",
    "fold": "from the same fold",
    "recording": "from the **same recording**",
}


def same_share(layout: "Layout", groups: NDArray[np.int64]) -> tuple[float, float]:
    """Share of clips whose nearest is of their group, and what it would be if any other were.

    groups int64 [n] is negative where unknown, which is nobody's.
    """
    own, nearest = groups[layout.asked], groups[layout.nearest]
    is_same = (own == nearest) & (own >= 0)
    _, counts = np.unique(groups[groups >= 0], return_counts=True)
    counts = counts.astype(np.float64)
    chance = float((counts * (counts - 1)).sum()) / (len(groups) * (len(groups) - 1))
    return float(is_same.mean()), chance


def _answers_text(layout: "Layout", answers: Answers) -> str:
    is_tested, is_wrong = answers.states != NOT_TESTED, answers.states == WRONG
    n_tested, n_wrong = int(is_tested.sum()), int(is_wrong.sum())
    if not n_tested:
        return "None of these clips was tested in this run."
    told = f"**{n_wrong:,}** of {count_text(n_tested, 'tested clip')} were heard wrong"
    asked = layout.asked[is_wrong[layout.asked]]
    if not len(asked):
        return f"{told}."
    beside = layout.nearest[np.isin(layout.asked, asked)]
    beside = beside[is_tested[beside]]
    if not len(beside):
        return f"{told}."
    share, chance = float(is_wrong[beside].mean()), n_wrong / n_tested
    return (
        f"{told}. Of their nearest neighbours {percent(share)} were wrong too, "
        f"of all {percent(chance)}."
    )


def percent(share: float) -> str:
    """A share in percent, with a decimal only where it is small: "61 %", "0.4 %"."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def chosen_text(index: DatasetIndex, places: Places, rows: NDArray[np.int64]) -> str:
    """What lies inside a lasso, in Markdown: "**42 clips**: 20 siren and 22 dog bark"."""
    counts = Counter(places.class_ids[rows].tolist()).most_common()
    named = [
        f"{n:,} {class_title(index.class_names[class_id])}" for class_id, n in counts[:_MOST_NAMED]
    ]
    n_others = sum(n for _, n in counts[_MOST_NAMED:])
    if n_others:
        named.append(f"{n_others:,} other{'s' if n_others > 1 else ''}")
    recordings = places.recordings[rows]
    known = np.unique(recordings[recordings >= 0])
    source = f", from {count_text(len(known), 'recording')}" if len(known) else ""
    return f"**{count_text(len(rows), 'clip')}**: {plain(names_text(named))}{source}"


def missing_text(index: DatasetIndex, layout: "Layout") -> str:
    """Which clips the map does not show; empty where it shows all."""
    from urbansound.experiment.layout import MOST_PLACED

    n, n_shown = len(index.clips), len(layout.clip_numbers)
    if n_shown == n:
        return ""
    if n_shown == MOST_PLACED:
        return f"A sample: {n_shown:,} of {n:,} clips, drawn by lot. The quick map shows all."
    n_out = n - n_shown
    are = "are" if n_out > 1 else "is"
    return f"{count_text(n_out, 'clip')} could not be read and {are} left out."
