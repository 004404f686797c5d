"""`runs list|show|use|stop|resume|delete|restore|reproduce`."""

import argparse
from typing import TYPE_CHECKING, Any

from urbansound.cli.crew import check_run
from urbansound.cli.options import add_cluster_option, add_command, add_outputs_option
from urbansound.cli.output import Output, percent
from urbansound.cli.report import protocol_text, run_as_json, work_and_answer
from urbansound.errors import BadConfig

if TYPE_CHECKING:
    from urbansound.runs.folder import RunFolder

ACTIONS = ("list", "show", "use", "stop", "resume", "delete", "restore", "reproduce")


def add_commands(commands: Any) -> None:
    """Add `runs` to the parser."""
    runs = add_command(commands, "runs", run_runs, "list, show, use, stop or delete runs, go on")
    runs.add_argument("action", choices=ACTIONS)
    runs.add_argument("id", nargs="?", metavar="ID", help="a run's id, or how it begins")
    add_outputs_option(runs)
    add_cluster_option(runs)


def run_runs(args: argparse.Namespace, out: Output) -> int:
    """Hand over to the action asked for."""
    _check_cluster_fits(args)
    if args.action == "list":
        return _list(args, out)
    from urbansound.runs.store import find_run

    if not args.id:
        raise BadConfig(f"'runs {args.action}' needs a run's id. 'runs list' shows them.")
    if args.action == "restore":
        return _restore(args, out)
    actions = {
        "stop": _stop,
        "show": _show,
        "use": _use,
        "delete": _delete,
        "resume": _resume,
        "reproduce": _reproduce,
    }
    return actions[args.action](args, find_run(args.outputs, args.id), out)


def _list(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.store import list_runs, unreadable_runs

    rows = [{**run_as_json(run), "status": run.status()} for run in list_runs(args.outputs)]
    unreadable = unreadable_runs(args.outputs)
    for sentence in unreadable:
        out.note(sentence)
    text = "\n".join(_row_text(row) for row in rows) or "No runs yet. 'train' makes the first."
    out.answer({"runs": rows}, text)
    return 1 if unreadable else 0


def _row_text(row: dict[str, Any]) -> str:
    protocol = row["protocol"]
    folds = ",".join(map(str, protocol["test_folds"])) or "-"
    score = percent(row["test"]["accuracy"]) if row["test"] else "-"
    return f"{row['run']}  {row['status']:<11} {protocol['kind']}, test fold {folds}  {score}"


def _show(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    from urbansound.records import to_json
    from urbansound.runs.command import command_for

    command = command_for(run.spec)
    result = {
        **run_as_json(run),
        "status": run.status(),
        "spec": to_json(run.spec),
        "epochs": run.epochs(),
        "command": command,
    }
    text = f"{_row_text(result)}\n{protocol_text(run.spec.protocol)}\n{command}"
    out.answer(result, text)
    return 0


def _use(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    from urbansound.runs.saved import use_run

    path = use_run(args.outputs, run)
    result = {"run": run.id, "model": run.spec.model, "file": str(path)}
    out.answer(result, f"Run {run.id} is now the saved {run.spec.model}: '{path}'.")
    return 0


def _delete(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    from urbansound.runs.store import delete_run, purge_deleted

    delete_run(run)
    purge_deleted(args.outputs)
    text = f"Run {run.id} is deleted; for an hour 'runs restore' brings it back."
    out.answer({"run": run.id}, text)
    return 0


def _restore(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.store import restore_run

    run = restore_run(args.outputs, args.id)
    out.answer({"run": run.id}, f"Run {run.id} is back.")
    return 0


def _stop(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    from urbansound.runs.folder import ACTIVE

    if run.status() not in ACTIVE:
        raise BadConfig(f"Run '{run.id}' is not at work: it is {run.status()}.")
    run.request_stop()
    out.answer({"run": run.id}, f"Run {run.id} was asked to stop.")
    return 0


def _resume(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    from urbansound.runs.folder import check_resumable

    check_run(run.spec)
    check_resumable(run)
    if args.cluster is not None:
        _check_cluster_for(run, args.cluster)
    run.request_start()
    return work_and_answer(args.outputs, run, out, cluster=args.cluster)


def _check_cluster_fits(args: argparse.Namespace) -> None:
    if args.cluster is not None and args.action != "resume":
        raise BadConfig(f"'runs {args.action}' takes no --cluster. 'runs resume' does.")


def _check_cluster_for(run: "RunFolder", address: str) -> None:
    """BadConfig where it trains one network, or no scheduler answers."""
    from urbansound.cluster import check_cluster

    if not run.spec.is_crossval:
        raise BadConfig(
            f"Run '{run.id}' trains one network, on one machine. Only a cross-validation's folds "
            "go to a cluster: leave out --cluster."
        )
    check_cluster(address)


def _reproduce(args: argparse.Namespace, run: "RunFolder", out: Output) -> int:
    """The same spec again, and whether the test score is the same."""
    from urbansound.runs.agreement import differences
    from urbansound.runs.saved import run_card
    from urbansound.runs.store import create_run

    first = run_card(run)
    if first is None:
        raise BadConfig(f"Run '{run.id}' has no scores to agree with: it is {run.status()}.")
    again = create_run(args.outputs, run.spec)
    code = work_and_answer(args.outputs, again, out)
    if code:
        return code
    second = run_card(again)
    assert second is not None
    found = differences(first, second)
    out.note("; ".join(found) or "The scores are the same.")
    return 1 if found else 0
