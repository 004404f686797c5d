"""The end of a training: the score, what was saved, where to go next."""

import streamlit as st

from urbansound.records import Card, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.chips import calm_chip
from urbansound.ui.rooms import ROOMS
from urbansound.ui.run_actions import use_button
from urbansound.ui.run_line import run_chips
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.training.trial import go_and_test
from urbansound.ui.words import count_text, score_text


def show_result(state: RunState, index: DatasetIndex) -> None:
    """What the finished run reached; a sentence where its card cannot be read."""
    card = run_card(state.run)
    if card is None:
        say_damaged()
        return
    with st.container(border=True, key="train_result"):
        st.markdown(f"### {score_sentence(card)}")
        st.markdown(f":small[{run_chips(state.run)} {validation_chip(card)}]")
        st.markdown(" ".join(_remarks(card, state)))
        _say_what_was_saved(state)
        _next_steps(state.run, card, index)


def say_damaged() -> None:
    """The sentence for a finished run whose files do not fit together any more."""
    st.error(
        "This run is finished, but its weights or their card are damaged. Train it again.",
        icon=":material/error:",
    )


def score_sentence(card: Card) -> str:
    """ "73.1 % right on 80 clips it had never heard", from the test clips only."""
    if card.test is None:
        return "Trained. No clips were kept for a test."
    clips = count_text(card.test.n, "clip")
    if card.spec.protocol.kind == "random":
        return f"{score_text(card.test.accuracy)} right on {clips}, in part of recordings it knew"
    return f"{score_text(card.test.accuracy)} right on {clips} it had never heard"


def validation_chip(card: Card) -> str:
    """The validation score as a chip, where there is one."""
    if card.validation is None:
        return ""
    return calm_chip(f"validation {score_text(card.validation.accuracy)}")


def _remarks(card: Card, state: RunState) -> list[str]:
    remarks = [f"Guessing would be right {score_text(1 / len(card.class_names))} of the time."]
    if card.spec.protocol.kind == "random":
        remarks.append("The honest split tells what to expect of new recordings: less.")
    if card.is_synthetic:
        remarks.append("The sounds were made by this app; on real ones it will do worse.")
    if card.validation is not None:
        remarks.append(f"The weights are those of epoch {card.epoch}, its best by validation loss.")
    n_failed = state.last("started").get("n_failed", 0)
    if n_failed:
        remarks.append(f"{count_text(n_failed, 'clip')} could not be read and were left out.")
    return remarks


def _say_what_was_saved(state: RunState) -> None:
    title, saved_as = state.info.title, state.last("finished").get("saved_as")
    if saved_as:
        st.markdown(f"**Saved as {title}.** Classify uses it from now on.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Kept as a run.** The saved {title} stays: it learned from other clips or "
            "did better by validation.",
            width="content",
        )
        use_button(state.run, title, key="train_use")


def _next_steps(run: RunFolder, card: Card, index: DatasetIndex) -> None:
    with st.container(horizontal=True):
        if st.button("Test it", key="train_test", icon=":material/hearing:"):
            go_and_test(card, index)
        if st.button("See its mistakes", key="train_mistakes", icon=":material/grid_on:"):
            st.switch_page(ROOMS["runs"].path, query_params={"run": run.id})
