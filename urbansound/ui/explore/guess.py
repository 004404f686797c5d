"""Guess first: ten clips to be named by ear, then your score beside the models' on the same."""

from typing import Any

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.rounds import Mask
from urbansound.records import DatasetIndex
from urbansound.ui.explore.ear import class_face, ear_component, ear_sound
from urbansound.ui.explore.guess_answers import begin_to_ask
from urbansound.ui.explore.guess_models import (
    MOST,
    Candidate,
    candidates_of,
    common_clips,
    first_choice,
    why_not,
)
from urbansound.ui.explore.guess_result import show_result
from urbansound.ui.explore.rounds import (
    Round,
    begin_round,
    leave_round,
    present_round,
    take_answers,
)
from urbansound.ui.frame import quiet_line
from urbansound.ui.rooms import go_to
from urbansound.ui.sharing import may_change
from urbansound.ui.words import count_text, folds_text, names_text, plain

_CHOSEN, _STAGE = "guess_judges", "guess_stage"
_LINE = "Ten sounds, one after the other: name each by ear."
_MODELS_LINE = "Then you see how you did, and what the models said of the same ten."
_mount = ear_component("guess", "wave.js")


def show_guess(index: DatasetIndex) -> None:
    """The choice of models, the round at hand, or its end."""
    if not index.has_audio:
        quiet_line("There is nothing to guess here: this dataset holds numbers only, no sound.")
        return
    present = present_round(index)
    if present is None:
        _prepare(index)
    elif not present.numbers:
        _nothing_drawn()
    elif present.is_over:
        show_result(index, present)
        _what_next(index, present)
    else:
        _stage(index, present)


def _prepare(index: DatasetIndex) -> None:
    candidates = candidates_of(index)
    able = [candidate for candidate in candidates if not candidate.unheard.is_empty]
    st.markdown(f"{_LINE} {_MODELS_LINE}" if able else _LINE)
    unable = [candidate for candidate in candidates if candidate.unheard.is_empty]
    chosen = _choose(index, able) if able else []
    allowed = common_clips(index, chosen)
    if not able:
        _nobody(unable)
    elif chosen:
        quiet_line(_where_from(index, chosen, int(allowed.sum())))
    if not allowed.any():
        st.markdown("No clip is new to all of these at once. Choose fewer of them.")
    with st.container(horizontal=True):
        _start_button(index, allowed, chosen)
        if not able and may_change() and st.button("Train one", icon=":material/model_training:"):
            go_to("train")
    if able and unable:
        quiet_line("Not asked: " + " ".join(why_not(unable)))


def _start_button(index: DatasetIndex, allowed: Mask, chosen: list[Candidate]) -> None:
    st.button(
        "Start" if chosen else "Guess without a model",
        icon=":material/hearing:",
        type="primary",
        disabled=not allowed.any(),
        on_click=begin_round,
        args=(index, allowed, [candidate.judge.key for candidate in chosen]),
    )


def _choose(index: DatasetIndex, able: list[Candidate]) -> list[Candidate]:
    by_key = {candidate.judge.key: candidate for candidate in able}
    kept = [key for key in st.session_state.get(_CHOSEN, []) if key in by_key]
    if _CHOSEN not in st.session_state or kept != st.session_state[_CHOSEN]:
        st.session_state[_CHOSEN] = kept or first_choice(index, able)
    chosen = st.pills(
        "Guess beside",
        list(by_key),
        selection_mode="multi",
        format_func=lambda key: plain(by_key[key].judge.title),
        key=_CHOSEN,
        persist_state="session",
    )
    if len(chosen) > MOST:
        quiet_line(f"The first {MOST} of these are asked.")
    return [by_key[key] for key in chosen[:MOST]]


def _where_from(index: DatasetIndex, chosen: list[Candidate], n: int) -> str:
    """From which clips the round comes, and why that is fair."""
    names = names_text([candidate.judge.title for candidate in chosen])
    never = "neither has" if len(chosen) == 2 else "none has" if len(chosen) > 2 else "it never"
    clips = count_text(n, "clip")
    if n == len(index.clips):
        return f"From all {clips}: {names} learned from other sounds."
    folds = np.unique(columns_of(index).folds[common_clips(index, chosen)]).tolist()
    heard = f"{never} learned from" if len(chosen) > 1 else f"{names} never learned from"
    return f"From {clips} of {folds_text(tuple(folds))}, which {heard}."


def _nobody(unable: list[Candidate]) -> None:
    """Why no model can be set beside a person here, and what to do."""
    if unable:
        quiet_line(" ".join(why_not(unable)))
        st.markdown(
            "So no model can be set beside you fairly. Train one that leaves a fold out, or "
            "guess for yourself."
        )
    else:
        st.markdown("There is no model of these sounds yet. Train one, or guess for yourself.")


def _stage(index: DatasetIndex, present: Round) -> None:
    def answered() -> None:
        changed = take_answers(index, st.session_state[_STAGE].answers)
        if changed is not None:
            begin_to_ask(index, changed)

    payload = {
        "round": present.token,
        "answers": list(present.answers),
        "clips": [_clip(index, present, at) for at in range(len(present.numbers))],
    }
    _mount(data=payload, key=_STAGE, on_answers_change=answered)
    st.button("Stop this round", type="tertiary", icon=":material/close:", on_click=leave_round)


def _clip(index: DatasetIndex, present: Round, at: int) -> dict[str, Any]:
    names = index.class_names
    choices = [class_face(names[class_id], class_id) for class_id in present.choices[at]]
    return ear_sound(index, present.numbers[at]) | {"choices": choices}


def _what_next(index: DatasetIndex, done: Round) -> None:
    chosen = [one for one in candidates_of(index) if one.judge.key in done.judges]
    chosen = [one for one in chosen if not one.unheard.is_empty]
    allowed = common_clips(index, chosen)
    with st.container(horizontal=True):
        st.button(
            "Another round",
            icon=":material/refresh:",
            type="primary",
            on_click=begin_round,
            disabled=not allowed.any(),
            args=(index, allowed, [one.judge.key for one in chosen]),
        )
        st.button("Choose others", icon=":material/tune:", on_click=leave_round)


def _nothing_drawn() -> None:
    st.markdown("None of these clips can be heard: they are silent or cannot be read.")
    st.button("Back", icon=":material/arrow_back:", on_click=leave_round)
