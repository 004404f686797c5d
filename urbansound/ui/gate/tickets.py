"""What a browser shows once it has signed in: a cookie that only this server can make."""

import hmac
import secrets
import time
from collections.abc import Callable

LASTS_S = 12 * 3600


class Tickets:
    """Tickets for twelve hours, good until the server ends; only those given back are kept here."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._given_back: set[str] = set()

    def issue(self) -> str:
        """A new ticket."""
        body = f"{int(self._clock()) + LASTS_S}.{secrets.token_hex(16)}"
        return f"{body}.{self._seal(body)}"

    def is_good(self, ticket: str) -> bool:
        """Whether it was issued here, as it stands, and has not run out."""
        body, _, seal = ticket.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(body).encode()):
            return False
        return self._has_time(body) and body not in self._given_back

    def give_back(self, ticket: str) -> None:
        """From now on it is good for nobody, wherever it was copied to."""
        if self.is_good(ticket):
            self._given_back = {body for body in self._given_back if self._has_time(body)}
            self._given_back.add(ticket.rpartition(".")[0])

    def _has_time(self, body: str) -> bool:
        return int(body.partition(".")[0]) > self._clock()

    def _seal(self, body: str) -> str:
        return hmac.digest(self._key, body.encode(), "sha256").hex()
