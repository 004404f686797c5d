"""Two runs in pairs: which is better on the clips that both were tested on, and is it luck."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from urbansound.errors import BadConfig
from urbansound.evaluation.compare import FEWEST_FOLDS, Comparison, FoldPair, PairedTest, compare
from urbansound.records import Card, ClipResults
from urbansound.runs.folder import RunFolder
from urbansound.ui.charts import quiet
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.runs.answers import answers_stamp, run_answers
from urbansound.ui.theme import INK
from urbansound.ui.words import count_text, folds_text, score_text

LEVEL = 0.05
_LEAKS = "learned from recordings that it was tested on"


@dataclass(frozen=True, eq=False)
class Contestant:
    """A finished run with test clips and what it said of each; `title` is its name here."""

    run: RunFolder
    title: str
    card: Card
    answers: ClipResults

    @property
    def leaks(self) -> bool:
        """True where test and training clips share recordings."""
        return self.run.spec.protocol.kind == "random"


@dataclass(frozen=True)
class Verdict:
    """The sentences about two runs: who is better, how sure that is, what to keep in mind."""

    headline: str
    figures: str
    chance: str
    remarks: tuple[str, ...]


def contestant(state: RunState, title: str) -> Contestant:
    """The run with its answers; BadConfig says why it cannot be compared in pairs."""
    if state.status != "finished":
        raise BadConfig(f"{title} is not finished, so the two cannot be compared clip by clip yet.")
    card, answers = run_card(state.run), run_answers(state.run)
    if card is None:
        raise BadConfig(f"The files of {title} are damaged, so there is nothing to compare.")
    if card.test is None:
        raise BadConfig(f"{title} was trained without test clips, so no verdict can be given.")
    if answers is None:
        raise BadConfig(
            f"{title} kept no answers clip by clip, so no verdict can be given. Train it again."
        )
    return Contestant(state.run, title, card, answers)


def compare_runs(a: Contestant, b: Contestant) -> Comparison:
    """A beside B; BadConfig where they were tested on other data or other clips."""
    if a.card.dataset_name != b.card.dataset_name:
        names = f"'{a.card.dataset_name}' and '{b.card.dataset_name}'"
        raise BadConfig(
            f"They were tested on different data ({names}), so neither beats the other."
        )
    if a.card.class_names != b.card.class_names:
        raise BadConfig("They know different classes, so neither beats the other.")
    return _compare(a.run, b.run, (answers_stamp(a.run), answers_stamp(b.run)))


@lru_cache(maxsize=8)
def _compare(a: RunFolder, b: RunFolder, stamps: tuple[float, float]) -> Comparison:
    del stamps
    answers_a, answers_b = run_answers(a), run_answers(b)
    if answers_a is None or answers_b is None:
        raise BadConfig("The answers of one of the two are gone, so no verdict can be given.")
    return compare(answers_a, answers_b, across_folds=a.spec.is_crossval and b.spec.is_crossval)


def verdict(comparison: Comparison, a: Contestant, b: Contestant) -> Verdict:
    """What the comparison of A and B comes to, in words (plain text)."""
    remarks = (
        _leak_remark(a, b),
        *_common_remarks(comparison, a, b),
        "" if a.leaks or b.leaks else _fold_remark(comparison),
        _other_tests(comparison),
    )
    return Verdict(
        _headline(comparison, a, b),
        _figures(comparison, a, b),
        _chance_text(comparison),
        tuple(remark for remark in remarks if remark),
    )


def _headline(comparison: Comparison, a: Contestant, b: Contestant) -> str:
    gap = comparison.accuracy_a - comparison.accuracy_b
    if gap == 0:
        return f"{a.title} and {b.title} are equally good"
    ahead, behind = (a, b) if gap > 0 else (b, a)
    counts = comparison.won, comparison.lost
    won, lost = counts if gap > 0 else counts[::-1]
    where = _where(comparison, won, is_random=a.leaks or b.leaks)
    if a.leaks != b.leaks:
        return f"No fair contest: {ahead.title} is ahead of {behind.title}{where}"
    if comparison.test.p_value < LEVEL and (won > lost or a.leaks):
        return f"{ahead.title} beats {behind.title}{where}"
    return f"No clear winner: {ahead.title} is ahead of {behind.title}{where}"


def _where(comparison: Comparison, won: int, *, is_random: bool) -> str:
    """On how many folds, or on which one; nothing where folds are no repetitions."""
    folds = comparison.folds
    if is_random:
        return ""
    if len(folds) == 1:
        return f" on {folds_text((folds[0].fold,))}"
    return f" on {won} of {len(folds)} folds"


def _figures(comparison: Comparison, a: Contestant, b: Contestant) -> str:
    ranked = sorted((comparison.accuracy_a, comparison.accuracy_b), reverse=True)
    of = ""
    if comparison.n_recordings is not None:
        of = f" of {count_text(comparison.n_recordings, 'recording')}"
    clips = f"on the {count_text(comparison.n, 'clip')}{of} that both were tested on"
    if ranked[0] == ranked[1]:
        return f"both {score_text(ranked[0])} {clips}"
    return f"{score_text(ranked[0])} against {score_text(ranked[1])} {clips}"


def _chance_text(comparison: Comparison) -> str:
    if comparison.accuracy_a == comparison.accuracy_b:
        return ""
    test = comparison.test
    return (
        f"Were they equally good, chance would still open such a gap in {often_text(test.p_value)} "
        f"comparisons ({p_text(test.p_value)}, {test.name})."
    )


def _other_tests(comparison: Comparison) -> str:
    """The further tests, of which the last takes near twins for evidence."""
    if comparison.accuracy_a == comparison.accuracy_b:
        return ""
    tests = comparison.tests[1:]
    told = "; ".join(f"{test.name}: {p_text(test.p_value)}" for test in tests)
    return f"By other tests: {told}." if told else ""


def p_text(p_value: float) -> str:
    """ "p = 0.004", "p = 0.31", "p < 0.001"."""
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"


def often_text(p_value: float) -> str:
    """How often that is: "about 4 of 1,000", "about 31 of 100"."""
    if p_value < 0.001:
        return "fewer than 1 of 1,000"
    if p_value < 0.01:
        return f"about {1000 * p_value:.0f} of 1,000"
    return f"about {100 * p_value:.0f} of 100"


def _leak_remark(a: Contestant, b: Contestant) -> str:
    leaking = [tested.title for tested in (a, b) if tested.leaks]
    if len(leaking) == 1:
        return f"One of them leaks: {leaking[0]} {_LEAKS}. Its lead says nothing of new sounds."
    return f"Both leak: each {_LEAKS}, so neither score holds for new sounds." if leaking else ""


def _common_remarks(comparison: Comparison, a: Contestant, b: Contestant) -> list[str]:
    """How many of its test clips each shares with the other, where that is not all."""
    remarks = []
    for tested in (a, b):
        n = int(tested.answers.is_test.sum())
        if n > comparison.n:
            of = f"{comparison.n:,} of the {count_text(n, 'test clip')} of {tested.title}"
            remarks.append(f"Only {of} could be paired: the other run was not tested on the rest.")
    return remarks


def _fold_remark(comparison: Comparison) -> str:
    if comparison.n_recordings is None and _is_over_clips(comparison.test):
        return "Which clips are of one recording is unknown, so the test is too sure of itself."
    if len(comparison.folds) < FEWEST_FOLDS:
        return (
            f"With fewer than {FEWEST_FOLDS} folds this tells which of these trainings is "
            "better, not which settings."
        )
    return ""


def _is_over_clips(test: PairedTest) -> bool:
    return test.name.endswith("over clips")


def fold_frame(folds: tuple[FoldPair, ...], titles: tuple[str, str]) -> pd.DataFrame:
    """Columns fold, run, accuracy (percent), clips: two rows a fold."""
    rows = [
        (f"fold {pair.fold}", title, 100 * accuracy, pair.n)
        for pair in folds
        for title, accuracy in zip(titles, (pair.accuracy_a, pair.accuracy_b), strict=True)
    ]
    return pd.DataFrame(rows, columns=["fold", "run", "accuracy", "clips"])


def fold_chart(
    folds: tuple[FoldPair, ...], titles: tuple[str, str], colors: tuple[str, str]
) -> Any:
    """Both accuracies on every fold, joined by a line as long as the gap."""
    frame = fold_frame(folds, titles)
    y = alt.Y("fold:N", title=None, sort=None, axis=alt.Axis(labelOverlap=False))
    axis = alt.Axis(labelExpr="datum.label + ' %'", tickCount=6)
    x = alt.X("accuracy:Q", title=None, scale=alt.Scale(zero=False, padding=12), axis=axis)
    legend = alt.Legend(title=None, orient="top", labelLimit=260, offset=2)
    color = alt.Color(
        "run:N", scale=alt.Scale(domain=list(titles), range=list(colors)), legend=legend
    )
    value = alt.Tooltip("accuracy:Q", format=".1f", title="accuracy, %")
    gaps = alt.Chart(frame).mark_line(color=INK, strokeWidth=2, opacity=0.5)
    dots = alt.Chart(frame).mark_circle(size=90, opacity=1)
    layers = (
        gaps.encode(x=x, y=y, detail="fold:N"),
        dots.encode(x=x, y=y, color=color, tooltip=["fold", "run", value, "clips"]),
    )
    return quiet(alt.layer(*layers).properties(height=28 * len(folds) + 60))
