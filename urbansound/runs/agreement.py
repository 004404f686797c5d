"""Whether a run that was done again came to the same."""

from dataclasses import replace
from pathlib import Path

from urbansound.records import Card, Scores
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import list_runs


def find_repeats(outputs: Path, run: RunFolder) -> list[RunFolder]:
    """The other runs that were asked for exactly the same, newest first."""
    others = (other for other in list_runs(outputs) if other.id != run.id)
    return [other for other in others if other.spec == run.spec]


def differences(first: Card, second: Card) -> list[str]:
    """What is not the same about two cards of one spec, in words; empty where they agree.

    Scores agree when every number of them does, to the last digit.
    """
    found = []
    if first.data_digest != second.data_digest:
        found.append("The dataset is not the one of then")
    for name, then, now in _pairs(first, second):
        if not _agree(then, now):
            accuracies = f"{_percent(then.accuracy)} then, {_percent(now.accuracy)} now"
            found.append(f"The {name} scores differ: {accuracies}")
    changed = [name for name in first.versions if first.versions[name] != second.versions.get(name)]
    if found and changed:
        found.append(f"other versions of {', '.join(changed)}")
    return found


def _agree(then: Scores, now: Scores) -> bool:
    """Equal in every number; runs of 0.1 did not count recordings."""
    if then.n_recordings is None or now.n_recordings is None:
        then, now = replace(then, n_recordings=None), replace(now, n_recordings=None)
    return then == now


def _pairs(first: Card, second: Card) -> list[tuple[str, Scores, Scores]]:
    """The scores that both cards have: (what they are of, then, now)."""
    pairs = [
        ("validation", first.validation, second.validation),
        ("test", first.test, second.test),
        *(
            (f"fold {then.fold}", then.scores, now.scores)
            for then, now in zip(first.folds, second.folds, strict=False)
        ),
    ]
    return [(name, then, now) for name, then, now in pairs if then is not None and now is not None]


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
