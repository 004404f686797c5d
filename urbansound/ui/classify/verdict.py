"""A network's answer in words, and its colour and icon."""

import math

from urbansound.labels import NOT_SURE, SILENCE, SoundClass, class_style, class_title
from urbansound.records import Calibration, Prediction
from urbansound.ui.theme import INK

_BANDS = ((0.9, "Very sure"), (0.7, "Fairly sure"), (0.0, "Probably"))
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}
# A second candidate this much less likely than the first is not worth the title.
_FAR_BEHIND = 0.25
# Thresholds up to here say "rather right than wrong"; higher ones were chosen for precision.
_EVEN = 0.5


def percent_text(chance: float) -> str:
    """A probability as a person reads it, unbroken: "71 %", "under 1 %", "over 99 %"."""
    if chance < 0.01:
        return "under 1\u00a0%"
    return "over 99\u00a0%" if chance > 0.99 else f"{100 * chance:.0f}\u00a0%"


def heard_name(prediction: Prediction) -> str:
    """What was heard, in a word or two: "dog bark", "dog bark?" where unsure, "silence"."""
    if prediction.label == SILENCE:
        return "silence"
    name = class_title(prediction.best)
    return f"{name}?" if prediction.verdict else name


def heard_text(prediction: Prediction) -> str:
    """What was heard, and how sure that is: "dog bark, 71 %", "dog bark? 31 %", "silence"."""
    if prediction.label == SILENCE:
        return "silence"
    mark = "" if prediction.verdict else ","
    return f"{heard_name(prediction)}{mark} {percent_text(prediction.confidence)}"


def heard_phrase(prediction: Prediction) -> str:
    """What was heard, to stand inside a sentence: "dog bark, 31 % (not sure)", "silence"."""
    if prediction.label == SILENCE:
        return "silence"
    said = f"{class_title(prediction.best)}, {percent_text(prediction.confidence)}"
    doubt = doubt_text(prediction)
    return f"{said} ({doubt})" if doubt else said


def doubt_text(prediction: Prediction) -> str:
    """Why something heard is not named: "not sure", "like nothing it learned"; else empty."""
    if prediction.is_strange:
        return "like nothing it learned"
    return "not sure" if prediction.label == NOT_SURE else ""


def look(prediction: Prediction) -> tuple[str, str]:
    """Colour and icon of an answer: its class's, or ink where nothing is named."""
    if prediction.label == SILENCE:
        return INK, "volume_off"
    if prediction.verdict:
        return INK, "help"
    style = leaning(prediction)
    return style.color, style.icon


def leaning(prediction: Prediction) -> SoundClass:
    """The class put first, whatever the verdict, with its colour and icon."""
    return class_style(prediction.best, prediction.labels.index(prediction.best))


def ranked(prediction: Prediction) -> list[tuple[str, float]]:
    """(class name, probability), the most probable first."""
    pairs = zip(prediction.labels, map(float, prediction.probabilities), strict=True)
    return sorted(pairs, key=lambda pair: -pair[1])


def answer_title(prediction: Prediction) -> str:
    """The answer in a few words: "Dog bark", "Gun shot or dog bark?", "None of the ten?"."""
    if prediction.label == SILENCE:
        return "Silence"
    if prediction.is_strange:
        n = len(prediction.labels)
        return f"None of the {_NUMBERS.get(n, n)}?"
    (first, chance), *others = ranked(prediction)
    names = [class_title(first)]
    if prediction.label == NOT_SURE:
        names += [class_title(name) for name, p in others[:1] if p >= _FAR_BEHIND * chance]
        return f"{' or '.join(names)}?".capitalize()
    return names[0].capitalize()


def answer_sentence(prediction: Prediction) -> str:
    """How sure it is and what comes next, in one sentence or two."""
    if prediction.label == SILENCE:
        return "There is nothing to be heard, so there is nothing to name."
    (first, chance), *others = ranked(prediction)
    if prediction.is_strange:
        nearest = f"{class_title(first)} {percent_text(chance)}"
        return f"This does not sound like anything it learned. Nearest: {nearest}."
    if prediction.label == NOT_SURE:
        options = [(first, chance), *others[:1]]
        listed = ", ".join(f"{class_title(name)} {percent_text(p)}" for name, p in options)
        return f"Not sure: {listed}."
    said = f"{band_text(chance)}: {percent_text(chance)}."
    if not others:
        return said
    return f"{said} Next: {class_title(others[0][0])}, {percent_text(others[0][1])}."


def band_text(chance: float) -> str:
    """Words for a confidence above the threshold of "not sure"."""
    return next(words for least, words in _BANDS if chance >= least)


def doubt_sentence(prediction: Prediction, calibration: Calibration) -> str:
    """Why a network that leans to an answer does not give it; empty where it is not so."""
    if prediction.label != NOT_SURE or prediction.is_strange:
        return ""
    least = f"{math.ceil(100 * calibration.threshold)}\u00a0%"
    if calibration.threshold <= _EVEN:
        return f"It answers from {least} up."
    return f"It answers only from {least} up, which aims at being right 19 times out of 20."
