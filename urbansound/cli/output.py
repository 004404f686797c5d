"""What a command prints: one JSON object or plain text on stdout, progress on stderr."""

import json
import sys
import time
from typing import Any, TextIO

from urbansound.cli.profile_table import profile_text
from urbansound.stages import Stopwatch

_PROGRESS_EVERY_S = 0.2
_WIDTH = 70


class Output:
    """Where a command's answer goes. With `as_json`, stdout carries JSON and nothing else."""

    def __init__(self, as_json: bool, stdout: TextIO | None = None) -> None:
        self.as_json = as_json
        self.stopwatch: Stopwatch | None = None
        self._stdout = stdout or sys.stdout
        self._shown_at = float("-inf")

    def answer(self, result: dict[str, Any], text: str) -> None:
        """The command's result, in the form the person asked for, and where its time went."""
        profile = None if self.stopwatch is None else self.stopwatch.profile()
        if profile is not None:
            result = result | {"profile": [vars(stage) for stage in profile.stages]}
        print(
            json.dumps(result, allow_nan=False) if self.as_json else text,
            file=self._stdout,
            flush=True,
        )
        if profile is not None and not self.as_json:
            self.note(profile_text(profile))

    def write(self, text: str) -> None:
        """Text as it is, handed on at once; what the terminal has no letter for is spelled out."""
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        print(shown, end="", file=self._stdout, flush=True)

    def note(self, text: str) -> None:
        """A remark for a person, on stderr."""
        print(text, file=sys.stderr, flush=True)

    def progress(self, what: str, done: int, total: int) -> None:
        """A counting line on stderr, a few times a second, ended when all is done."""
        self.show_progress(f"{what}: {done:,} of {total:,}", is_last=done >= total)

    def show_progress(self, text: str, *, is_last: bool) -> None:
        """A line on stderr that the next one of its kind takes the place of."""
        if not is_last and time.monotonic() - self._shown_at < _PROGRESS_EVERY_S:
            return
        self._shown_at = time.monotonic()
        is_seen = sys.stderr.isatty()
        # A shorter line would leave the end of a longer one.
        line = f"\r{text:<{_WIDTH}}" if is_seen else text
        end = "\n" if is_last or not is_seen else ""
        print(line, end=end, file=sys.stderr, flush=True)


def percent(fraction: float) -> str:
    """A fraction as a person reads it: "52.4 %"."""
    return f"{fraction * 100:.1f} %"
