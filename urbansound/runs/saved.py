"""Which models a person can classify with: saved, shipped, or a finished run's."""

from contextlib import AbstractContextManager
from pathlib import Path

from urbansound.errors import BadConfig, BadWeights
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED
from urbansound.records import Card
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import find_run, list_runs
from urbansound.runs.weights import SavedModel, card_path, read_card, read_saved, replace_saved
from urbansound.sole_use import sole_writer

_SHIPPED = "shipped:"


def find_model(outputs: Path, key: str) -> SavedModel:
    """The model of this key: "model1" (saved here, else shipped), "shipped:model1", a run id.

    BadConfig where there is none of that key, BadWeights where its files are damaged.
    """
    name = key.removeprefix(_SHIPPED)
    if name not in MODELS:
        return run_model(_run_of(outputs, key))
    places = [(PRETRAINED, "shipped")]
    if not key.startswith(_SHIPPED):
        places.insert(0, (outputs, "saved"))
    for folder, source in places:
        path = folder / f"{name}.pth"
        if path.exists():
            return read_saved(path, source)
    raise BadConfig(f"There is no saved {name} yet. Train it first: it then stands in '{outputs}'.")


def _run_of(outputs: Path, key: str) -> RunFolder:
    try:
        return find_run(outputs, key)
    except BadConfig as error:
        names = ", ".join(MODELS)
        raise BadConfig(f"'{key}' is neither a model ({names}) nor a run's id.") from error


def run_model(run: RunFolder) -> SavedModel:
    """A finished run's own weights; BadConfig where it has none."""
    if run.spec.is_crossval:
        raise BadConfig(
            f"Run '{run.id}' is a cross-validation: it judges settings and keeps no weights. "
            "Train once with the same settings for a model to use."
        )
    if not run.weights_path.exists():
        raise BadConfig(f"Run '{run.id}' has no weights yet: it is {run.status()}.")
    return read_saved(run.weights_path, "run")


def run_card(run: RunFolder) -> Card | None:
    """A finished run's card, after the checksum of its weights; None where it has none yet.

    BadWeights where card or weights are damaged.
    """
    if not run.spec.is_crossval:
        return run_model(run).card if run.weights_path.exists() else None
    path = card_path(run.weights_path)
    return read_card(path) if path.exists() else None


def list_models(outputs: Path) -> tuple[list[SavedModel], list[BadWeights]]:
    """Saved and shipped models, then finished runs, newest first; and what is damaged.

    A run whose weights are the saved model is not named twice.
    """
    found: list[SavedModel] = []
    damaged: list[BadWeights] = []
    paths = [(outputs / f"{name}.pth", "saved") for name in MODELS]
    paths += [(PRETRAINED / f"{name}.pth", "shipped") for name in MODELS]
    paths += [(run.weights_path, "run") for run in list_runs(outputs)]
    seen: set[str] = set()
    for path, source in paths:
        if path.exists():
            try:
                saved = read_saved(path, source)
            except BadWeights as error:
                damaged.append(error)
                continue
            if saved.card.sha256 not in seen:
                seen.add(saved.card.sha256)
                found.append(saved)
    return found, damaged


def use_run(outputs: Path, run: RunFolder) -> Path:
    """Make a run's weights the saved model of its name; the path they now stand at."""
    with _sole_writer(outputs):
        return _save(outputs, run_model(run))


def offer_run(outputs: Path, run: RunFolder) -> Path | None:
    """The same where `is_worth_saving` says so, else None."""
    model = run_model(run)
    with _sole_writer(outputs):
        return _save(outputs, model) if is_worth_saving(outputs, model.card) else None


def _sole_writer(outputs: Path) -> AbstractContextManager[None]:
    """Two writers in turn: interleaved they would leave one's card with the other's weights."""
    return sole_writer(outputs / "saved.lock")


def _save(outputs: Path, model: SavedModel) -> Path:
    target = outputs / f"{model.name}.pth"
    replace_saved(target, model.weights_path.read_bytes(), model.card)
    return target


def is_worth_saving(outputs: Path, card: Card) -> bool:
    """True when a finished run may become the saved model by itself.

    That is so where this machine has none of that name that can be used, or where the run
    is better by validation accuracy on the same data, protocol and folds. Test scores never
    decide.
    """
    path = outputs / f"{card.spec.model}.pth"
    if not path.exists():
        return True
    try:
        current = read_saved(path, "saved").card
    except BadWeights:
        return True
    is_comparable = (
        current.data_digest == card.data_digest and current.spec.protocol == card.spec.protocol
    )
    if not is_comparable or current.validation is None or card.validation is None:
        return False
    return card.validation.accuracy > current.validation.accuracy
