"""The map: every clip a point, what is alike side by side, to be heard, drawn around, coloured."""

import time
from functools import partial

import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.errors import UrbanSoundError
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.classify.shelf import model_subject
from urbansound.ui.explore.map_answers import answers_of
from urbansound.ui.explore.map_below import has_left, show_chosen, show_lasso
from urbansound.ui.explore.map_canvas import Answers, MapState, draw_map, served
from urbansound.ui.explore.map_choices import Choice, choose
from urbansound.ui.explore.map_places import (
    Shown,
    is_prepared,
    job_name,
    kind_of,
    layout_at_hand,
    seconds_needed,
)
from urbansound.ui.explore.map_state import KEY, chosen_row, lasso_of, take_chosen, take_lasso
from urbansound.ui.explore.map_words import missing_text, told_text
from urbansound.ui.frame import quiet_line, show_error
from urbansound.ui.routes import dataset_sounds
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.words import count_text, plain, seconds_text

# What begins by itself where a person turns to the map; more is asked for.
_AT_ONCE_S = 60.0
_SINCE = "map_since"


def show_map(index: DatasetIndex) -> None:
    """The choices, the map, and under it what was chosen. Clicks run this part alone."""
    _map(index)


@st.fragment
def _map(index: DatasetIndex) -> None:
    if has_left():
        st.rerun()
    try:
        _show(index)
    except UrbanSoundError as error:
        show_error(error)


def _show(index: DatasetIndex) -> None:
    choice = choose(index, has_recordings=bool((columns_of(index).recordings >= 0).any()))
    shown = layout_at_hand(index, choice.method, choice.saved)
    if shown is None:
        _work(index, choice)
        shown = layout_at_hand(index, "pca", choice.saved)
    if shown is not None:
        _draw(index, choice, shown)


def _draw(index: DatasetIndex, choice: Choice, shown: Shown) -> None:
    answers = None if choice.run is None else answers_of(choice.run, shown.places)
    if choice.run is not None and answers is None:
        quiet_line("What this run said of each clip is gone.")
    told = told_text(shown.layout, shown.places, choice.color_by, answers)
    if told:
        st.markdown(told)
    address = _draw_canvas(index, choice, shown, answers)
    quiet_line(" ".join(_remarks(index, choice, shown)))
    show_lasso(index, shown.places, address)
    show_chosen(index, shown.places)


def _remarks(index: DatasetIndex, choice: Choice, shown: Shown) -> list[str]:
    remarks = ["Near means alike; the directions mean nothing."]
    if choice.saved is not None and choice.saved.card.dataset_name == index.name:
        name = model_subject(choice.saved)
        remarks.append(
            f"{name[0].upper()}{name[1:]} was taught with sounds of this dataset, "
            "so its map holds the classes apart better than sounds it never heard."
        )
    missing = missing_text(index, shown.layout)
    return [*remarks, missing] if missing else remarks


def _draw_canvas(index: DatasetIndex, choice: Choice, shown: Shown, answers: Answers | None) -> str:
    """Put the map on the page; the address of what it shows."""
    places = shown.places
    address = served(shown.packed, "places")
    row = chosen_row(places)
    state = MapState(
        address=address,
        n=len(places),
        color_by=choice.color_by,
        sound=dataset_sounds(data.dataset_token(index)) if index.has_audio else None,
        answers=None if answers is None else served(answers.packed(), "answers"),
        chosen=None if row is None else int(places.numbers[row]),
        lasso=lasso_of(address),
    )
    draw_map(
        state,
        index,
        key=KEY,
        on_chosen=partial(take_chosen, places),
        on_lasso=partial(take_lasso, address),
    )
    return address


def _work(index: DatasetIndex, choice: Choice) -> None:
    """How far the layout is; where it would take long, a button to begin it."""
    name = job_name(index, kind_of(choice.method, choice.saved))
    job = background.state(name)
    seconds = seconds_needed(index, choice.method, choice.saved)
    if job.status == "running":
        _working(index, choice, name, seconds)
        return
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    elif may_change() and seconds <= _AT_ONCE_S and not _has_just_begun(name, job):
        _begin(name)
        _working(index, choice, name, seconds)
        return
    n = count_text(len(index.clips), "clip")
    quiet_line(f"To lay out {n} takes about {seconds_text(seconds)}, once.")
    if not may_change():
        say_only_looking("That has not been done yet.")
        return
    st.button("Lay out the clips", icon=":material/scatter_plot:", on_click=_begin, args=(name,))


def _has_just_begun(name: str, job: background.JobState) -> bool:
    """Whether it was done and nothing came of it: a folder that cannot be written to."""
    return job.status == "done" and bool(st.session_state.get(_SINCE, ("",))[0] == name)


def _begin(name: str) -> None:
    st.session_state[_SINCE] = (name, time.time())
    background.start(name)


@st.fragment(run_every=0.7)
def _working(index: DatasetIndex, choice: Choice, name: str, seconds: float) -> None:
    job = background.state(name)
    if job.status in ("done", "failed"):
        st.rerun()
    n = count_text(len(index.clips), "clip")
    share = max(job.fraction, _guess(name, seconds))
    doing = "Listening to" if not is_prepared(index, choice.saved) else "Laying out"
    if job.fraction >= 0.5:
        doing = "Laying out"
    more = " Until then the quick map is shown." if is_prepared(index, choice.saved) else ""
    st.progress(share, f"{doing} {n} … about {seconds_text(max(5, round(seconds)))}, once.{more}")


def _guess(name: str, seconds: float) -> float:
    """How far it will be by the clock: placing does not tell."""
    begun, since = st.session_state.get(_SINCE, (name, time.time()))
    passed = time.time() - since if begun == name else 0.0
    return min(0.95, passed / seconds)
