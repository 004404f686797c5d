"""One clip from inside: to hear and see, what is known of it, its neighbours, its 40 numbers."""

import streamlit as st

from urbansound.errors import BadAudio
from urbansound.records import DatasetIndex
from urbansound.ui import data
from urbansound.ui.charts import means_chart
from urbansound.ui.chips import class_mark
from urbansound.ui.explore.clip_facts import clip_facts
from urbansound.ui.explore.clip_table import is_chosen_by_hand
from urbansound.ui.explore.play_all import (
    skip_unreadable,
    step_buttons,
    tell_player,
    when_it_ends,
)
from urbansound.ui.explore.siblings import show_siblings
from urbansound.ui.explore.sorting import Numbers
from urbansound.ui.frame import quiet_line
from urbansound.ui.measuring import offer_to_measure
from urbansound.ui.waves import Waves, clip_waves, wave_player
from urbansound.ui.words import plain


def clip_view(index: DatasetIndex, numbers: Numbers, number: int) -> None:
    """Everything there is to hear and see of the chosen clip."""
    clip = index.clips[number]
    _heading(index, numbers, number)
    if not index.has_audio:
        quiet_line(f"row {number + 1} · fold {clip.fold} · no sound in this dataset")
        _forty_numbers(index, number)
        return
    waves = _player(index, numbers, number)
    clip_facts(index, number, waves)
    show_siblings(index, number)
    _forty_numbers(index, number)


def _player(index: DatasetIndex, numbers: Numbers, number: int) -> Waves | None:
    """The player of the clip; where it cannot be read, a sentence and None."""
    try:
        waves = clip_waves(index, number)
    except BadAudio as error:
        skip_unreadable(index, numbers, number)
        st.warning(plain(str(error)), icon=":material/warning:")
        return None
    wave_player(
        waves,
        key="explore_player",
        autoplay=is_chosen_by_hand(index, number),
        hotkeys=True,
        on_end=when_it_ends(index, numbers, number),
    )
    tell_player()
    return waves


def _heading(index: DatasetIndex, numbers: Numbers, number: int) -> None:
    name = index.class_names[index.clips[number].class_id]
    with st.container(horizontal=True, vertical_alignment="center"):
        mark = class_mark(name, index.clips[number].class_id)
        st.html(f'<span style="font-size:1.375rem;font-weight:600">{mark}</span>')
        step_buttons(index, numbers, number)


def _forty_numbers(index: DatasetIndex, number: int) -> None:
    st.markdown("**What the networks see** :gray[40 numbers: each MFCC's mean over time]")
    table = data.feature_table(index)
    if table is None:
        offer_to_measure(
            index, "To compare this clip with the others, all of them are measured once."
        )
        return
    means = data.clip_means(table, number)
    if means is None:
        quiet_line("This clip could not be read, so it has no numbers.")
        return
    clip = index.clips[number]
    title = data.clip_title(index, clip)
    chart = means_chart(means.values, means.low, means.high, data.clip_color(index, clip))
    st.altair_chart(chart, alt=f"The 40 means of this clip against those of {title}")
    quiet_line(
        "In standard deviations from the average clip. "
        f"In the grey band lie 8 of 10 clips of {title}."
    )
