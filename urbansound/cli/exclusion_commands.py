"""`exclude list|show|add|remove`: clips that neither train nor validate."""

import argparse
from typing import TYPE_CHECKING, Any

from urbansound.cli.options import add_command, add_data_option, add_outputs_option, dataset
from urbansound.cli.output import Output
from urbansound.errors import BadConfig

if TYPE_CHECKING:
    from urbansound.records import Exclusions

ACTIONS = ("list", "show", "add", "remove")


def add_commands(commands: Any) -> None:
    """Add `exclude` to the parser."""
    exclude = add_command(
        commands, "exclude", run_exclude, "list, show or change lists of clips not to learn from"
    )
    exclude.add_argument("action", choices=ACTIONS)
    exclude.add_argument("name", nargs="?", metavar="NAME", help="the list's name")
    exclude.add_argument("clips", nargs="*", metavar="CLIP", help="a clip's path or file name")
    add_data_option(exclude)
    add_outputs_option(exclude)


def run_exclude(args: argparse.Namespace, out: Output) -> int:
    """Hand over to the action asked for."""
    if args.action == "list":
        return _list(args, out)
    if not args.name:
        raise BadConfig(f"'exclude {args.action}' needs a list's name. 'exclude list' shows them.")
    if args.action == "show":
        return _show(args, out)
    if not args.clips:
        raise BadConfig(f"'exclude {args.action} {args.name}' needs clips, by file name or path.")
    return _add(args, out) if args.action == "add" else _remove(args, out)


def _list(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.exclusions import list_exclusions

    lists = list_exclusions(args.outputs)
    rows = [{"name": found.name, "n_clips": len(found.clips)} for found in lists]
    text = "\n".join(f"{found.name}  {_count(len(found.clips))}" for found in lists)
    out.answer({"lists": rows}, text or "No lists yet. 'exclude add NAME CLIP' makes the first.")
    return 0


def _show(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.exclusions import find_exclusions

    found = find_exclusions(args.outputs, args.name)
    out.answer(_as_json(found), "\n".join(found.clips) or f"'{found.name}' is empty.")
    return 0


def _add(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.exclusions import exclude, find_clip

    index = dataset(args)
    changed = exclude(args.outputs, args.name, *(find_clip(index, clip) for clip in args.clips))
    return _tell(changed, out)


def _remove(args: argparse.Namespace, out: Output) -> int:
    from urbansound.runs.exclusions import find_excluded, find_exclusions, keep

    known = find_exclusions(args.outputs, args.name)
    return _tell(
        keep(args.outputs, args.name, *(find_excluded(known, clip) for clip in args.clips)), out
    )


def _tell(changed: "Exclusions", out: Output) -> int:
    out.answer(_as_json(changed), f"'{changed.name}' now holds {_count(len(changed.clips))}.")
    return 0


def _as_json(found: "Exclusions") -> dict[str, Any]:
    return {"name": found.name, "clips": list(found.clips)}


def _count(n: int) -> str:
    return f"{n:,} clip" if n == 1 else f"{n:,} clips"
