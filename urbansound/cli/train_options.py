"""From a command line's training options to a run spec, and back to the command line."""

import argparse
import sys
from dataclasses import fields, replace

from urbansound.cli.options import add_data_option, add_outputs_option, data_root, fold_or_none
from urbansound.evaluation.protocol import build_protocol, crossval_protocol
from urbansound.models.catalog import MODELS, find_model_info
from urbansound.records import DatasetIndex, RunSpec, TrainConfig
from urbansound.training.config import PRESETS, check_config, check_fits, find_preset, own_preset

_DEFAULT = object()
_OVERRIDES = tuple(item.name for item in fields(TrainConfig))


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Model, preset and every setting that may differ from the preset."""
    add_data_option(parser)
    add_outputs_option(parser)
    parser.add_argument("--model", default="model1", help=f"one of {', '.join(MODELS)} (model1)")
    parser.add_argument("--features", metavar="F", help="what it learns from (the model's choice)")
    parser.add_argument(
        "--preset", metavar="P", help=f"one of {', '.join(PRESETS)} (the model's own)"
    )
    parser.add_argument("--exclude", metavar="LIST", help="a named list of clips not to learn from")
    parser.add_argument("--epochs", type=int, metavar="N")
    parser.add_argument("--batch-size", type=int, metavar="B")
    parser.add_argument("--optimizer", metavar="O", help="adam, adamw or sgd")
    parser.add_argument("--lr", type=float, metavar="L", help="(highest) learning rate")
    parser.add_argument("--schedule", metavar="S", help="constant or one-cycle")
    parser.add_argument("--weight-decay", type=float, metavar="W")
    parser.add_argument("--mixup", type=float, metavar="A", help="alpha of mixup, 0 for none")
    parser.add_argument("--average", type=float, metavar="SHARE", help="of epochs to average")
    parser.add_argument(
        "--augment",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="vary spectrograms in training",
    )
    parser.add_argument("--patience", type=int, metavar="N", help="epochs without a better loss")
    parser.add_argument(
        "--standardise",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="scale inputs by the training clips' mean and deviation",
    )
    parser.add_argument("--seed", type=int, metavar="S")
    parser.add_argument("--device", metavar="D", help="auto, cpu, cuda, cuda:1 or mps")


def add_protocol_options(parser: argparse.ArgumentParser) -> None:
    """Which clips train, validate and test."""
    parser.add_argument(
        "--protocol", default="official", help="official, or random (the article's, leaks)"
    )
    parser.add_argument("--test-fold", type=_fold, default=_DEFAULT, metavar="K|none")
    parser.add_argument("--validation-fold", type=_fold, default=_DEFAULT, metavar="K|none")


def train_config(args: argparse.Namespace, index: DatasetIndex) -> TrainConfig:
    """The preset with the options that were given; BadConfig where they cannot work."""
    info = find_model_info(args.model)
    preset = find_preset(args.preset or own_preset(info, is_synthetic=index.is_synthetic))
    given = {name: getattr(args, name) for name in _OVERRIDES}
    config = replace(preset, **{name: value for name, value in given.items() if value is not None})
    check_config(config)
    check_fits(config, info)
    return config


def run_spec(args: argparse.Namespace) -> tuple[RunSpec, DatasetIndex]:
    """The spec that the options ask for, checked against the dataset that is there."""
    from urbansound.dataset.index import load_dataset
    from urbansound.experiment.material import features_for
    from urbansound.runs.exclusions import find_exclusions

    find_model_info(args.model)
    root = data_root(args)
    index = load_dataset(root)
    config = train_config(args, index)
    test, validation = args.test_fold, args.validation_fold
    if args.protocol == "random" and (test, validation) != (_DEFAULT, _DEFAULT):
        print("A random split has no folds: the folds given are not used.", file=sys.stderr)
    protocol = build_protocol(
        index.folds,
        kind=args.protocol,
        test_fold=None if test is _DEFAULT else test,
        validation_fold=None if validation is _DEFAULT else validation,
        with_test=test is not None,
        with_validation=validation is not None,
        seed=config.seed,
    )
    spec = RunSpec(
        str(root.resolve()),
        args.model,
        features_for(args.model, index, args.features),
        config,
        protocol,
        exclusions=find_exclusions(args.outputs, args.exclude) if args.exclude else None,
    )
    return spec, index


def crossval_spec(args: argparse.Namespace) -> RunSpec:
    """The same for a cross-validation over the folds asked for, all that are there without."""
    with_validation = args.validation_fold != "none"
    args.test_fold, args.validation_fold = None, None
    spec, index = run_spec(args)
    folds = args.folds or index.folds
    protocol = crossval_protocol(
        index.folds, folds, with_validation=with_validation, seed=spec.train.seed
    )
    return replace(spec, protocol=protocol, folds=tuple(folds))


def _fold(text: str) -> int | None:
    try:
        return fold_or_none(text)
    except ValueError as error:
        message = f"'{text}' is no fold. Give a fold's number, or none."
        raise argparse.ArgumentTypeError(message) from error
