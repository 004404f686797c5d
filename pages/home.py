"""Home: ten kinds of city sound, to hear at once."""

import streamlit as st

from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.records import Clip, DatasetIndex
from urbansound.ui import data, drawings
from urbansound.ui.device import device_name
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header, quiet_line
from urbansound.ui.opening import dataset_line
from urbansound.ui.player import clip_card, sound_grid
from urbansound.ui.real_sounds import get_real_sounds
from urbansound.ui.rooms import go_to
from urbansound.ui.sharing import may_change
from urbansound.ui.words import count_text, names_text

NUMBERS = (
    *("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
    *("Eleven", "Twelve"),
)
MOST_CARDS = 20


def say_what_is_here(index: DatasetIndex) -> None:
    """What data, models and device are here, in one line, and the way to other sounds."""
    models = data.ready_models()
    ready = f"{names_text(models)} ready" if models else "no model taught yet"
    clips = count_text(len(index.clips), "clip")
    dataset_line(index, f"{clips} · {ready} · {device_name()}")


def title_of(index: DatasetIndex | None) -> str:
    """How many kinds of sound there are to hear, in words where that is short."""
    if index is None:
        return "Ten kinds of city sound. Click one to hear it."
    n = len({clip.class_id for clip in index.clips})
    number = NUMBERS[n] if n < len(NUMBERS) else f"{n:,}"
    is_city = index.class_names == URBAN_SOUND_NAMES
    kinds = f"{number} {'kind' if n == 1 else 'kinds'} of {'city sound' if is_city else 'sound'}"
    return f"{kinds}. Click one to hear it." if index.has_audio else kinds


def first_clips(index: DatasetIndex) -> list[int]:
    """For each class the first clip that is loud and not very short, else its first clip."""
    chosen: dict[int, int] = {}
    for number, clip in enumerate(index.clips):
        known = chosen.get(clip.class_id)
        if known is None or shows_well(clip) > shows_well(index.clips[known]):
            chosen[clip.class_id] = number
    return [chosen[class_id] for class_id in sorted(chosen)]


def shows_well(clip: Clip) -> tuple[bool, bool]:
    """Whether the sound stands in front, and lasts long enough to be known by ear."""
    return clip.foreground, clip.duration_s >= 1.5


def ten_sounds(index: DatasetIndex) -> None:
    """The grid, the line that says what is here, and the one bright button."""
    with st.container(gap="small"):
        say_what_is_here(index)
        first = first_clips(index)
        cards = [clip_card(index, number) for number in first[:MOST_CARDS]]
        sound_grid(cards, key="ten", hotkeys=True)
        if len(first) > MOST_CARDS and st.button(
            f"Hear all {len(first):,} kinds", icon=":material/library_music:"
        ):
            go_to("explore")
        if index.is_synthetic:
            where = "; the real ones are below" if may_change() else ""
            quiet_line(f"These are made by this app{where}.")


def how_it_works() -> None:
    """Three pictures: a sound, numbers, a network."""
    steps = [
        (drawings.sound_drawing(), "A sound", "Up to four seconds of a city."),
        (
            drawings.numbers_drawing(),
            "Numbers",
            "Forty for a small network, a picture for the CNN.",
        ),
        (drawings.network_drawing(), "A network", "Learns which numbers mean which sound."),
    ]
    st.header("How it works", anchor=False)
    for column, (drawing, title, line) in zip(st.columns(3, gap="large"), steps, strict=True):
        with column:
            st.image(drawing, width=240, alt="")
            st.markdown(f"**{title}**  \n{line}")


def below() -> None:
    """What a person may read after having listened."""
    st.space("medium")
    how_it_works()
    if may_change() and (index is None or index.name != "UrbanSound8K"):
        get_real_sounds(index)


def welcome(index: DatasetIndex) -> None:
    """The sounds, or why there are none to hear, and the one bright button."""
    if index.has_audio:
        ten_sounds(index)
    else:
        say_what_is_here(index)
        st.info(
            "This dataset holds numbers only, so there is nothing to hear; a network can learn "
            "from them all the same.",
            icon=":material/volume_off:",
        )
    label = "Teach a network these sounds"
    if may_change() and st.button(label, type="primary", icon=":material/model_training:"):
        go_to("train")


heading = st.empty()
with heading:
    page_header("Sounds of the city")
top = st.container()
try:
    index = data.current_dataset()
except BadDataset:
    index = None
else:
    with heading:
        page_header(title_of(index))
below()
with top:
    welcome(wait_for_dataset())
