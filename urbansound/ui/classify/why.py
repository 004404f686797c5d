"""What drove the answer: the part of the picture, or the numbers, that decided; to be heard."""

from typing import TYPE_CHECKING

import streamlit as st

from urbansound.labels import SILENCE, class_title
from urbansound.models.catalog import MODELS
from urbansound.records import Audio, Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify import why_pictures as pictures
from urbansound.ui.classify.listening import model_digest, open_model
from urbansound.ui.classify.parts import look, part_card
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.stretch import Stretch, choose_stretch
from urbansound.ui.classify.verdict import percent_text
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
    about = (stretch.digest, model_digest(saved))
    drove = _drove(*about, stretch.audio, saved)
    left, right = st.columns((6, 5), gap="large")
    with right:
        share = st.select_slider(
            "How much of the sound to keep",
            _SHARES,
            _USUAL_SHARE,
            key=f"{_FOLD}_share",
            format_func=lambda percent: f"{percent} %",
        )
        parts = _parts(*about, share, drove, saved, stretch.audio)
        said = _said(f"{stretch.digest} {share}", about[1], [parts.part, parts.rest], saved)
        st.markdown(plain(part_sentence(stretch.prediction, said[0], share)))
        st.markdown(plain(rest_sentence(stretch.prediction, said[1])))
        shuffled, order = _shuffled(stretch), _said(*about, [_shuffled(stretch)], saved)[0]
        st.markdown(plain(shuffle_sentence(stretch.prediction, order, saved)))
        quiet_line("What is left out is not silent but 26 dB softer.")
    with left:
        color = look(stretch.prediction)[0]
        st.image(
            _picture(*about, share, color, drove, saved),
            width="stretch",
            alt=f"Spectrogram; the {share} % that drove the answer most are bright",
        )
    sounds = {
        "The whole": (parts.whole, stretch.prediction),
        "Only that part": (parts.part, said[0]),
        "Everything else": (parts.rest, said[1]),
        "Shuffled in time": (shuffled, order),
    }
    _show_cards(sounds, f"{stretch.digest} {about[1]} {share}")


def _show_numbers(stretch: Stretch, saved: SavedModel) -> None:
    """For a perceptron: the numbers that counted, and that time does not."""
    about = (stretch.digest, model_digest(saved))
    numbers = _numbers(*about, stretch.audio, saved)
    strongest = numbers[:N_BARS]
    sounds = {"The whole": (stretch.audio, stretch.prediction)}
    sounds["Shuffled in time"] = (
        _shuffled(stretch),
        _said(*about, [_shuffled(stretch)], saved)[0],
    )
    noise = _noise_alike(*about, stretch.audio, saved)
    if noise is not None:
        sounds["What it hears"] = (noise, _said(f"noise {about[0]}", about[1], [noise], saved)[0])
    left, right = st.columns((6, 5), gap="large")
    with left:
        name, color = class_title(stretch.prediction.best), look(stretch.prediction)[0]
        st.markdown(f":small[**For and against {plain(name)}**]")
        chart = pictures.bars_chart(strongest, color)
        st.altair_chart(chart, key=f"{_FOLD}_bars", alt=pictures.bars_text(strongest, name))
    with right:
        st.markdown(plain(numbers_sentence(strongest, name)))
        order = sounds["Shuffled in time"][1]
        st.markdown(plain(shuffle_sentence(stretch.prediction, order, saved)))
        if noise is not None:
            said = sounds["What it hears"][1]
            st.markdown(plain(noise_sentence(stretch.prediction, said, saved)))
        quiet_line(f"The bars are the {N_BARS} strongest of {len(numbers)} numbers that it hears.")
    _show_cards(sounds, f"{stretch.digest} {about[1]}")


def _show_cards(sounds: dict[str, tuple[Audio, Prediction]], digest: str) -> None:
    cards: list[SoundCard] = [
        part_card(audio, f"{title} {digest}", said, key=f"{_FOLD}_{number}", title=title)
        for number, (title, (audio, said)) in enumerate(sounds.items())
    ]
    sound_grid(cards, key=f"{_FOLD}_cards")


def part_sentence(whole: Prediction, part: Prediction, share: int) -> str:
    """What the network says to the part alone, beside what it says to the whole."""
    still = "is still heard as" if part.best == whole.best else "is heard as"
    return (
        f"The bright {share} % of the sound, played alone, {still} {_heard(part)}; "
        f"the whole as {_heard(whole)}."
    )


def rest_sentence(whole: Prediction, rest: Prediction) -> str:
    """What the network says to everything else."""
    if rest.best == whole.best:
        return f"Everything else is still heard as {_heard(rest)}: the sound is there, too."
    return f"Everything else is heard as {_heard(rest)}."


def _heard(prediction: Prediction) -> str:
    """The class it leans to, how sure it is, and whether that is an answer."""
    if prediction.label == SILENCE:
        return "silence"
    said = f"{class_title(prediction.best)}, {percent_text(prediction.confidence)}"
    if prediction.is_strange:
        return f"{said} (but like nothing it learned)"
    return f"{said} (not sure)" if prediction.verdict else said


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
        return f"{means} is the same sound to {model_title(saved)}: {_heard(noise)}."
    return f"{means} comes near, but is heard as {_heard(noise)}."


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


def _shuffled(stretch: Stretch) -> Audio:
    from urbansound.inference.shuffling import shuffle_time

    return shuffle_time(stretch.audio, seed=0)


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
