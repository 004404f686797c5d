"""A command that torchrun started several times: process 0 does it, the others follow."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from urbansound.errors import BadConfig, UrbanSoundError
from urbansound.records import RunSpec
from urbansound.torchrun import Place, find_place


def check_command(args: argparse.Namespace, place: Place) -> None:
    """Raise BadConfig for a command that several processes cannot share."""
    if not place.is_alone and not _is_shared(args):
        raise BadConfig(
            f"torchrun started '{args.command}' in {place.size} processes, and only 'train' and "
            "'runs resume' share their work. Start it without torchrun."
        )


def check_run(spec: RunSpec) -> None:
    """Raise BadConfig for a run that several processes cannot share."""
    if spec.is_crossval and not find_place().is_alone:
        raise BadConfig("A cross-validation trains in one process. Go on without torchrun.")


def follow(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """What a process other than 0 does; its exit code.

    It says nothing that process 0 says, and where that one refuses the call this one ends
    in peace: a code of its own could make torchrun end process 0 before it has spoken.
    """
    args = _parse_silently(parser, arguments)
    if args is None or not _is_shared(args):
        return 0
    from urbansound.experiment import crew

    try:
        return crew.follow()
    except UrbanSoundError as error:
        print(f"urbansound: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parse_silently(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> argparse.Namespace | None:
    """The options, None where the parser ends the call: for help, or a wrong option."""
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        contextlib.suppress(SystemExit),
    ):
        return parser.parse_args(arguments)
    return None


def _is_shared(args: argparse.Namespace) -> bool:
    is_resume: bool = args.command == "runs" and args.action == "resume"
    return is_resume or args.command == "train"
