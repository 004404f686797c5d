"""The parser and the one place where errors become exit codes.

Exit 0 when all was done, 1 when something named in the output could not be done, 2 for a
wrong call.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from urbansound import __version__
from urbansound.cli import (
    classify_command,
    data_commands,
    exclusion_commands,
    leak_command,
    model_commands,
    run_commands,
)
from urbansound.cli.crew import check_command, follow
from urbansound.cli.output import Output
from urbansound.errors import BadConfig, UrbanSoundError
from urbansound.torchrun import find_place


def build_parser() -> argparse.ArgumentParser:
    """Every command with its help; nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(
        prog="python -m urbansound",
        description="Hear, understand, train and use urban sound classification.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    groups = (
        *(data_commands, model_commands, classify_command),
        *(leak_command, run_commands, exclusion_commands),
    )
    for group in groups:
        group.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    place = find_place()
    if not place.is_leader:
        return follow(build_parser(), arguments)
    args = build_parser().parse_args(arguments)
    out = Output(as_json=args.json)
    try:
        check_command(args, place)
        code: int = args.handler(args, out)
        return code
    except UrbanSoundError as error:
        return _say(args, error.code, str(error), 2 if isinstance(error, BadConfig) else 1)
    except BrokenPipeError:
        # Whoever read our answers has left. Python would complain once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f" ('{error.filename}')" if error.filename else ""
        return _say(args, "system", f"{error.strerror or error}{where}.", 1)
    except KeyboardInterrupt:
        return _say(args, "stopped", "stopped.", 130)


def _say(args: argparse.Namespace, code: str, message: str, exit_code: int) -> int:
    if args.json:
        print(json.dumps({"error": {"code": code, "message": message}}), flush=True)
    print(f"urbansound: {message}", file=sys.stderr)
    return exit_code
