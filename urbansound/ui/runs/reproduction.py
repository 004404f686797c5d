"""The same run once more, and whether it comes to the same numbers."""

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.records import Card
from urbansound.runs.agreement import differences, find_repeats
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.runs.launch import start_run
from urbansound.ui.frame import show_error
from urbansound.ui.run_line import viewer_zone
from urbansound.ui.run_state import moment_text, read_state, run_card, status_text
from urbansound.ui.runs.table import CHOSEN
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.spare import spare_worker
from urbansound.ui.words import plain

_MOST_TOLD = 3
_ENDINGS = {
    "failed": "that run failed",
    "stopped": "that run was stopped",
    "interrupted": "that run was cut short",
}


def reproduce_button(run: RunFolder) -> None:
    """[Reproduce]: the same data, settings and seed once more, as a run of its own."""
    if not may_change():
        return
    is_running = any(repeat.status() in ACTIVE for repeat in find_repeats(outputs_dir(), run))
    st.button(
        "Reproduce",
        key="runs_reproduce",
        icon=":material/replay:",
        disabled=is_running,
        on_click=_reproduce,
        args=(run,),
        help="Does the same run again, and says whether the numbers agree.",
    )


@changes
def _reproduce(run: RunFolder) -> None:
    try:
        start_run(outputs_dir(), run.spec, spare_worker())
    except UrbanSoundError as error:
        show_error(error)


def tell_repeats(run: RunFolder, card: Card) -> None:
    """A line for each of the newest runs of the same spec, which leads to it: do they agree?"""
    for repeat in _worth_telling(find_repeats(outputs_dir(), run), run)[:_MOST_TOLD]:
        st.button(
            repeat_sentence(card, repeat),
            key=f"runs_repeat_{repeat.id}",
            type="tertiary",
            wrap=True,
            on_click=_look_at,
            args=(repeat,),
        )


def _worth_telling(repeats: list[RunFolder], run: RunFolder) -> list[RunFolder]:
    """The newest whatever became of it, if it came later; others where they have numbers."""
    return [
        repeat
        for place, repeat in enumerate(repeats)
        if repeat.status() == "finished" or (place == 0 and repeat.id > run.id)
    ]


def _look_at(run: RunFolder) -> None:
    st.session_state[CHOSEN] = [run.id]
    st.query_params["run"] = run.id


def repeat_sentence(card: Card, repeat: RunFolder) -> str:
    """Whether a run of the same spec agrees with this card, as Markdown."""
    when = f"Done again on {plain(moment_text(repeat, viewer_zone()))}"
    status = repeat.status()
    if status in ACTIVE:
        return (
            f":material/hourglass_top: It is being done again: {status_text(read_state(repeat))}."
        )
    second = run_card(repeat)
    if status != "finished" or second is None:
        ending = _ENDINGS.get(status, "its files are damaged")
        return f":material/help: {when}, but {ending}."
    found = differences(card, second)
    if not found:
        return f":green[:material/check_circle:] {when}: **every number agrees.**"
    return f":orange[:material/warning:] {when}: {plain('; '.join(found))}."
