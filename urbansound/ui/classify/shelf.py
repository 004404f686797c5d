"""The models at hand, in the order in which they are offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urbansound.evaluation.protocol import tested_protocol
from urbansound.models.catalog import MODELS
from urbansound.runs.weights import SavedModel
from urbansound.ui.words import extent_text, protocol_text, score_text

COMPARE, OTHER = "compare", "other"
_SHOWN = ("cnn", "mlp", "model1", "model2")
_BEST_FIRST = ("cnn", "mlp", "model2", "model1")
_ORIGINS = {"saved": "taught here", "shipped": "came with the app"}


@dataclass(frozen=True)
class Shelf:
    """The models at hand: by name the one that is offered first, and all others."""

    first: dict[str, SavedModel]
    others: tuple[SavedModel, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no model at all."""
        return not self.first and not self.others

    def options(self) -> list[str]:
        """What there is to choose: names, then "compare" and "other" where these make sense."""
        several = [COMPARE] if len(self.first) > 1 else []
        return [*self.first, *several, *([OTHER] if self.others else [])]

    def default(self) -> str:
        """The best name whose model has heard real sounds; else the first option."""
        real = (n for n in _BEST_FIRST if n in self.first and not self.first[n].card.is_synthetic)
        return next(real, self.options()[0])

    def twin(self, saved: SavedModel) -> SavedModel | None:
        """The model of the same name that this one hides: shipped where it is saved, or so."""
        hidden = (other for other in self.others if other.name == saved.name)
        return next((other for other in hidden if other.source != "run"), None)


def build_shelf(
    models: Sequence[SavedModel],
    sources: Mapping[str, str] | None = None,
    class_names: tuple[str, ...] | None = None,
) -> Shelf:
    """Saved before shipped, but one that has heard real sounds before one that has not.

    `sources` says for some names which a person wants first: "saved" or "shipped". Else one
    that knows just the classes of the dataset at hand, `class_names`, goes first.
    """
    wanted = sources or {}

    def rank(saved: SavedModel) -> tuple[bool, bool, bool]:
        is_wanted = saved.source == wanted.get(saved.name)
        is_of_others = class_names is not None and saved.card.class_names != class_names
        return not is_wanted, is_of_others, _is_made(saved)

    first: dict[str, SavedModel] = {}
    for name in _SHOWN:
        offered = [saved for saved in models if saved.name == name and saved.source != "run"]
        if offered:
            first[name] = min(offered, key=rank)
    kept = {id(saved) for saved in first.values()}
    return Shelf(first, tuple(saved for saved in models if id(saved) not in kept))


def _is_made(saved: SavedModel) -> bool:
    return saved.card.is_synthetic


def model_title(saved: SavedModel) -> str:
    """What a model is called here: "Model 1", with its moment where it is a run's."""
    title = MODELS[saved.name].title if saved.name in MODELS else saved.name
    if saved.source != "run":
        return title
    return f"{title} of {saved.card.created[:16].replace('T', ' ')}"


def model_subject(saved: SavedModel) -> str:
    """A model inside a sentence: "Model 1", "the CNN"."""
    title = model_title(saved)
    return title if title.startswith("Model ") else f"the {title}"


def other_title(saved: SavedModel) -> str:
    """A model in one line: where it comes from, what it learned from, its score."""
    card = saved.card
    origin = [_ORIGINS[saved.source]] if saved.source in _ORIGINS else []
    parts = [model_title(saved), *origin, card.dataset_name, protocol_text(tested_protocol(card))]
    if card.test is not None:
        parts.append(f"{score_text(card.test.accuracy)} of {extent_text(card.test)}")
    return " · ".join(parts)
