"""A sound at hand in the player, and the hearing of a long one while it goes on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.records import CLIP_S, Audio
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.listening import Hearing, forget_long, model_digest
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.timeline import named_regions
from urbansound.ui.theme import VALIDATION, mode
from urbansound.ui.waves import Lane, Waves, wave_player, waves_of
from urbansound.ui.words import seconds_text
from urbansound.wording import clock_text

if TYPE_CHECKING:
    from urbansound.features.overview import Overview


def sound_waves(sound: Sound) -> Waves:
    """The sound at hand as the player takes it, over at least 4 s."""
    return waves_of(
        _overview(sound.digest, sound.audio),
        title=sound.title,
        audio=sound.address,
        color=VALIDATION[mode()],
        icon="graphic_eq",
        window_s=CLIP_S,
    )


@st.cache_resource(show_spinner="Drawing the sound …", max_entries=4, scope="session")
def _overview(digest: str, _audio: Audio) -> "Overview":
    from urbansound.features.overview import overview

    del digest
    return overview(_audio)


@st.fragment(run_every=0.7)
def show_hearing(sound: Sound, models: Sequence[SavedModel], hearing: Hearing) -> None:
    """How far a long sound has been heard, what was named so far, and a way to stop."""
    if not hearing.is_running:
        st.rerun()
    share = min(1.0, hearing.done_s / hearing.duration_s)
    st.progress(share, _progress_text(hearing))
    st.button(
        "Stop here",
        icon=":material/stop_circle:",
        key="classify_stop_hearing",
        on_click=hearing.stop,
    )
    lanes = [
        Lane(model_title(saved), named_regions(hearing.segments[model_digest(saved)]))
        for saved in models
    ]
    wave_player(sound_waves(sound), key="classify_hearing", lanes=lanes)


def say_stopped(hearing: Hearing) -> None:
    """That only a part was heard, and a way to hear all of it."""
    heard, whole = clock_text(hearing.done_s), clock_text(hearing.duration_s)
    st.info(
        f"Stopped: {heard} of {whole} were heard, and all that is said is about that part.",
        icon=":material/stop_circle:",
    )
    st.button("Hear all of it", key="classify_hear_all", on_click=forget_long)


def _progress_text(hearing: Hearing) -> str:
    heard, whole = clock_text(hearing.done_s), clock_text(hearing.duration_s)
    left = f" · {seconds_text(hearing.left_s)} left" if hearing.left_s else ""
    return f"Heard {heard} of {whole}{left}"
