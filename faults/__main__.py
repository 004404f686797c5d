"""What can go wrong, made to go wrong: how often it was tried, and how often anything was lost.

    python -m faults [NAME …] [--long] [--seed N] [--write]

NAME is one of those below; all without. Each kills, cuts, fills, flips or floods what its name
says, a few times, or with --long as often as docs/reliability.md says; --write puts the counts
there. Ends with 1 where anything went wrong, and says what.
"""

import argparse
import sys
import time
from importlib import import_module

from benchmarks.machine import machine_text
from benchmarks.table import Table, publish
from faults.count import Count, Plan, Suite
from urbansound.paths import PROJECT

DOCUMENT = PROJECT / "docs" / "reliability.md"
# Each is the function `suite` of the module of its name.
NAMES = ("downloads", "archives", "runs", "states", "files", "uploads", "server", "load", "worlds")
_SHOWN = 5


def main() -> int:
    """Try what is asked for; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--long", action="store_true", help="as often as the document says")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT.name}")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no '{unknown[0]}'; choose of {', '.join(NAMES)}")
    plan = Plan(args.long, args.seed)
    is_good = [_try(name, plan, is_written=args.write) for name in args.names or NAMES]
    return 0 if all(is_good) else 1


def _try(name: str, plan: Plan, *, is_written: bool) -> bool:
    suite: Suite = import_module(f"faults.{name}").suite
    started = time.monotonic()
    print(f"\n## {name}\n", flush=True)
    counts = list(suite(plan))
    head = ("what", "trials", "went wrong", "measured")
    rows = [(one.what, f"{one.n:,}", f"{len(one.wrong):,}", one.figure) for one in counts]
    took = f"Seed {plan.seed}, {time.monotonic() - started:.0f} s."
    table = Table(name, head, rows, machine_text("streamlit", "torch"), (took,))
    publish(table, DOCUMENT if is_written else None)
    for one in counts:
        _complain(one)
    return all(one.is_good for one in counts)


def _complain(count: Count) -> None:
    if count.n == 0:
        print(f"NOTHING TRIED: {count.what}", file=sys.stderr)
    for problem in count.wrong[:_SHOWN]:
        print(f"WRONG: {count.what}: {problem}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
