"""classify: what sound files hold, printed as each is done."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from urbansound.cli.options import add_command, add_outputs_option, positive
from urbansound.cli.output import Output
from urbansound.errors import BadConfig

if TYPE_CHECKING:
    from urbansound.inference.answer import Answer, Source
    from urbansound.inference.answer_bodies import Origin
    from urbansound.inference.classify import Classifier
    from urbansound.inference.tables import Table

FORMATS = ("text", "json", "csv", "audacity", "raven")
_WARM_UP_S = 4.0
_WARM_UP_RATE = 44_100


def add_commands(commands: Any) -> None:
    """Add this command to the parser."""
    classify = add_command(commands, "classify", run_classify, "say what sound files hold")
    classify.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="sound or video files, zips of them, folders (searched through), patterns such as "
        "'*.wav', or - for standard input",
    )
    classify.add_argument(
        "--model", default="cnn", metavar="M[,M]", help="saved models by name (cnn)"
    )
    classify.add_argument(
        "--format",
        choices=FORMATS,
        help="json: one object a line (as --json); csv: a row a file and event; audacity: a label "
        "track, its labels with the file's name where there are several; raven: a selection "
        "table, its times counted on from file to file",
    )
    classify.add_argument(
        "--jobs", type=positive, metavar="N", help="sounds in work at once (one a core)"
    )
    classify.add_argument(
        "--timing",
        action="store_true",
        help="say where the time went, after a sound to warm up; one job without --jobs",
    )
    add_outputs_option(classify)


def run_classify(args: argparse.Namespace, out: Output) -> int:
    """One answer a file and model, as each is done; a bad file is named and costs only itself."""
    kind = _format(args)
    with ExitStack() as stack:
        # First what was named, then torch: a wrong call is told at once.
        from urbansound.cli.sound_files import find_sounds

        sources = find_sounds(args.files, stack, out.note)
        if not sources:
            raise BadConfig("Nothing that was named holds a sound. Give sound files.")
        classifiers, origins = _open_models(args)
        table = _table(kind, origins, is_one=len(sources) == 1, with_timing=args.timing)
        if args.timing:
            _warm_up(classifiers, out)
        return _print_all(args, sources, classifiers, table, out)


def _format(args: argparse.Namespace) -> str:
    if args.json and args.format not in (None, "json"):
        raise BadConfig(f"--json and --format {args.format} ask for two forms. Give one of them.")
    args.json = args.json or args.format == "json"
    return "json" if args.json else args.format or "text"


def _open_models(args: argparse.Namespace) -> "tuple[list[Classifier], list[Origin]]":
    from urbansound.evaluation.protocol import tested_protocol
    from urbansound.experiment.scoring import find_classifier
    from urbansound.inference.answer_bodies import Origin

    names = list(dict.fromkeys(name.strip() for name in args.model.split(",")))
    classifiers = [find_classifier(args.outputs, name) for name in names]
    cards = [classifier.card for classifier in classifiers]
    origins = [
        Origin(name, card, tested_protocol(card)) for name, card in zip(names, cards, strict=True)
    ]
    return classifiers, origins


def _table(kind: str, origins: "Sequence[Origin]", *, is_one: bool, with_timing: bool) -> "Table":
    from urbansound.cli.answer_text import TextLines
    from urbansound.inference.tables import AudacityLabels, CsvTable, JsonLines, RavenTable

    if kind == "json":
        return JsonLines(origins, with_timing=with_timing)
    if kind == "csv":
        return CsvTable(origins)
    if kind == "audacity":
        return AudacityLabels(origins, with_names=not is_one)
    return RavenTable(origins) if kind == "raven" else TextLines(origins)


def _print_all(
    args: argparse.Namespace,
    sources: "list[Source]",
    classifiers: "list[Classifier]",
    table: "Table",
    out: Output,
) -> int:
    from urbansound.inference.batch import classify_all
    from urbansound.worker_pool import n_cores

    wanted = args.jobs or (1 if args.timing else n_cores())
    jobs = min(wanted, len(sources))
    # Times of several threads would not add up to that of the sound.
    workers = 1 if args.timing else wanted // jobs
    answers = classify_all(sources, classifiers, jobs=jobs, workers=workers)
    n_bad = 0
    out.write(table.head())
    with closing(answers):
        for n_done, answer in enumerate(answers, 1):
            out.write(table.rows(answer))
            n_bad += answer.error is not None
            _remark(args, answer, out)
            if sys.stderr.isatty() and not sys.stdout.isatty():
                out.progress("Sounds", n_done, len(sources))
    return 1 if n_bad else 0


def _remark(args: argparse.Namespace, answer: "Answer", out: Output) -> None:
    """What is no part of the answer, or has no place in its form."""
    from urbansound.audio.archive import label_of
    from urbansound.cli.answer_text import timing_text

    name = label_of(answer.name)
    if answer.error is not None and args.format != "text" and (args.json or args.format):
        out.note(f"{name}: {answer.error}")
    if args.timing and not args.json and answer.timing is not None:
        out.note(f"{name}: {timing_text(answer.timing)}")


def _warm_up(classifiers: "list[Classifier]", out: Output) -> None:
    """Hear a made-up sound: the first costs imports and tables that later ones do not."""
    import numpy as np

    from urbansound.audio.signal import to_wav_bytes
    from urbansound.inference.batch import classify_all
    from urbansound.inference.sources import source_of
    from urbansound.records import Audio

    rng = np.random.default_rng(0)
    samples = rng.uniform(-0.1, 0.1, round(_WARM_UP_S * _WARM_UP_RATE)).astype(np.float32)
    data = to_wav_bytes(Audio(samples, _WARM_UP_RATE))
    list(classify_all([source_of(data, "warm-up")] * 3, classifiers))
    out.note(f"Heard {_WARM_UP_S:.0f} s of noise three times to warm up; what follows is timed.")
