"""Chips: the small labels that stand beside every score and every sound.

`*_chip` functions return Markdown, to be put into any text; `class_mark` returns HTML.
"""

import html

from urbansound.labels import class_style, class_title
from urbansound.records import Card, DatasetIndex, Protocol, Scores
from urbansound.ui.words import extent_text, plain, protocol_text


def calm_chip(text: str) -> str:
    """A grey chip, as Markdown."""
    return f":gray-badge[{plain(text)}]"


def warning_chip(text: str) -> str:
    """An orange chip, as Markdown."""
    return f":orange-badge[{plain(text)}]"


def score_chip(
    dataset_name: str, protocol: Protocol, scores: Scores | None = None, seed: int | None = None
) -> str:
    """What a score was obtained on and how: grey, with an orange chip where it leaks.

    With `scores` and `seed` a further chip, which a phone puts below, says how many clips
    and recordings it was taken on, and by which luck.
    """
    extent = [] if scores is None else [extent_text(scores)]
    luck = [] if seed is None else [f"seed {seed}"]
    more = [calm_chip(" · ".join([*extent, *luck]))] if extent or luck else []
    if protocol.kind == "random":
        return " ".join([calm_chip(dataset_name), *more, warning_chip(protocol_text(protocol))])
    return " ".join([calm_chip(f"{dataset_name} · {protocol_text(protocol)}"), *more])


def card_chip(card: Card) -> str:
    """The same for what a card says: of its test clips, else of its validation clips."""
    scores = card.test or card.validation
    chip = score_chip(card.dataset_name, card.spec.protocol, scores, card.spec.train.seed)
    return chip if card.test is not None else f"{calm_chip('validation clips')} {chip}"


def dataset_chip(index: DatasetIndex) -> str:
    """Which data this is: orange where the sounds are made by the app."""
    if index.is_synthetic:
        return warning_chip(f"{index.name} · made by this app")
    return calm_chip(index.name)


def class_mark(name: str, class_id: int = 0) -> str:
    """A class's icon in its colour with its name in the text's own, as HTML for `st.html`."""
    style = class_style(name, class_id)
    icon = (
        f'<span aria-hidden="true" style="font-family:\'Material Symbols Rounded\';'
        f"color:{style.color};font-size:1.25em;line-height:1;vertical-align:-0.22em;"
        f"font-feature-settings:'liga'\">{style.icon}</span>"
    )
    return f'<span style="white-space:nowrap">{icon} {html.escape(class_title(name))}</span>'
