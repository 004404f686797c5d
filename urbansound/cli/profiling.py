"""The option that tells where a command's time goes."""

import argparse
from functools import wraps

from urbansound.cli.options import Command
from urbansound.cli.output import Output
from urbansound.stages import timing_stages


def add_profile_option(parser: argparse.ArgumentParser) -> None:
    """--profile."""
    parser.add_argument(
        "--profile", action="store_true", help="also print where the time went, stage by stage"
    )


def profiled(command: Command) -> Command:
    """The command, with its stages timed where --profile is given."""

    @wraps(command)
    def run(args: argparse.Namespace, out: Output) -> int:
        if not args.profile:
            return command(args, out)
        with timing_stages() as out.stopwatch:
            return command(args, out)

    return run
