"""The two sides of Classify: the sound on the left, its name on the right, and what is below."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.errors import BadAudio, BadDataset, UrbanSoundError
from urbansound.inference.windows import is_one_window
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.answer import show_answer
from urbansound.ui.classify.batch import show_batch
from urbansound.ui.classify.closer import show_closer
from urbansound.ui.classify.compared import show_compared
from urbansound.ui.classify.export import (
    answers_audacity,
    answers_csv,
    answers_json,
    answers_raven,
)
from urbansound.ui.classify.hearing_view import say_stopped, show_hearing, sound_waves
from urbansound.ui.classify.known import known_remark
from urbansound.ui.classify.listening import (
    AT_ONCE_S,
    Hearing,
    forget_long,
    hear,
    hear_long,
    model_digest,
    open_model,
)
from urbansound.ui.classify.model_choice import choose_models
from urbansound.ui.classify.moments import show_moments
from urbansound.ui.classify.remarks import facts_text, remarks
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.sound_input import choose_sound
from urbansound.ui.classify.waiting import say_no_model, show_waiting
from urbansound.ui.data import current_dataset
from urbansound.ui.frame import quiet_line
from urbansound.ui.waves import wave_player
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.heard import Heard

    Answers = list[tuple[SavedModel, Heard]]


def name_sound(source: str) -> None:
    """A sound comes in, or many files, and the chosen models say what they hear in it."""
    answers: Answers = []
    hearing: Hearing | None = None
    is_waiting = False
    left, right = st.columns((5, 6), gap="large")
    with left:
        sound = choose_sound(source)
        if isinstance(sound, Sound):
            show_sound(sound)
    with right:
        models = choose_models()
        if not models:
            say_no_model()
        elif sound is None:
            show_waiting(models)
        elif isinstance(sound, Sound):
            hearing = hear_in_background(models, sound)
            # Asked once, before its answers: it may end while the page is being drawn.
            is_waiting = hearing is not None and hearing.is_running
            answers = hear_all(models, sound, hearing)
            if is_waiting:
                quiet_line("Listening to all of it. What was heard so far stands below.")
            else:
                show_answers(answers, sound, hearing)
    if isinstance(sound, Sound):
        if is_waiting and hearing is not None:
            show_hearing(sound, models, hearing)
        elif answers:
            show_below(sound, answers)
    elif sound is not None and models:
        show_batch(sound, models)


def show_sound(sound: Sound) -> None:
    """The sound to play, its figures, and what may spoil the answer."""
    with st.container(gap="xsmall"):
        if not is_long(sound):
            wave_player(sound_waves(sound), key="classify_player", hotkeys=True)
        quiet_line(facts_text(sound.audio, sound.facts, levels=sound.levels))
    for remark in remarks(sound.audio, sound.facts, levels=sound.levels):
        st.warning(plain(remark), icon=":material/volume_down:")


def is_long(sound: Sound) -> bool:
    """Whether it is heard in more than one window."""
    return not is_one_window(sound.audio.duration_s)


def hear_in_background(models: Sequence[SavedModel], sound: Sound) -> Hearing | None:
    """The hearing of a sound that takes a while; None for one that is heard at once."""
    if sound.audio.duration_s <= AT_ONCE_S:
        return None
    whole = [saved for saved in models if _opens(saved)]
    return hear_long(whole, sound) if whole else None


def _opens(saved: SavedModel) -> bool:
    """Whether the model can listen; where its files are damaged, that is said."""
    try:
        open_model(saved)
    except UrbanSoundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return False
    return True


def hear_all(models: Sequence[SavedModel], sound: Sound, hearing: Hearing | None) -> "Answers":
    """What each model heard; what one of them cannot do is said, and hides no other."""
    if hearing is not None:
        heard = [(saved, hearing.heard.get(model_digest(saved))) for saved in models]
        return [(saved, answer) for saved, answer in heard if answer is not None]
    answers: Answers = []
    for saved in models if sound.audio.duration_s <= AT_ONCE_S else ():
        try:
            answers.append((saved, hear(saved, sound)))
        except UrbanSoundError as error:
            st.error(plain(str(error)), icon=":material/error:")
            if isinstance(error, BadAudio):
                break
    return answers


def show_answers(answers: "Answers", sound: Sound, hearing: Hearing | None) -> None:
    """One answer large, or several side by side with their agreement in words."""
    if hearing is not None and hearing.is_stopped:
        say_stopped(hearing)
    elif hearing is not None and not answers:
        st.error("This recording could not be heard to its end. Try again, or another model.")
        st.button("Try again", key="classify_hear_again", on_click=forget_long)
    if len(answers) == 1:
        show_answer(*answers[0], sound)
    elif answers:
        show_compared(answers, sound)
    if answers:
        _say_known(answers, sound)
        show_export(sound, answers)


def _say_known(answers: "Answers", sound: Sound) -> None:
    """That the sound is one of the dataset's clips, which a model may have learned from."""
    try:
        index = current_dataset()
    except BadDataset:
        return
    said = [known_remark(sound, saved, index) for saved, _ in answers]
    for remark in dict.fromkeys(filter(None, said)):
        st.info(plain(remark), icon=":material/school:")


def show_below(sound: Sound, answers: "Answers") -> None:
    """When a longer sound held what, and what stands behind the answer."""
    if is_long(sound):
        show_moments(sound, answers)
    show_closer(sound, answers)


def show_export(sound: Sound, answers: "Answers") -> None:
    """The answer to take away; of a longer sound also its events, for programs that show them."""
    forms = [
        ("JSON", answers_json, "json", "The answer with its model, checksum and protocol"),
        ("CSV", answers_csv, "csv", "One row for the whole, each window and each event"),
    ]
    if is_long(sound):
        forms += [
            ("Audacity labels", answers_audacity, "txt", "A label track of the events"),
            ("Raven table", answers_raven, "selections.txt", "A selection table of the events"),
        ]
    with st.container(horizontal=True):
        for title, write, suffix, text in forms:
            st.download_button(
                f"Save as {title}",
                partial(write, sound, answers),
                f"answer.{suffix}",
                key=f"classify_{suffix}",
                type="tertiary",
                on_click="ignore",
                icon=":material/download:",
                help=text,
            )
