"""Forked processes: they start at once, and never come back into the code that made them."""

import os
import traceback
from collections.abc import Callable


def fork(do: Callable[[], None], *, is_quiet: bool = False) -> int:
    """The number of a new process that does this and ends: with 0, or 1 after an exception."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if is_quiet:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
        do()
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)
