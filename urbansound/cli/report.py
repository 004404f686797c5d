"""How a run is told on the command line."""

from pathlib import Path
from typing import Any

from urbansound.cli.output import Output, percent
from urbansound.errors import BadWeights
from urbansound.records import Card, Protocol, Scores
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import run_model


def work_and_answer(outputs: Path, run: RunFolder, out: Output) -> int:
    """Bring the run to its end in this process and print what became of it; the exit code."""
    from urbansound.runs.worker import work

    work(outputs, run, lambda done, total: out.progress("Features", done, total))
    _answer_run(run, out)
    return 0 if run.status() == "finished" else 1


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
    file = finished.get("saved_as") or str(run.weights_path)
    result.update(seconds=finished.get("seconds"), file=file)
    lines = [f"Run {run.id} ({protocol_text(run.spec.protocol)})"]
    for name in ("validation", "test"):
        if result[name]:
            lines.append(f"{name:<11}{percent(result[name]['accuracy'])} right")
    lines.append(f"weights    {result['file']}")
    out.answer(result, "\n".join(lines))


def run_as_json(run: RunFolder) -> dict[str, Any]:
    """The run's figures; scores are None where it has none (yet)."""
    card = _card_or_none(run)
    return {
        "run": run.id,
        "model": run.spec.model,
        "protocol": protocol_as_json(run.spec.protocol),
        "validation": _scores(card.validation if card else None, "loss", "accuracy"),
        "test": _scores(card.test if card else None, "loss", "accuracy", "macro_f1"),
    }


def _card_or_none(run: RunFolder) -> Card | None:
    try:
        return run_model(run).card if run.weights_path.exists() else None
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


def _scores(scores: Scores | None, *names: str) -> dict[str, float] | None:
    return None if scores is None else {name: getattr(scores, name) for name in names}
