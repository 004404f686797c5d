"""`leak`: one network under both splits of the same clips, and what the difference is made of."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from urbansound.cli.options import add_command
from urbansound.cli.output import Output, percent
from urbansound.cli.report import extent_text, protocol_text, run_as_json
from urbansound.cli.train_options import add_protocol_options, add_train_options, run_spec
from urbansound.errors import BadConfig

if TYPE_CHECKING:
    from urbansound.records import RunSpec
    from urbansound.runs.folder import RunFolder


def add_commands(commands: Any) -> None:
    """Add `leak` to the parser."""
    leak = add_command(
        commands, "leak", run_leak, "train under both protocols and show what a random split leaks"
    )
    add_train_options(leak)
    add_protocol_options(leak)


def run_leak(args: argparse.Namespace, out: Output) -> int:
    """Two runs of the same settings; exit 1 where one of them was stopped."""
    from urbansound.records import Protocol
    from urbansound.runs.store import create_run
    from urbansound.runs.worker import work

    spec, _ = run_spec(args)
    if spec.protocol.kind == "random":
        raise BadConfig("'leak' trains under both protocols by itself. Leave --protocol out.")
    random = Protocol("random", (), (), spec.protocol.seed)
    answer: dict[str, Any] = {}
    lines: list[str] = []
    for one in (spec, replace(spec, protocol=random)):
        run = create_run(args.outputs, one)
        out.note(f"Run {run.id}")
        work(args.outputs, run, lambda done, total: out.progress("Features", done, total))
        if run.status() != "finished":
            out.answer({"run": run.id, "status": run.status()}, f"Run {run.id} was stopped.")
            return 1
        kind = one.protocol.kind
        answer[kind] = {**run_as_json(run), **_figures(one)}
        lines.append(_line(run, answer[kind]))
    out.answer(answer, "\n".join(lines))
    return 0


def _figures(spec: "RunSpec") -> dict[str, float | None]:
    """What of the test clips' recordings was trained on, and what memory alone would score."""
    from urbansound.evaluation.leakage import leaked_share, lookup_accuracy
    from urbansound.experiment.material import load_material

    material = load_material(spec)
    recordings, labels, split = material.recordings, material.table.labels, material.split
    if (recordings < 0).any() or not len(split.test):
        return {"leaked_share": None, "lookup_accuracy": None}
    return {
        "leaked_share": leaked_share(split, recordings, labels),
        "lookup_accuracy": lookup_accuracy(split, recordings, labels),
    }


def _line(run: "RunFolder", figures: dict[str, Any]) -> str:
    from urbansound.runs.saved import run_card

    card = run_card(run)
    if card is None or card.test is None:
        return f"{protocol_text(run.spec.protocol)}: no clip was left to test on"
    extent = extent_text(card.test, run.spec.train.seed)
    head = f"{protocol_text(run.spec.protocol)}: {percent(card.test.accuracy)} right ({extent})"
    if figures["leaked_share"] is None:
        return f"{head}; recordings are not known here"
    return (
        f"{head}; {percent(figures['leaked_share'])} of these clips share their recording with a "
        f"training clip, and looking recordings up, without any sound, is right on "
        f"{percent(figures['lookup_accuracy'])}"
    )
