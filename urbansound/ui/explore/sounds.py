"""The Sounds tab: what is asked for, the table of it, and the chosen clip from inside."""

import streamlit as st

from urbansound.dataset.columns import columns_of
from urbansound.dataset.survey import Survey
from urbansound.records import DatasetIndex
from urbansound.ui.explore.filters import (
    SORT,
    choose_filters,
    chosen_order,
    clear_filters,
    mask_of,
    search_field,
    sort_anew,
    tell_count,
)
from urbansound.ui.explore.sorting import (
    BY_LEVEL,
    OF_NUMBERS,
    OF_SOUND,
    Numbers,
    position_of,
    sorted_numbers,
)
from urbansound.ui.explore.surveyed import offer_survey, survey_of
from urbansound.ui.explore.takes import one_of_each


def sounds(index: DatasetIndex) -> None:
    """Filters, one clip of each class, the table, and the chosen clip from inside."""
    filters = choose_filters(index)
    survey = survey_of(index)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search_field(index)
        _choose_order(index)
    if index.has_audio and not filters.is_set:
        one_of_each(index)
    mask = mask_of(index, filters, survey)
    numbers = sorted_numbers(columns_of(index), mask, chosen_order(), survey)
    tell_count(index, filters, len(numbers))
    if not len(numbers):
        st.markdown("No clip is all of that.")
        return
    if chosen_order() in BY_LEVEL and survey is None:
        offer_survey("To sort by loudness, every file is opened once.")
    _table_and_clip(index, numbers, survey)


def _table_and_clip(index: DatasetIndex, numbers: Numbers, survey: Survey | None) -> None:
    # The cards above are on their way to the browser: they do not wait for these imports.
    from urbansound.ui.explore.clip_table import bring_player, chosen_clip, clip_table
    from urbansound.ui.explore.clip_view import clip_view

    chosen = chosen_clip(index, numbers)
    clip_table(index, numbers, chosen, survey)
    st.space("small")
    if position_of(numbers, chosen) is None:
        _tell_filtered_out(index, chosen)
    clip_view(index, numbers, chosen)
    bring_player()


def _choose_order(index: DatasetIndex) -> None:
    st.selectbox(
        "Sort",
        OF_SOUND if index.has_audio else OF_NUMBERS,
        key=SORT,
        bind="query-params",
        on_change=sort_anew,
        format_func=lambda order: f"{order[0].upper()}{order[1:]}",
        width=240,
    )


def _tell_filtered_out(index: DatasetIndex, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/filter_alt: This clip is not among those asked for above.", width="content"
        )
        st.button(
            "Show all clips", key="explore_unfilter", on_click=_unfilter, args=(index, number)
        )


def _unfilter(index: DatasetIndex, number: int) -> None:
    from urbansound.ui.explore.clip_table import choose

    clear_filters()
    choose(index, number)
