"""The two sides of Classify: the sound on the left, its name on the right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.errors import BadAudio, UrbanSoundError
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.runs.weights import SavedModel
from urbansound.ui.chips import class_mark
from urbansound.ui.classify.answer import show_answer, show_model
from urbansound.ui.classify.compared import show_compared
from urbansound.ui.classify.export import answers_csv, answers_json
from urbansound.ui.classify.listening import hear
from urbansound.ui.classify.remarks import facts_text, remarks
from urbansound.ui.classify.sound import Sound
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import sound_player
from urbansound.ui.rooms import go_to
from urbansound.ui.theme import VALIDATION, mode
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.classify import Heard

    Answers = list[tuple[SavedModel, Heard]]


def show_sound(sound: Sound) -> None:
    """The sound to play, its figures, and what may spoil the answer."""
    with st.container(gap="xsmall"):
        sound_player(
            sound.audio,
            sound.digest,
            key="classify_player",
            title=sound.title,
            color=VALIDATION[mode()],
        )
        quiet_line(facts_text(sound.audio))
    for remark in remarks(sound.audio):
        st.warning(remark, icon=":material/volume_down:")


def say_no_model() -> None:
    """There is nobody to listen; where to get one."""
    st.info("No network has been taught yet, so nobody can name a sound.")
    if st.button("Teach a network these sounds", type="primary", icon=":material/model_training:"):
        go_to("train")


def show_waiting(models: Sequence[SavedModel]) -> None:
    """What will stand here, while there is no sound: the names to choose from, and by whom."""
    names = models[0].card.class_names if models else URBAN_SOUND_NAMES
    st.markdown(f"The answer appears here, one of {len(names)} names:")
    marks = "".join(class_mark(name, class_id) for class_id, name in enumerate(names))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.5rem 1.25rem">{marks}</div>')
    for saved in models:
        show_model(saved)


def hear_all(models: Sequence[SavedModel], sound: Sound) -> "Answers":
    """What each model hears; what one of them cannot do is said, and hides no other."""
    answers: Answers = []
    for saved in models:
        try:
            answers.append((saved, hear(saved, sound)))
        except UrbanSoundError as error:
            st.error(plain(str(error)), icon=":material/error:")
            if isinstance(error, BadAudio):
                break
    return answers


def show_answers(answers: "Answers", sound: Sound) -> None:
    """One answer large, or several side by side with their agreement in words."""
    if len(answers) == 1:
        show_answer(*answers[0], sound)
    else:
        show_compared(answers, sound)


def show_export(sound: Sound, answers: "Answers") -> None:
    """The answer to take away."""
    with st.container(horizontal=True):
        st.download_button(
            "Save as JSON",
            lambda: answers_json(sound, answers),
            "answer.json",
            "application/json",
            key="classify_json",
            type="tertiary",
            on_click="ignore",
            icon=":material/download:",
            help="The answer with its model, checksum and protocol",
        )
        st.download_button(
            "Save as CSV",
            lambda: answers_csv(sound, answers),
            "answer.csv",
            "text/csv",
            key="classify_csv",
            type="tertiary",
            on_click="ignore",
            icon=":material/download:",
            help="One row for the whole, each window and each event",
        )
