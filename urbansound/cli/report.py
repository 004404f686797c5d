"""How a run is told on the command line."""

from pathlib import Path
from typing import Any

from urbansound.cli.output import Output, percent
from urbansound.errors import BadWeights
from urbansound.evaluation.intervals import mean_and_deviation
from urbansound.records import Card, Protocol, Scores
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import run_card
from urbansound.torchrun import find_place

_EXTENT = ("n", "n_recordings")


def work_and_answer(
    outputs: Path, run: RunFolder, out: Output, *, cluster: str | None = None
) -> int:
    """Bring the run to its end in this process and print what became of it; the exit code.

    With `cluster`, a scheduler's address, a cross-validation's work is done there.
    """
    from urbansound.runs.worker import work

    work(
        outputs,
        run,
        lambda done, total: out.progress("Features", done, total),
        cluster=cluster,
    )
    _answer_run(run, out)
    code = 0 if run.status() == "finished" else 1
    if not find_place().is_alone:
        from urbansound.experiment.crew import dismiss

        dismiss(code)
    return code


def _answer_run(run: RunFolder, out: Output) -> None:
    """A finished run's scores and files, or how far a stopped one came."""
    if run.status() != "finished":
        stopped = {"run": run.id, "model": run.spec.model, "status": run.status()}
        out.answer(stopped, f"Run {run.id} is {run.status()}. Go on with: runs resume {run.id}")
        return
    result = run_as_json(run)
    finished = run.last_event() or {}
    n_failed = next(e["n_failed"] for e in reversed(run.events()) if e["event"] == "started")
    if n_failed:
        out.note(f"{n_failed} clips could not be read and were left out. 'check' names them.")
    result["seconds"] = finished.get("seconds")
    if run.spec.is_crossval:
        _answer_folds(run, result, out)
        return
    result["file"] = finished.get("saved_as") or str(run.weights_path)
    lines = [f"Run {run.id} ({protocol_text(run.spec.protocol)})"]
    card = _card_or_none(run)
    for name in ("validation", "test"):
        if result[name]:
            extent = extent_text(getattr(card, name), run.spec.protocol.seed)
            lines.append(f"{name:<11}{percent(result[name]['accuracy'])} right ({extent})")
    lines.append(f"weights    {result['file']}")
    out.answer(result, "\n".join(lines))


def _answer_folds(run: RunFolder, result: dict[str, Any], out: Output) -> None:
    """A cross-validation's folds, their mean and deviation; `test` is of all clips together."""
    card = _card_or_none(run)
    assert card is not None
    assert card.test is not None
    accuracies = [fold.scores.accuracy for fold in card.folds]
    mean, std = mean_and_deviation(accuracies)
    rows = [{"fold": fold.fold, **fold_figures(fold.scores)} for fold in card.folds]
    del result["validation"]
    result.update(folds=rows, mean=mean, std=std)
    lines = [f"Run {run.id} ({protocol_text(run.spec.protocol)})"]
    lines += [
        f"fold {fold.fold:>2}  {percent(fold.scores.accuracy)} ({fold.scores.n} clips)"
        for fold in card.folds
    ]
    lines.append(
        f"mean {percent(mean)}, deviation {percent(std)} over folds, each tested once "
        f"({extent_text(card.test, run.spec.train.seed)})"
    )
    out.answer(result, "\n".join(lines))


def fold_figures(scores: Scores) -> dict[str, Any]:
    """One fold's figures as the contract names them, and how many clips they are of."""
    names = ("accuracy", "loss", "macro_f1", "n", "n_recordings")
    return {name: getattr(scores, name) for name in names}


def extent_text(scores: Scores, seed: int) -> str:
    """What a score was taken on: "837 clips of 80 recordings, seed 0"."""
    recordings = "" if scores.n_recordings is None else f" of {scores.n_recordings} recordings"
    return f"{scores.n} clips{recordings}, seed {seed}"


def run_as_json(run: RunFolder) -> dict[str, Any]:
    """The run's figures; scores are None where it has none (yet)."""
    card = _card_or_none(run)
    return {
        "run": run.id,
        "model": run.spec.model,
        "protocol": protocol_as_json(run.spec.protocol),
        "seed": run.spec.train.seed,
        "validation": _scores(card.validation if card else None, "loss", "accuracy", *_EXTENT),
        "test": _scores(card.test if card else None, "loss", "accuracy", "macro_f1", *_EXTENT),
    }


def _card_or_none(run: RunFolder) -> Card | None:
    try:
        return run_card(run)
    except BadWeights:
        return None


def protocol_as_json(protocol: Protocol) -> dict[str, Any]:
    """The protocol as the contract names it."""
    return {
        "kind": protocol.kind,
        "test_folds": list(protocol.test_folds),
        "validation_folds": list(protocol.validation_folds),
    }


def protocol_text(protocol: Protocol) -> str:
    """The protocol in a few words: "official, test fold 10"."""
    if protocol.kind == "random":
        return "random split, leaks"
    folds = ", ".join(str(fold) for fold in protocol.test_folds) or "none"
    return f"official, test fold {folds}"


def _scores(scores: Scores | None, *names: str) -> dict[str, Any] | None:
    return None if scores is None else {name: getattr(scores, name) for name in names}
