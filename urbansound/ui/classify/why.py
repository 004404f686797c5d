"""What drove the answer: the part of the picture, or the numbers, that decided; to be heard."""

from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import class_title
from urbansound.models.catalog import MODELS
from urbansound.records import Audio, Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify import why_pictures as pictures
from urbansound.ui.classify.listening import model_digest, open_model
from urbansound.ui.classify.parts import part_card
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.stretch import Stretch, choose_stretch
from urbansound.ui.classify.verdict import heard_phrase, leaning, percent_text
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, sound_grid
from urbansound.ui.words import plain

if TYPE_CHECKING:
    from urbansound.inference.attribution import Contribution
    from urbansound.inference.explain import DecisionMap
    from urbansound.inference.heard import Heard
    from urbansound.inference.masking import SoundParts

_FOLD = "classify_why"
N_BARS = 10
_SHARES = (10, 15, 20, 25, 30, 40, 50)
_USUAL_SHARE = 25
_HARDLY = 0.1
_WHOLE, _PART, _REST = "The whole", "Only that part", "Everything else"
_SHUFFLED, _NOISE = "Shuffled in time", "What it hears"

Sounds = dict[str, tuple[Audio, Prediction]]
"""By what a sound is called: the sound, and what the model says to it."""


def show_why(sound: Sound, saved: SavedModel, heard: "Heard") -> None:
    """A fold that, once opened, shows and plays what drove a model's answer."""
    fold = st.expander(
        "What drove the answer", key=_FOLD, icon=":material/troubleshoot:", on_change="rerun"
    )
    if fold.open:
        with fold:
            _look_into(sound, saved, heard)


@st.fragment
def _look_into(sound: Sound, saved: SavedModel, heard: "Heard") -> None:
    stretch = choose_stretch(sound, heard, key=f"{_FOLD}_stretch")
    if stretch is None:
        quiet_line("There is nothing to be heard, so nothing drove an answer.")
    elif MODELS[saved.name].is_perceptron:
        _show_numbers(stretch, saved)
    else:
        _show_picture(stretch, saved)


def _show_picture(stretch: Stretch, saved: SavedModel) -> None:
    """For a network that hears a spectrogram: the part of it that decided."""
    left, right = st.columns((6, 5), gap="large")
    with right:
        share = _choose_share()
    drove = _drove(stretch.digest, model_digest(saved), stretch.audio, saved)
    sounds = _parts_of(stretch, saved, drove, share)
    with left:
        _draw_part(stretch, saved, drove, share)
    with right:
        (_, part), (_, rest), (_, shuffled) = (sounds[title] for title in (_PART, _REST, _SHUFFLED))
        _say(part_sentence(stretch.prediction, part, share))
        _say(rest_sentence(stretch.prediction, rest))
        _say(shuffle_sentence(stretch.prediction, shuffled, saved))
        quiet_line("What is left out is not silent but 26 dB softer.")
    _show_cards(sounds, f"{stretch.digest} {model_digest(saved)} {share}")


def _choose_share() -> int:
    share: int = st.select_slider(
        "How much of the sound to keep",
        _SHARES,
        _USUAL_SHARE,
        key=f"{_FOLD}_share",
        format_func=lambda percent: f"{percent} %",
    )
    return share


def _parts_of(stretch: Stretch, saved: SavedModel, drove: "DecisionMap", share: int) -> Sounds:
    """The whole, the share of it that decided, the rest, and the whole shuffled."""
    model = model_digest(saved)
    parts = _parts(stretch.digest, model, share, drove, saved, stretch.audio)
    part, rest = _said(f"{stretch.digest} {share}", model, [parts.part, parts.rest], saved)
    return {
        _WHOLE: (parts.whole, stretch.prediction),
        _PART: (parts.part, part),
        _REST: (parts.rest, rest),
        _SHUFFLED: _shuffled(stretch, saved),
    }


def _draw_part(stretch: Stretch, saved: SavedModel, drove: "DecisionMap", share: int) -> None:
    color = leaning(stretch.prediction).color
    st.image(
        _picture(stretch.digest, model_digest(saved), share, color, drove, saved),
        width="stretch",
        alt=f"Spectrogram; the {share} % that drove the answer most are bright",
    )


def _show_numbers(stretch: Stretch, saved: SavedModel) -> None:
    """For a perceptron: the numbers that counted, and that time does not."""
    numbers = _numbers(stretch.digest, model_digest(saved), stretch.audio, saved)
    sounds = _sounds_alike(stretch, saved)
    left, right = st.columns((6, 5), gap="large")
    with left:
        _draw_numbers(numbers[:N_BARS], stretch.prediction)
    with right:
        _say(numbers_sentence(numbers, class_title(stretch.prediction.best)))
        _say(shuffle_sentence(stretch.prediction, sounds[_SHUFFLED][1], saved))
        if _NOISE in sounds:
            _say(noise_sentence(stretch.prediction, sounds[_NOISE][1], saved))
        quiet_line(f"The bars are the {N_BARS} strongest of {len(numbers)} numbers that it hears.")
    _show_cards(sounds, f"{stretch.digest} {model_digest(saved)}")


def _sounds_alike(stretch: Stretch, saved: SavedModel) -> Sounds:
    """The whole, the whole shuffled and, where there is such, noise that the model hears alike."""
    about = (stretch.digest, model_digest(saved))
    sounds = {_WHOLE: (stretch.audio, stretch.prediction), _SHUFFLED: _shuffled(stretch, saved)}
    noise = _noise_alike(*about, stretch.audio, saved)
    if noise is not None:
        sounds[_NOISE] = (noise, _said(f"noise {about[0]}", about[1], [noise], saved)[0])
    return sounds


def _draw_numbers(strongest: "list[Contribution]", prediction: Prediction) -> None:
    name, color = class_title(prediction.best), leaning(prediction).color
    st.markdown(f":small[**For and against {plain(name)}**]")
    chart = pictures.bars_chart(strongest, color)
    st.altair_chart(chart, key=f"{_FOLD}_bars", alt=pictures.bars_text(strongest, name))


def _say(sentence: str) -> None:
    st.markdown(plain(sentence))


def _show_cards(sounds: Sounds, digest: str) -> None:
    cards: list[SoundCard] = [
        part_card(audio, f"{title} {digest}", said, key=f"{_FOLD}_{number}", title=title)
        for number, (title, (audio, said)) in enumerate(sounds.items())
    ]
    sound_grid(cards, key=f"{_FOLD}_cards")


def part_sentence(whole: Prediction, part: Prediction, share: int) -> str:
    """What the network says to the part alone, beside what it says to the whole."""
    still = "is still heard as" if part.best == whole.best else "is heard as"
    return (
        f"The bright {share} % of the sound, played alone, {still} {heard_phrase(part)}; "
        f"the whole as {heard_phrase(whole)}."
    )


def rest_sentence(whole: Prediction, rest: Prediction) -> str:
    """What the network says to everything else."""
    if rest.best == whole.best:
        return f"Everything else is still heard as {heard_phrase(rest)}: the sound is there, too."
    return f"Everything else is heard as {heard_phrase(rest)}."


def shuffle_sentence(whole: Prediction, shuffled: Prediction, saved: SavedModel) -> str:
    """What becomes of the answer when the sound's pieces change places in time."""
    before, after = percent_text(whole.confidence), percent_text(shuffled.confidence)
    model = model_title(saved)
    is_blind = saved.card.spec.features.pooling == "mean"
    why = f"{model} hears averages over time; only the cuts make a difference to it."
    if shuffled.best != whole.best:
        said = f"Shuffled in time, it is heard as {class_title(shuffled.best)}, {after}."
        why = why if is_blind else f"To {model} the course of this sound matters."
        return f"{said} {why}"
    said = f"Shuffled in time, the answer stays, at {after} instead of {before}."
    if abs(shuffled.confidence - whole.confidence) < _HARDLY:
        said = f"Shuffle time: the answer does not change ({after}, before {before})."
    return f"{said} {why}" if is_blind else said


def noise_sentence(whole: Prediction, noise: Prediction, saved: SavedModel) -> str:
    """What the network says to steady noise with the same 40 means."""
    n_means = saved.card.spec.features.n_mfcc
    means = f"Steady noise with the same {n_means} averages"
    if noise.best == whole.best:
        return f"{means} is the same sound to {model_title(saved)}: {heard_phrase(noise)}."
    return f"{means} comes near, but is heard as {heard_phrase(noise)}."


def numbers_sentence(strongest: "list[Contribution]", name: str) -> str:
    """Which number counted most, and which way it lies from an average sound's."""
    first = strongest[0]
    way = "higher" if first.value > first.average else "lower"
    side = "for" if first.amount > 0 else "against"
    number, _, words = first.name.partition(": ")
    called = f"Number {number} ({words})" if words else first.name.capitalize()
    return (
        f"{called} speaks most strongly {side} {name}: it is {way} here than in an average sound."
    )


@st.cache_resource(show_spinner="Trying parts of the sound …", max_entries=32)
def _drove(stretch: str, model: str, _audio: Audio, _saved: SavedModel) -> "DecisionMap":
    from urbansound.inference.explain import map_decision

    del stretch, model
    return map_decision(open_model(_saved), _audio)


@st.cache_resource(show_spinner=False, max_entries=32)
def _parts(
    stretch: str, model: str, share: int, _drove: "DecisionMap", _saved: SavedModel, _audio: Audio
) -> "SoundParts":
    from urbansound.inference.masking import keep_part

    del stretch, model
    return keep_part(_audio, _drove, share / 100, _saved.card.spec.features)


@st.cache_resource(show_spinner=False, max_entries=64)
def _said(
    sounds: str, model: str, _audios: list[Audio], _saved: SavedModel
) -> tuple[Prediction, ...]:
    del sounds, model
    classifier = open_model(_saved)
    return tuple(classifier.classify(audio).prediction for audio in _audios)


@st.cache_resource(show_spinner=False, max_entries=32)
def _picture(
    stretch: str, model: str, share: int, color: str, _drove: "DecisionMap", _saved: SavedModel
) -> bytes:
    del stretch, model
    return pictures.part_picture(_drove, share / 100, color, _saved.card.spec.features)


@st.cache_resource(show_spinner=False, max_entries=32)
def _numbers(stretch: str, model: str, _audio: Audio, _saved: SavedModel) -> "list[Contribution]":
    from urbansound.inference.attribution import contributions

    del stretch, model
    return contributions(open_model(_saved), _audio)


def _shuffled(stretch: Stretch, saved: SavedModel) -> tuple[Audio, Prediction]:
    """The stretch with its pieces in another order, and what the model says to that."""
    from urbansound.inference.shuffling import shuffle_time

    audio = shuffle_time(stretch.audio, seed=0)
    return audio, _said(stretch.digest, model_digest(saved), [audio], saved)[0]


@st.cache_resource(show_spinner=False, max_entries=32)
def _noise_alike(stretch: str, model: str, _audio: Audio, _saved: SavedModel) -> Audio | None:
    """Noise with the same means; None for features of which there is more than means."""
    from urbansound.inference.resynthesis import sound_of_means

    del stretch, model
    spec = _saved.card.spec.features
    if (spec.kind, spec.pooling) != ("mfcc", "mean"):
        return None
    means = open_model(_saved).rows([_audio])[0]
    return sound_of_means(means, spec, _audio.duration_s)
