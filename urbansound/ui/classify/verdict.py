"""A network's answer in words, and how far to trust it."""

from collections.abc import Sequence

from urbansound.labels import NOT_SURE, SILENCE, class_title
from urbansound.records import Card, Prediction

_BANDS = ((0.9, "Very sure"), (0.7, "Fairly sure"), (0.0, "Probably"))
_TIMES = {
    0.0: "almost never",
    1 / 10: "about 1 time out of 10",
    1 / 5: "about 1 time out of 5",
    1 / 4: "about 1 time out of 4",
    1 / 3: "about 1 time out of 3",
    1 / 2: "about half the time",
    3 / 5: "about 3 times out of 5",
    2 / 3: "about 2 times out of 3",
    3 / 4: "about 3 times out of 4",
    4 / 5: "about 4 times out of 5",
    9 / 10: "about 9 times out of 10",
    1.0: "almost always",
}


def percent_text(chance: float) -> str:
    """A probability as a person reads it, unbroken: "71 %", "under 1 %", "over 99 %"."""
    if chance < 0.01:
        return "under 1\u00a0%"
    return "over 99\u00a0%" if chance > 0.99 else f"{100 * chance:.0f}\u00a0%"


def ranked(prediction: Prediction) -> list[tuple[str, float]]:
    """(class name, probability), the most probable first."""
    pairs = zip(prediction.labels, map(float, prediction.probabilities), strict=True)
    return sorted(pairs, key=lambda pair: -pair[1])


def answer_title(prediction: Prediction) -> str:
    """The answer in a few words: "Dog bark", "Gun shot or dog bark?", "Silence"."""
    if prediction.label == SILENCE:
        return "Silence"
    names = [class_title(name) for name, _ in ranked(prediction)]
    if prediction.label == NOT_SURE:
        return f"{' or '.join(names[:2])}?".capitalize()
    return names[0].capitalize()


def answer_sentence(prediction: Prediction) -> str:
    """How sure it is and what comes next, in one sentence or two."""
    if prediction.label == SILENCE:
        return "There is nothing to be heard, so there is nothing to name."
    (first, chance), *others = ranked(prediction)
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


def times_text(accuracy: float) -> str:
    """A score in words: "about half the time", "about 3 times out of 4"."""
    return _TIMES[min(_TIMES, key=lambda known: abs(known - accuracy))]


def trust_sentence(card: Card) -> str:
    """How often the model is right, on what, and what guessing would reach."""
    guessing = f"Guessing: {100 / len(card.class_names):.0f} %."
    if card.test is None:
        return f"It has not been tested on recordings it never heard. {guessing}"
    often = f"Right {times_text(card.test.accuracy)}"
    if card.spec.protocol.kind == "random":
        return (
            f"{often} on clips cut from recordings that it mostly knew; "
            f"on new recordings it is right less often. {guessing}"
        )
    what = "made-up sounds" if card.is_synthetic else "recordings"
    return f"{often} on {what} it never heard. {guessing}"


def agreement_sentence(answers: Sequence[tuple[str, Prediction]]) -> str:
    """Whether two models, each with its title, say the same."""
    (one, first), (other, second) = answers
    best = class_title(first.best)
    if first.label == second.label == SILENCE:
        return "Both hear silence."
    if first.label == second.label == NOT_SURE:
        if first.best == second.best:
            return f"Neither is sure; both put {best} first."
        return f"Neither is sure: {one} leans to {best}, {other} to {class_title(second.best)}."
    if first.label == second.label:
        return f"They agree: both hear {best}."
    said = [f"{one} {_hearing(first)}", f"{other} {_hearing(second)}"]
    if NOT_SURE in (first.label, second.label):
        return f"{said[0]}; {said[1]}."
    return f"They disagree: {said[0]}, {said[1]}."


def _hearing(prediction: Prediction) -> str:
    if prediction.label == NOT_SURE:
        return f"is not sure but leans to {class_title(prediction.best)}"
    return f"hears {class_title(prediction.label)}"
