"""The parser and the one place where errors become exit codes.

Exit 0 when all was done, 1 when something named in the output could not be done, 2 for a
wrong call.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from urbansound import __version__
from urbansound.cli import data_commands, model_commands, run_commands
from urbansound.cli.output import Output
from urbansound.errors import BadConfig, UrbanSoundError


def build_parser() -> argparse.ArgumentParser:
    """Every command with its help; nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(
        prog="python -m urbansound",
        description="Hear, understand, train and use urban sound classification.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (data_commands, model_commands, run_commands):
        group.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(arguments)
    out = Output(as_json=args.json)
    try:
        code: int = args.handler(args, out)
        return code
    except UrbanSoundError as error:
        if args.json:
            failure = {"error": {"code": error.code, "message": str(error)}}
            print(json.dumps(failure), flush=True)
        print(f"urbansound: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadConfig) else 1
    except KeyboardInterrupt:
        print("urbansound: stopped.", file=sys.stderr)
        return 130
