"""What a command prints: one JSON object or plain text on stdout, progress on stderr."""

import json
import sys
import time
from typing import Any, TextIO

from urbansound.cli.profile_table import profile_text
from urbansound.stages import Stopwatch

_PROGRESS_EVERY_S = 0.2


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
        is_last = done >= total
        if not is_last and time.monotonic() - self._shown_at < _PROGRESS_EVERY_S:
            return
        self._shown_at = time.monotonic()
        start = "\r" if sys.stderr.isatty() else ""
        end = "\n" if is_last or not start else ""
        print(f"{start}{what}: {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


def percent(fraction: float) -> str:
    """A fraction as a person reads it: "52.4 %"."""
    return f"{fraction * 100:.1f} %"
