"""Commands about datasets: demo, download, import-features, check, features."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from urbansound.cli.options import (
    add_cluster_option,
    add_command,
    add_data_option,
    dataset,
    positive,
)
from urbansound.cli.output import Output
from urbansound.cli.profiling import add_profile_option, profiled
from urbansound.features.spec import SPECS, find_spec
from urbansound.paths import data_dir, demo_root
from urbansound.stages import stage

if TYPE_CHECKING:
    from urbansound.dataset.findings import Finding
    from urbansound.records import DatasetIndex


def add_commands(commands: Any) -> None:
    """Add this group's commands to the parser."""
    demo = add_command(commands, "demo", run_demo, "build the demo set of synthetic city sounds")
    demo.add_argument("--data", type=Path, metavar="DIR", default=demo_root(), help="where to")
    fetch = add_command(
        commands, "download", run_download, "fetch, verify and unpack UrbanSound8K (6 GB)"
    )
    fetch.add_argument("--data", type=Path, metavar="DIR", default=data_dir(), help="the folder")
    imports = add_command(
        commands,
        "import-features",
        run_import,
        "turn an .npz of features, labels and folds into the article's three tensors",
    )
    imports.add_argument("file", type=Path, metavar="FILE.npz")
    imports.add_argument("--data", type=Path, metavar="DIR", default=data_dir(), help="where to")
    check = add_command(commands, "check", run_check, "name everything wrong with a dataset")
    add_data_option(check)
    check.add_argument(
        "--deep",
        action="store_true",
        help="also listen: silence, clipping, copies across folds and classes, loudness, …",
    )
    check.add_argument("--csv", type=Path, metavar="FILE", help="write what was found as a table")
    features = add_command(commands, "features", run_features, "extract and cache features")
    add_data_option(features)
    features.add_argument("--kind", choices=tuple(SPECS), default="mfcc")
    where = features.add_mutually_exclusive_group()
    where.add_argument("--workers", type=positive, metavar="N", help="processes (one a core)")
    add_cluster_option(where)
    add_profile_option(features)


def run_demo(args: argparse.Namespace, out: Output) -> int:
    """Build the demo set, or find it built."""
    from urbansound.dataset.demo import build_demo
    from urbansound.dataset.index import load_dataset

    started = time.perf_counter()
    build_demo(args.data, on_progress=lambda done, total: out.progress("Sounds", done, total))
    n_clips = len(load_dataset(args.data).clips)
    seconds = time.perf_counter() - started
    result = {"root": str(args.data), "n_clips": n_clips, "seconds": seconds}
    out.answer(result, f"{n_clips} demo clips in '{args.data}' ({seconds:.1f} s).")
    return 0


def run_download(args: argparse.Namespace, out: Output) -> int:
    """Fetch the real dataset; a second call goes on where the first one stopped."""
    from urbansound.dataset.download import N_BYTES, download, kept_text
    from urbansound.dataset.index import load_dataset
    from urbansound.dataset.pace import Pace

    pace = Pace()
    try:
        root = download(
            args.data,
            on_progress=lambda stage, done, total: out.show_progress(
                pace.text(stage, done, total), is_last=done >= total
            ),
        )
    except KeyboardInterrupt:
        out.note(f"\n{kept_text(args.data)}")
        raise
    n_clips = len(load_dataset(root).clips)
    result = {"root": str(root), "n_clips": n_clips, "bytes": N_BYTES}
    out.answer(result, f"{n_clips} clips in '{root}'.")
    return 0


def run_import(args: argparse.Namespace, out: Output) -> int:
    """Import features that somebody else has computed."""
    from urbansound.dataset.tensors import import_npz

    index = import_npz(args.file, args.data)
    n_clips = len(index.clips)
    out.answer(
        {"root": str(args.data), "n_clips": n_clips},
        f"Features of {n_clips} clips in '{args.data}'. Train on them with --data {args.data}.",
    )
    return 0


def run_check(args: argparse.Namespace, out: Output) -> int:
    """Name every problem; exit 1 when something is wrong, not only worth a listen."""
    from urbansound.dataset.findings import findings_csv
    from urbansound.files import write_bytes

    index = dataset(args)
    findings = _check(index, args.deep, out)
    if args.csv:
        write_bytes(args.csv, findings_csv(index, findings).encode())
    faults = [finding for finding in findings if finding.is_fault]
    bad = {finding.clip for finding in faults}
    n_ok = sum((clip.path or f"row {row}") not in bad for row, clip in enumerate(index.clips))
    result = {
        "n_clips": len(index.clips),
        "n_ok": n_ok,
        "problems": [
            {"code": finding.code, "clip": finding.clip, "message": finding.message}
            for finding in findings
        ],
    }
    out.answer(result, _check_text(findings, n_ok, len(index.clips)))
    return 1 if faults else 0


def _check(index: "DatasetIndex", is_deep: bool, out: Output) -> "list[Finding]":
    from urbansound.dataset.check import check_dataset
    from urbansound.dataset.findings import as_findings

    def on_progress(done: int, total: int) -> None:
        out.progress("Clips", done, total)

    if not is_deep:
        return as_findings(index, check_dataset(index, on_progress=on_progress))
    # What listens is loaded only where it is asked for.
    from urbansound.dataset.faults import find_faults
    from urbansound.dataset.survey import load_survey

    return find_faults(index, load_survey(index, on_progress=on_progress))


def _check_text(findings: "list[Finding]", n_ok: int, n_clips: int) -> str:
    faults = [f"{found.clip}: {found.message}" for found in findings if found.is_fault]
    others = [f"{found.clip}: {found.message}" for found in findings if not found.is_fault]
    lines = [*faults, *(["Worth a listen:", *others] if others else [])]
    return "\n".join([*lines, f"{n_ok} of {n_clips} clips are fine."])


@profiled
def run_features(args: argparse.Namespace, out: Output) -> int:
    """Extract what is not cached yet; exit 1 when a clip had to be left out."""
    with stage("loading libraries"):
        from urbansound.features.cache import feature_files, load_features
        from urbansound.records import to_json

    spec = find_spec(args.kind)
    with stage("reading the list of clips"):
        index = dataset(args)
    started = time.perf_counter()
    table = load_features(
        index,
        spec,
        workers=args.workers,
        cluster=args.cluster,
        on_progress=lambda done, total: out.progress("Clips", done, total),
    )
    seconds = time.perf_counter() - started
    n_clips = len(table.labels)
    result = {
        "n_clips": n_clips,
        "seconds": seconds,
        "clips_per_s": n_clips / seconds,
        "files": [str(path) for path in feature_files(index, spec) if path.exists()],
        "failed": [to_json(problem) for problem in table.failed],
    }
    lines = [f"{problem.clip}: {problem.message}" for problem in table.failed]
    lines.append(f"Features of {n_clips} clips in {seconds:.1f} s.")
    out.answer(result, "\n".join(lines))
    return 1 if table.failed else 0
