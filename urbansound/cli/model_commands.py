"""Commands that make and use models: train, crossval, evaluate, export, doctor."""

import argparse
from typing import TYPE_CHECKING, Any

from urbansound.cli.options import (
    add_cluster_option,
    add_command,
    add_data_option,
    add_outputs_option,
    dataset,
    fold_list,
)
from urbansound.cli.output import Output, percent
from urbansound.cli.profiling import add_profile_option, profiled
from urbansound.cli.report import (
    extent_text,
    protocol_as_json,
    protocol_text,
    work_and_answer,
)
from urbansound.cli.train_options import (
    add_protocol_options,
    add_train_options,
    crossval_spec,
    run_spec,
)
from urbansound.evaluation.protocol import tested_protocol
from urbansound.stages import stage

if TYPE_CHECKING:
    from urbansound.runs.weights import SavedModel


def add_commands(commands: Any) -> None:
    """Add this group's commands to the parser."""
    train = add_command(commands, "train", run_train, "train one model to its end")
    add_train_options(train)
    add_protocol_options(train)
    add_profile_option(train)
    crossval = add_command(
        commands, "crossval", run_crossval, "train once per fold; every fold tests once"
    )
    add_train_options(crossval)
    crossval.add_argument("--folds", type=fold_list, metavar="1,2,…", help="test folds (all)")
    crossval.add_argument("--protocol", choices=("official",), default="official")
    crossval.add_argument(
        "--validation-fold", choices=("none",), help="none: train on all other folds"
    )
    add_cluster_option(crossval)
    evaluate = add_command(commands, "evaluate", run_evaluate, "score saved weights on a dataset")
    add_data_option(evaluate)
    _add_model_options(evaluate)
    evaluate.add_argument("--folds", type=fold_list, metavar="1,2,…", help="all present without")
    export = add_command(commands, "export", run_export, "write weights for use elsewhere")
    _add_model_options(export)
    export.add_argument("--format", choices=("safetensors", "onnx"), default="safetensors")
    doctor = add_command(commands, "doctor", run_doctor, "look over this installation")
    add_data_option(doctor)
    add_outputs_option(doctor)


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    add_outputs_option(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", default="model1", metavar="M", help="a saved model (model1)")
    which.add_argument("--run", metavar="ID", help="a finished run")


def _saved_model(args: argparse.Namespace) -> "SavedModel":
    from urbansound.runs.saved import find_model

    return find_model(args.outputs, args.run or args.model)


@profiled
def run_train(args: argparse.Namespace, out: Output) -> int:
    """Train in this very process, as a run like any other."""
    with stage("loading libraries"):
        from urbansound.runs.store import create_run
        from urbansound.training.device import choose_device

    with stage("reading the list of clips"):
        spec, _ = run_spec(args)
    choose_device(spec.train.device)
    run = create_run(args.outputs, spec)
    out.note(f"Run {run.id}")
    return work_and_answer(args.outputs, run, out)


def run_crossval(args: argparse.Namespace, out: Output) -> int:
    """Every fold tests once, as a run like any other."""
    from urbansound.cluster import check_cluster
    from urbansound.runs.store import create_run
    from urbansound.training.device import choose_device

    spec = crossval_spec(args)
    if args.cluster is None:
        choose_device(spec.train.device)
    else:
        check_cluster(args.cluster)
    run = create_run(args.outputs, spec)
    out.note(f"Run {run.id}")
    return work_and_answer(args.outputs, run, out, cluster=args.cluster)


def run_evaluate(args: argparse.Namespace, out: Output) -> int:
    """Score saved weights; a warning where the model was trained on what it is asked."""
    from urbansound.experiment.scoring import evaluate, heard_in_training
    from urbansound.records import to_json

    saved = _saved_model(args)
    index = dataset(args)
    scores = evaluate(saved, index, args.folds)
    if heard_in_training(saved.card, index, args.folds):
        out.note(
            "Some of these clips trained or chose this model, so this score flatters it. "
            f"Its card's score was taken under: {protocol_text(tested_protocol(saved.card))}."
        )
    protocol, seed = tested_protocol(saved.card), saved.card.spec.train.seed
    result = to_json(scores)
    result.pop("loss")
    result["folds"] = list(args.folds or index.folds)
    result.update(protocol=protocol_as_json(protocol), seed=seed)
    lines = [f"{row.name:<18}{percent(row.f1):>8} F1 on {row.n} clips" for row in scores.per_class]
    lines.append(f"{percent(scores.accuracy)} right ({extent_text(scores, seed)})")
    lines.append(f"its own score was taken under: {protocol_text(protocol)}")
    out.answer(result, "\n".join(lines))
    return 0


def run_export(args: argparse.Namespace, out: Output) -> int:
    """Weights and, beside them, how to feed them and read them."""
    from urbansound.runs.export import export_model

    path = export_model(_saved_model(args), args.outputs / "export", args.format)
    out.answer({"file": str(path)}, f"Written to '{path}', with its card beside it.")
    return 0


def run_doctor(args: argparse.Namespace, out: Output) -> int:
    """What a person would ask before asking for help; exit 1 when something is amiss."""
    from urbansound.cli.doctor import examine

    findings = examine(args.data, args.outputs)
    is_ok = all(finding["ok"] for finding in findings)
    lines = [
        f"{'ok ' if finding['ok'] else 'BAD'} {finding['what']}: {finding['message']}"
        for finding in findings
    ]
    out.answer({"ok": is_ok, "findings": findings}, "\n".join(lines))
    return 0 if is_ok else 1
