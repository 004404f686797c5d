"""Two runs of one network side by side: the honest split, and the article's, which leaks."""

from dataclasses import dataclass

import streamlit as st

from urbansound.paths import outputs_dir
from urbansound.records import Card, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.curves import Axes, Line, draw_curves
from urbansound.ui.run_actions import show_log, stop_or_resume
from urbansound.ui.run_line import run_chips, viewer_zone
from urbansound.ui.run_live import news
from urbansound.ui.run_state import RunState, phase_text, read_state, run_card, runs_ahead
from urbansound.ui.theme import VALIDATION, mode
from urbansound.ui.training.leak import LeakFigures, leak_figures, verdict_text
from urbansound.ui.words import extent_text, plain, score_text

HONEST, LEAKY = "honest", "as in the article"
LEAK_COLOR = {"light": "#b4530f", "dark": "#f5b47c"}
LOOK_S = 0.5
_STYLE = """<style>
.st-key-leak_honest, .st-key-leak_leaky { min-height: 25.5rem; }
[class*="leak_news"] { min-height: 9.5rem; }
@media (max-width: 640px) { [class*="leak_news"] { min-height: 15rem; } }
</style>"""


@dataclass(frozen=True)
class Side:
    """One of the two: its run as it is now, its card once there is one, its split's figures."""

    state: RunState
    card: Card | None
    figures: LeakFigures | None

    @classmethod
    def of(cls, run: RunFolder, figures: LeakFigures | None) -> "Side":
        """A run's side at this moment."""
        state = read_state(run)
        card = run_card(run) if state.status == "finished" else None
        return cls(state, card, figures)


def live_leak(honest: RunFolder, leaky: RunFolder, index: DatasetIndex) -> None:
    """Show both runs and keep looking while one of them is at work."""
    pause_s = _pause_s(read_state(honest), read_state(leaky))
    figures = leak_figures(honest, index), leak_figures(leaky, index)

    def look() -> None:
        sides = Side.of(honest, figures[0]), Side.of(leaky, figures[1])
        with st.container(key="train_live"):
            with news("leak"):
                _say_what_they_came_to(*sides)
            draw_curves(leak_lines(*sides), _axes(*sides, index), "train")
            for place, side, name in zip(
                st.columns(2, gap="medium"), sides, (HONEST, LEAKY), strict=True
            ):
                with place:
                    _show_side(side, name)
            for side in sides:
                show_log(side.state)
        _mark_tab(*sides)
        if _pause_s(sides[0].state, sides[1].state) != pause_s:
            st.rerun()

    st.html(_STYLE)
    st.fragment(look, run_every=pause_s)()


def _pause_s(*states: RunState) -> float | None:
    return LOOK_S if any(state.is_active for state in states) else None


def leak_lines(honest: Side, leaky: Side) -> list[Line]:
    """Both validation curves; training where there was no validation."""
    colors = (VALIDATION[mode()], LEAK_COLOR[mode()])
    return [
        _line(name, color, side.state)
        for name, color, side in zip((HONEST, LEAKY), colors, (honest, leaky), strict=True)
    ]


def _line(name: str, color: str, state: RunState) -> Line:
    best = state.best["epoch"] if state.best else None
    is_validated = all(epoch["validation_loss"] is not None for epoch in state.epochs)
    part = "validation" if is_validated else "train"
    return Line(name, color, state.epochs, part, best)


def _axes(honest: Side, leaky: Side, index: DatasetIndex) -> Axes:
    names = honest.card.class_names if honest.card else index.class_names
    return Axes.of(honest.state.info, leaky.state.n_epochs, len(names) or 10)


def _say_what_they_came_to(honest: Side, leaky: Side) -> None:
    """While they learn, what is done now; then both scores and what they mean."""
    st.markdown(f"**{honest.state.info.title}, trained twice: once honestly, once with the leak**")
    if honest.card is not None and leaky.card is not None:
        scores = [_score(honest.card), _score(leaky.card)]
        st.markdown(f"## {scores[0]} honestly, {scores[1]} as in the article")
        st.markdown(verdict_text(honest.card, leaky.card, leaky.figures))
        return
    side, which = (honest, 1) if honest.card is None else (leaky, 2)
    done = (which - 1 + (side.state.fraction or 0)) / 2
    st.progress(done, f"Training {which} of 2 · {_phase(side.state)}")
    st.markdown(
        "Everything is the same but the split. Validation is drawn; the test comes at the end."
    )


def _phase(state: RunState) -> str:
    return plain(phase_text(state, runs_ahead(outputs_dir(), state.run), viewer_zone()))


def _score(card: Card) -> str:
    return score_text(card.test.accuracy) if card.test else "no test"


def _show_side(side: Side, name: str) -> None:
    key = "leak_honest" if name == HONEST else "leak_leaky"
    with st.container(border=True, key=key):
        st.markdown(f"**{name.capitalize()}** :small[{run_chips(side.state.run)}]")
        if side.card is not None and side.card.test is not None:
            st.markdown(f"## {_score(side.card)}")
            st.markdown(f"right on {extent_text(side.card.test)}")
        else:
            st.markdown("## –")
            st.markdown(f":gray[{_phase(side.state)}]")
        st.markdown(figures_text(side.figures))
        stop_or_resume(side.state, key)


def figures_text(figures: LeakFigures | None) -> str:
    """What the split's figures say, in two lines."""
    if figures is None:
        return (
            "How many of its test clips come from recordings it trained on cannot be known: "
            "these data do not name their recordings."
        )
    return (
        f"**{_share_text(figures.share)}** of its test clips come from a recording it trained on."
        f"\n\n**{score_text(figures.lookup)}** is what a list scores that hears no sound: it "
        "knows each recording's most frequent class, and that is all."
    )


def _share_text(share: float) -> str:
    """In whole percent, but 0 % only for none and 100 % only for all."""
    percent = round(100 * share)
    is_whole = (percent == 0) == (share == 0) and (percent == 100) == (share == 1)
    return f"{percent} %" if is_whole else f"{100 * share:.1f} %"


def _mark_tab(honest: Side, leaky: Side) -> None:
    """The browser's tab tells how far the two are."""
    done = [1.0 if s.card else s.state.fraction or 0.0 for s in (honest, leaky)]
    if _pause_s(honest.state, leaky.state) is None:
        ends = "Done" if honest.card and leaky.card else "Not done"
        st.set_page_config(page_title=f"{ends} · the leak")
    else:
        st.set_page_config(page_title=f"{int(50 * sum(done))} % · the leak")
