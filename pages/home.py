"""Home: ten kinds of city sound, to hear at once."""

import sys
from pathlib import Path

import streamlit as st

from urbansound.paths import PROJECT
from urbansound.records import Clip, DatasetIndex
from urbansound.ui import data, drawings
from urbansound.ui.chips import dataset_chip
from urbansound.ui.device import device_name
from urbansound.ui.first_start import wait_for_dataset
from urbansound.ui.frame import page_header, quiet_line
from urbansound.ui.player import clip_card, sound_grid
from urbansound.ui.rooms import go_to
from urbansound.ui.words import count_text, names_text


def say_what_is_here(index: DatasetIndex) -> None:
    """What data, models and device are here, in one line."""
    models = data.ready_models()
    ready = f"{names_text(models)} ready" if models else "no model taught yet"
    clips = count_text(len(index.clips), "clip")
    quiet_line(f"{clips} · {ready} · {device_name()}", dataset_chip(index))


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
        sound_grid([clip_card(index, n) for n in first_clips(index)], key="ten", hotkeys=True)
        if index.is_synthetic:
            quiet_line("These are made by this app; get the real ones (6 GB) below.")


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
    st.subheader("How it works", anchor=False)
    for column, (drawing, title, line) in zip(st.columns(3, gap="large"), steps, strict=True):
        with column:
            st.image(drawing, width=240, alt="")
            st.markdown(f"**{title}**  \n{line}")


def get_real_sounds() -> None:
    """How to fetch the real dataset."""
    st.subheader("Get the real sounds", anchor=False)
    st.markdown(
        "UrbanSound8K: 8,732 clips of real cities, 6 GB, free for non-commercial use. Run this "
        "in the app's folder; a second call goes on where the first one stopped."
    )
    st.code(f"{python_name()} -m urbansound download", language="bash")


def python_name() -> str:
    """The app's own Python as a person in its folder would call it."""
    path = Path(sys.executable)
    is_inside = path.is_relative_to(PROJECT)
    return str(path.relative_to(PROJECT)) if is_inside else "python"


def below() -> None:
    """What a person may read after having listened."""
    st.space("medium")
    how_it_works()
    if index is None or index.name != "UrbanSound8K":
        get_real_sounds()


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
    if st.button(label, type="primary", icon=":material/model_training:"):
        go_to("train")


heading = st.empty()
with heading:
    page_header("Sounds of the city")
top = st.container()
index = data.current_dataset()
n_kinds = 10 if index is None else len(index.class_names)
kinds = "Ten" if n_kinds == 10 else str(n_kinds)
can_hear = index is None or index.has_audio
with heading:
    page_header(f"{kinds} kinds of city sound{'. Click one to hear it.' if can_hear else ''}")
below()
with top:
    welcome(wait_for_dataset())
