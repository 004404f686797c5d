"""Two classes side by side: by ear, spectra, what separates them, and what models confuse."""

import numpy as np
import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.separation import nearest_pair, strongest_differences
from urbansound.labels import class_style, class_title
from urbansound.records import DatasetIndex, FeatureTable
from urbansound.ui import data
from urbansound.ui.explore.compare_charts import Side, difference_chart, legend, spectra_chart
from urbansound.ui.explore.compare_means import SAMPLE, ClassMeans, class_means
from urbansound.ui.explore.compare_models import confused_pair, show_mixups, show_most_confused
from urbansound.ui.explore.compare_play import play_in_turn
from urbansound.ui.explore.compare_words import difference_words, louder_words, overlap_words
from urbansound.ui.frame import quiet_line
from urbansound.ui.measuring import offer_to_measure
from urbansound.ui.words import count_text, plain

ONE, OTHER = "one", "other"
STRONGEST = 5
_WHAT = (
    "The line is the average level of each pitch, made of the 40 numbers kept of each clip, so "
    "its finest ripples are smoothed away. 8 of 10 clips lie within the band."
)
_SOURCE = (
    "d is the distance of the two averages in standard deviations (Cohen, 1988): 0.2 is little, "
    "0.8 much."
)


def compare_classes(index: DatasetIndex) -> None:
    """The choice of two classes and all that is known of both."""
    table = data.feature_table(index)
    present: list[int] = np.unique(columns_of(index).class_ids).tolist()
    if len(present) < 2:
        st.markdown("To compare, a dataset needs clips of two classes at least.")
        return
    one, other = _choose(index, present, table)
    if one == other:
        st.markdown("These are the same. Choose two different classes.")
        return
    if index.has_audio:
        play_in_turn(index, one, other)
    _show_numbers(index, table, (one, other))
    st.header("As models hear them", anchor=False)
    show_mixups(index, one, other)


def _choose(index: DatasetIndex, present: list[int], table: FeatureTable | None) -> tuple[int, int]:
    """Two class numbers, by name in the address; at first a pair that is easily confused."""
    names = [index.class_names[class_id] for class_id in present]
    chosen = [st.session_state.get(key) for key in (ONE, OTHER)]
    if not all(name in names for name in chosen):
        _set_first(index, present, table)
    left, middle, right = st.columns([5, 1, 5], vertical_alignment="bottom")
    with left:
        one = _class_select("One", names, ONE)
    middle.button(
        "Swap",
        icon=":material/swap_horiz:",
        on_click=_swap,
        help="The one for the other",
        width="stretch",
    )
    with right:
        other = _class_select("The other", names, OTHER)
    show_most_confused(index, index.class_names.index(one), lambda name: _set(OTHER, name))
    return index.class_names.index(one), index.class_names.index(other)


def _class_select(label: str, names: list[str], key: str) -> str:
    chosen: str = st.selectbox(
        label, names, key=key, format_func=class_title, bind="query-params", persist_state="session"
    )
    return chosen


def _set_first(index: DatasetIndex, present: list[int], table: FeatureTable | None) -> None:
    """Whatever of the pair is not chosen yet, from the address too, is set to what is likely."""
    names = [index.class_names[class_id] for class_id in present]
    pair = confused_pair(index)
    if pair is None and table is not None:
        pair = nearest_pair(table.features, table.labels)
    if pair is None or not set(pair) <= set(present):
        pair = present[0], present[1]
    for key, class_id in zip((ONE, OTHER), pair, strict=True):
        asked = st.session_state.get(key) or st.query_params.get(key)
        # An address may bear the name or, as the choice itself writes it, the title.
        known = (name for name in names if asked in (name, class_title(name)))
        st.session_state[key] = next(known, index.class_names[class_id])


def _set(key: str, name: str) -> None:
    st.session_state[key] = name


def _swap() -> None:
    state = st.session_state
    state[ONE], state[OTHER] = state[OTHER], state[ONE]


def _show_numbers(index: DatasetIndex, table: FeatureTable | None, pair: tuple[int, int]) -> None:
    one, other = (class_means(index, table, class_id) for class_id in pair)
    if one is None or other is None:
        quiet_line("No clip of one of these could be read, so there is nothing to draw.")
        return
    sides = _side(index, pair[0], one), _side(index, pair[1], other)
    _spectra(*sides)
    quiet_line(f"{_of_how_many(one, other)} {_WHAT}")
    _differences(one, other, sides)
    if table is None:
        why = f"This is drawn from {SAMPLE} clips of each at most. Measured once, all count."
        offer_to_measure(index, why)


def _side(index: DatasetIndex, class_id: int, means: ClassMeans) -> Side:
    style = class_style(index.class_names[class_id], class_id)
    return Side(style.title, style, means.spectrum)


def _of_how_many(one: ClassMeans, other: ClassMeans) -> str:
    sampled = "a sample, " if one.is_sample or other.is_sample else ""
    return f"From {sampled}{len(one):,} and {count_text(len(other), 'clip')}."


def _spectra(one: Side, other: Side) -> None:
    st.header("How loud at each pitch", anchor=False)
    legend(one, other)
    words = louder_words(one.spectrum, other.spectrum, (one.title, other.title))
    alt = f"Average levels of {one.title} and {other.title} over pitch. {words}"
    st.altair_chart(spectra_chart(one, other), key="compare_spectra", alt=alt)
    st.markdown(plain(words))


def _differences(one: ClassMeans, other: ClassMeans, sides: tuple[Side, Side]) -> None:
    st.header("What separates them most", anchor=False)
    found = strongest_differences(one.features, other.features, STRONGEST)
    titles = sides[0].title, sides[1].title
    told = [difference_words(difference, *titles) for difference in found]
    left, right = st.columns(2, gap="medium", vertical_alignment="center")
    with left:
        st.markdown("\n".join(f"1. {plain(sentence)}" for sentence in told))
    with right:
        chart = difference_chart(found, *sides)
        st.altair_chart(chart, key="compare_differences", alt=". ".join(told))
    best = max(found, key=lambda difference: difference.area)
    st.markdown(plain(overlap_words(best, *titles)))
    quiet_line(_SOURCE)
