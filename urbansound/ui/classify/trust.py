"""How far a model is to be trusted: its score in words and chips, and what it may know."""

from urbansound.evaluation.proportions import share_interval
from urbansound.evaluation.protocol import has_never_heard, tested_protocol
from urbansound.records import Card, Scores
from urbansound.ui.chips import card_chip, score_chip
from urbansound.ui.classify.sound import Sound
from urbansound.ui.data import has_folds_of
from urbansound.ui.words import folds_text

# Of fewer clips a share says little.
_ENOUGH = 40
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


def times_text(accuracy: float) -> str:
    """A score in words: "about half the time", "about 3 times out of 4"."""
    return _TIMES[min(_TIMES, key=lambda known: abs(known - accuracy))]


def trust_chips(card: Card) -> str:
    """The chips that belong beside the card's score, as Markdown."""
    if not card.folds:
        return card_chip(card)
    return score_chip(card.dataset_name, tested_protocol(card), card.test, card.spec.train.seed)


def trust_sentence(card: Card) -> str:
    """How often the model is right, on what, and what guessing would reach."""
    guessing = f"Guessing: {100 / len(card.class_names):.0f} %."
    if card.test is None:
        return f"It has not been tested on recordings it never heard. {guessing}"
    often = f"Right {_how_often(card.test)}"
    what = "made-up sounds" if card.is_synthetic else "recordings"
    if card.folds:
        return f"{often} on {what} it never heard, {_folds_left_out(card)} {guessing}"
    if card.spec.protocol.kind == "random":
        return (
            f"{often} on clips cut from recordings that it mostly knew; "
            f"on new recordings it is right less often. {guessing}"
        )
    return f"{often} on {what} it never heard. {guessing}"


def _how_often(scores: Scores) -> str:
    """A score in words; of a few clips, the count and how far that can be trusted."""
    if scores.n >= _ENOUGH:
        return times_text(scores.accuracy)
    hits = round(scores.accuracy * scores.n)
    low, high = share_interval(hits, scores.n)
    return f"{hits} of {scores.n} times, which may mean {100 * low:.0f} to {100 * high:.0f} %,"


def _folds_left_out(card: Card) -> str:
    folds = folds_text(tested_protocol(card).test_folds)
    if len(card.folds) == 1:
        return f"measured by leaving {folds} out. It then learned from that too."
    return f"measured by leaving each of {folds} out in turn. It then learned from all of them."


def familiarity(card: Card, sound: Sound) -> str:
    """Whether the model may have learned from this very clip; empty where that says nothing."""
    if sound.dataset is None or sound.clip is None:
        return ""
    if sound.dataset.is_synthetic and not card.is_synthetic:
        return "The app made this sound; the model has only heard real ones."
    if not has_folds_of(card, sound.dataset):
        return ""
    if has_never_heard(card, sound.clip.fold):
        return "The model never heard this recording."
    return "The model may have learned from this very clip."
