"""Try to break it: the person's own sound made louder, noisier, duller, faster."""

from typing import TYPE_CHECKING

import streamlit as st

from urbansound.records import Audio, Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.answer import answer_html, shared_order
from urbansound.ui.classify.bars import bars_html
from urbansound.ui.classify.breaking_charts import KNOB_WORDS, level_text, show_sweep
from urbansound.ui.classify.listening import model_digest, open_model
from urbansound.ui.classify.parts import part_card
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.stretch import Stretch, choose_stretch
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, sound_grid

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard
    from urbansound.inference.robustness import Knob, Sweep, Variation

_FOLD = "classify_breaking"
_SHORTEST_S = 0.2


def show_breaking(sound: Sound, saved: SavedModel, heard: "Heard") -> None:
    """A fold that, once opened, lets a person change the sound and watch the answer move."""
    fold = st.expander("Try to break it", key=_FOLD, icon=":material/tune:", on_change="rerun")
    if fold.open:
        with fold:
            _try_it(sound, saved, heard)


@st.fragment
def _try_it(sound: Sound, saved: SavedModel, heard: "Heard") -> None:
    stretch = choose_stretch(sound, heard, key=f"{_FOLD}_stretch")
    if stretch is None:
        quiet_line("There is nothing to be heard, so there is no answer to break.")
    elif stretch.audio.duration_s < _SHORTEST_S:
        quiet_line(f"This sound is too short for that: at least {_SHORTEST_S:g} s are needed.")
    else:
        _change_and_hear(stretch, saved)


def _change_and_hear(stretch: Stretch, saved: SavedModel) -> None:
    left, right = st.columns((5, 6), gap="large")
    with left:
        variation = _choose_variation()
    about = (stretch.digest, model_digest(saved))
    changed, said = _changed(*about, variation, stretch.audio, saved)
    with right:
        st.html(answer_html(said, is_paired=True))
        # In the order of the original's answer, so that bars move and rows do not.
        st.html(bars_html(said, shared_order([stretch.prediction])))
    cards = [
        _card("As it was", stretch.audio, stretch.prediction, about),
        _card("Changed", changed, said, (*about, str(variation))),
    ]
    sound_grid(cards, key=f"{_FOLD}_cards")
    st.markdown("**How far each can go alone**")
    quiet_line(
        "How probable the answer to the unchanged sound stays. A ring marks where another "
        "answer takes over; the dashed line is where it would be too unsure to answer."
    )
    sweeps = _sweeps(*about, stretch.audio, saved)
    for place, sweep in zip(st.columns(len(sweeps), gap="medium"), sweeps, strict=True):
        with place:
            level = getattr(variation, sweep.knob.name)
            show_sweep(sweep, level, saved.card.calibration.threshold, key=_FOLD)


def _card(title: str, audio: Audio, said: Prediction, about: tuple[str, ...]) -> SoundCard:
    return part_card(audio, f"{title} {about}", said, key=f"{_FOLD}_{title}", title=title)


def _choose_variation() -> "Variation":
    """What the four sliders say; a button takes all back."""
    from urbansound.inference.robustness import KNOBS, varied

    levels = {knob.name: _slider(knob, f"{_FOLD}_{knob.name}") for knob in KNOBS}

    def reset() -> None:
        for knob in KNOBS:
            st.session_state[f"{_FOLD}_{knob.name}"] = knob.neutral

    st.button("Reset", on_click=reset, key=f"{_FOLD}_reset", icon=":material/restart_alt:")
    return varied(levels)


def _slider(knob: "Knob", key: str) -> float:
    chosen: float = st.select_slider(
        KNOB_WORDS[knob.name].title,
        knob.levels,
        knob.neutral,
        key=key,
        format_func=lambda level: level_text(knob.name, level),
    )
    return chosen


@st.cache_resource(show_spinner=False, max_entries=64)
def _changed(
    stretch: str, model: str, variation: "Variation", _audio: Audio, _saved: SavedModel
) -> tuple[Audio, Prediction]:
    from urbansound.inference.robustness import vary

    del stretch, model
    changed = vary(_audio, variation)
    return changed, open_model(_saved).classify(changed).prediction


@st.cache_resource(show_spinner="Trying many levels …", max_entries=32)
def _sweeps(stretch: str, model: str, _audio: Audio, _saved: SavedModel) -> "tuple[Sweep, ...]":
    from urbansound.inference.robustness import KNOBS, sweep

    del stretch, model
    classifier = open_model(_saved)
    return tuple(sweep(classifier, _audio, knob) for knob in KNOBS)
