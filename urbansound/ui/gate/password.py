"""The password of a shared app: read once, kept as a digest in memory, written nowhere."""

import hmac
import os
import secrets
from pathlib import Path

from urbansound.errors import BadConfig

FILE, TEXT = "URBANSOUND_PASSWORD_FILE", "URBANSOUND_PASSWORD"
SHORTEST = 10


class Password:
    """What is asked for at the gate. The text itself is not kept."""

    def __init__(self, text: str) -> None:
        self._key = secrets.token_bytes(32)
        self._digest = self._digest_of(text)

    def fits(self, tried: str) -> bool:
        """Whether this is the password; it takes as long for any other."""
        return hmac.compare_digest(self._digest_of(tried), self._digest)

    def _digest_of(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")


def read_password() -> Password | None:
    """The password this server was started with; None where it was started without.

    It leaves the environment, so that no process started from here inherits it. BadConfig
    where it cannot be read or is too short.
    """
    path, text = os.environ.pop(FILE, None), os.environ.pop(TEXT, None)
    if path is not None:
        text = _text_of(path)
    if text is None:
        return None
    if len(text) < SHORTEST:
        raise BadConfig(
            f"The password has {len(text)} characters; at least {SHORTEST} are needed. Start the "
            "app again with a longer one."
        )
    return Password(text)


def _text_of(path: str) -> str:
    """The file's first line."""
    try:
        # Windows' own editor puts a mark in front of the text.
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, RuntimeError, ValueError) as error:
        reason = _reason(error)
        raise BadConfig(
            f"The password file '{path}' of {FILE} cannot be read: {reason}. Name a text file "
            "with the password on its first line."
        ) from error
    return lines[0].strip() if lines else ""


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "it is not there"
    return "it has no such home folder" if isinstance(error, RuntimeError) else "it is no text"
