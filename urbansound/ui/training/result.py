"""The end of a training: its score, what that means, what was saved, where to go next."""

import streamlit as st

from urbansound.records import Card, DatasetIndex
from urbansound.runs.folder import RunFolder
from urbansound.ui.rooms import ROOMS
from urbansound.ui.run_actions import use_button
from urbansound.ui.run_folds import mean_text
from urbansound.ui.run_state import RunState, run_card
from urbansound.ui.training.trial import go_and_test
from urbansound.ui.words import count_text, extent_text, score_text


def show_result(state: RunState, index: DatasetIndex) -> None:
    """What the finished run reached; a sentence where its card cannot be read."""
    card = run_card(state.run)
    if card is None:
        say_damaged()
        return
    with st.container(border=True, key="train_result"):
        st.markdown(" ".join(_remarks(card, state)))
        if card.folds:
            st.markdown("**Kept as a run.** It judges the settings; Train makes a model of them.")
        else:
            _say_what_was_saved(state, card)
        _next_steps(state.run, card, index)


def _where_it_is_heard(card: Card) -> str:
    if card.is_synthetic:
        return "Classify keeps to the one that heard real sounds; yours is under Other models."
    return "Classify uses it from now on; the one that came with the app is under Other models."


def say_damaged() -> None:
    """The sentence for a finished run whose files do not fit together any more."""
    st.error(
        "This run is finished, but its weights or their card are damaged. Train it again.",
        icon=":material/error:",
    )


def score_sentence(card: Card) -> str:
    """ "73.1 % right on 80 clips it had never heard", from the test clips only."""
    if card.folds:
        return mean_text(fold_accuracies(card))
    if card.test is None:
        return "Trained. No clips were kept for a test."
    clips = count_text(card.test.n, "clip")
    if card.spec.protocol.kind == "random":
        return f"{score_text(card.test.accuracy)} right on {clips}, in part of recordings it knew"
    return f"{score_text(card.test.accuracy)} right on {clips} it had never heard"


def fold_accuracies(card: Card) -> list[float]:
    """The test accuracy of every fold of a cross-validation."""
    return [fold.scores.accuracy for fold in card.folds]


def folds_sentence(card: Card) -> str:
    """What a cross-validation's mean was taken on, and what its range says."""
    if card.test is None:
        return ""
    is_known = card.test.n_recordings is not None
    heard = "its recording" if is_known else "a clip of its fold"
    certain = " The range holds with 95 % certainty." if len(card.folds) > 1 else ""
    return (
        f"On {extent_text(card.test)}, each tested once by a network that never heard "
        f"{heard}.{certain}"
    )


def _remarks(card: Card, state: RunState) -> list[str]:
    remarks = [f"Guessing would be right {100 / len(card.class_names):.0f} % of the time."]
    if card.spec.protocol.kind == "random":
        remarks.append("The honest split tells what to expect of new recordings: less.")
    if card.is_synthetic:
        remarks.append("The sounds were made by this app; on real ones it will do worse.")
    if card.folds:
        accuracies = fold_accuracies(card)
        low, high = (score_text(end) for end in (min(accuracies), max(accuracies)))
        remarks.append(f"The folds range from {low} to {high}.")
    elif card.spec.train.average:
        remarks.append("The weights are the average of the last epochs.")
    elif card.validation is not None:
        remarks.append(f"The weights are those of epoch {card.epoch}, its best by validation loss.")
    n_failed = state.last("started").get("n_failed", 0)
    if n_failed:
        remarks.append(f"{count_text(n_failed, 'clip')} could not be read and were left out.")
    return remarks


def _say_what_was_saved(state: RunState, card: Card) -> None:
    title, saved_as = state.info.title, state.last("finished").get("saved_as")
    if saved_as:
        st.markdown(f"**Saved as {title}.** {_where_it_is_heard(card)}")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Kept as a run.** The saved {title} stays: it did as well or better by "
            "validation, or was trained on other clips or folds.",
            width="content",
        )
        use_button(state.run, title, key="train_use")


def _next_steps(run: RunFolder, card: Card, index: DatasetIndex) -> None:
    with st.container(horizontal=True):
        if not card.folds and st.button("Test it", key="train_test", icon=":material/hearing:"):
            go_and_test(card, index)
        if st.button("See its mistakes", key="train_mistakes", icon=":material/grid_on:"):
            st.switch_page(ROOMS["runs"].path, query_params={"run": run.id})
