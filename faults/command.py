"""The command line, called in this process, and what became of the call."""

import io
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from urbansound.cli.main import main

_ENDS = (0, 1, 2)


@dataclass(frozen=True)
class Answer:
    """How a command ended, what it said, and what it must never do: end in a traceback."""

    code: int
    said: str
    problem: str = ""


def command(*arguments: str) -> Answer:
    """Run a command of the app; where it goes wrong, that must be said on one line."""
    out, err = io.StringIO(), io.StringIO()
    what = " ".join(arguments[:2])
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except Exception as error:  # What a person would see as a traceback is what is looked for.
        place = traceback.extract_tb(error.__traceback__)[-1]
        problem = f"'{what}' ended in {type(error).__name__}: {error} ({place.name})"
        return Answer(1, err.getvalue(), problem)
    said = err.getvalue() + out.getvalue()
    if code not in _ENDS or "Traceback" in said:
        return Answer(code, said, f"'{what}' ended with {code} and said: {said[-200:]}")
    return Answer(code, said, "" if said.strip() else f"'{what}' said nothing")
