"""What a run mistook: the matrix, the worst of it in sentences, and every square's clips."""

import streamlit as st

from urbansound.records import Scores
from urbansound.ui.frame import quiet_line
from urbansound.ui.runs.confusion import (
    Cell,
    Clickable,
    Mistake,
    cell_text,
    cells_of,
    draw_confusion,
    worst_mistakes,
)
from urbansound.ui.runs.hearing import hear_clips
from urbansound.ui.runs.inside import Inside, rows_of_cell

_CELL, _UNIT = "runs_cell", "runs_unit"
_UNITS = ("clips", "%")
_WAS_CHOSEN, _ROUND = "runs_cell_was_chosen", "runs_matrix_round"
_STYLE = """<style>
[class*="st-key-runs_listen"] button { justify-content: flex-start; text-align: left; }
</style>"""
# The clips lie below the matrix: whoever clicked it is taken there.
_TO_CLIPS = """<script>
document.querySelector(".st-key-runs_clips")
  ?.scrollIntoView({ behavior: "smooth", block: "nearest" });
</script>"""
NO_RESULTS = (
    "This run is from before answers were kept clip by clip; reproduce it to hear its mistakes."
)


def show_mistakes(inside: Inside) -> None:
    """The matrix in clips or per cent; below, the clips of the chosen square."""
    scores = inside.scores
    if scores is None:
        quiet_line("No clips were kept for a test, so nothing is known of its mistakes.")
        return
    st.header("What it mistook", anchor=False)
    st.markdown(f":small[{inside.chips}]")
    left, right = st.columns([11, 9], gap="medium")
    with left:
        unit = st.segmented_control(
            "Numbers are",
            _UNITS,
            default=_UNITS[0],
            required=True,
            format_func=lambda unit: "clips" if unit == "clips" else "% of each sound",
            key=_UNIT,
            persist_state="session",
            label_visibility="collapsed",
        )
        draw_confusion(
            scores,
            key=f"runs_confusion_{st.session_state.get(_ROUND, 0)}",
            in_percent=unit == "%",
            clickable=None if inside.results is None else Clickable(chosen_cell(scores), _choose),
        )
    with right:
        _worst(inside, scores)
    if inside.results is None:
        quiet_line(NO_RESULTS)
    else:
        with st.container(key="runs_clips"):
            _clips(inside, scores)
        if st.session_state.pop(_WAS_CHOSEN, False):
            st.html(_TO_CLIPS, unsafe_allow_javascript=True)


def chosen_cell(scores: Scores) -> Cell:
    """The square whose clips are heard: the one chosen last, else the worst mistake."""
    cells = cells_of(scores)
    if st.session_state.get(_CELL) not in cells:
        st.session_state[_CELL] = cells[0]
    chosen: Cell = st.session_state[_CELL]
    return chosen


def _choose(cell: Cell) -> None:
    """A callback: these clips are heard now, and come into sight."""
    st.session_state[_CELL] = cell
    st.session_state[_WAS_CHOSEN] = True


def _choose_elsewhere(cell: Cell) -> None:
    _choose(cell)
    _forget_click()


def _forget_click() -> None:
    """A new matrix: the old one would not notice a second click on the square it has chosen."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _worst(inside: Inside, scores: Scores) -> None:
    st.html(_STYLE)
    mistakes = worst_mistakes(scores)
    if not mistakes:
        st.markdown("Every clip was given its right name.")
    for mistake in mistakes:
        _say(mistake, inside)
    if inside.index is not None:
        quiet_line("Click a square, or a line here, to hear its clips.")


def _say(mistake: Mistake, inside: Inside) -> None:
    names = inside.class_names
    cell = (names.index(mistake.true), names.index(mistake.heard))
    if inside.index is None:
        st.markdown(mistake.markdown)
        return
    st.button(
        mistake.markdown,
        key=f"runs_listen_{cell[0]}_{cell[1]}",
        icon=":material/hearing:",
        type="tertiary",
        on_click=_choose_elsewhere,
        args=(cell,),
        wrap=True,
    )


def _clips(inside: Inside, scores: Scores) -> None:
    assert inside.results is not None
    cells = cells_of(scores)
    cell = st.selectbox(
        "Clips of one square",
        cells,
        format_func=lambda cell: cell_text(scores, cell),
        key=_CELL,
        on_change=_forget_click,
        persist_state="session",
    )
    rows = rows_of_cell(inside.results, *cell)
    if len(rows):
        hear_clips(inside, rows, "runs_hear")
