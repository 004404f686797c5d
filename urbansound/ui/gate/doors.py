"""The two doors of a shared app: a password, or a person named by an identity provider."""

import asyncio
import math
from typing import Protocol
from urllib.parse import parse_qs, quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from streamlit.auth_util import encode_provider_token

from urbansound.ui.gate.page import password_page, people_page
from urbansound.ui.gate.password import Password
from urbansound.ui.gate.people import is_let_in, person_of, providers
from urbansound.ui.gate.tickets import Tickets
from urbansound.ui.gate.tries import Tries

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
COOKIE = "urbansound_ticket"
WRONG_TAKES_S = 1.0
_MOST_BYTES = 8192
# What Streamlit needs to lead to the provider and back.
_TO_PROVIDER = ("/auth/login", "/auth/logout", "/oauth2callback")


class Door(Protocol):
    """Lets some in, and answers all others itself."""

    async def answer(self, connection: HTTPConnection, path: str, base: str) -> Response | None:
        """What is answered to this request for a path below `base`; None where it may go on."""


class PasswordDoor:
    """Whoever knows the password gets a ticket; without one there is only the question."""

    def __init__(self, password: Password, wrong_takes_s: float = WRONG_TAKES_S) -> None:
        self._password = password
        self._wrong_takes_s = wrong_takes_s
        self._tickets, self._tries = Tickets(), Tries()

    async def answer(self, connection: HTTPConnection, path: str, base: str) -> Response | None:
        """As in Door: the question on any page, a short refusal for anything else."""
        if path == SIGN_OUT:
            self._tickets.give_back(connection.cookies.get(COOKIE, ""))
            return _leave(base)
        if path == SIGN_IN and isinstance(connection, Request) and connection.method == "POST":
            return await self._try(connection, base)
        if self._tickets.is_good(connection.cookies.get(COOKIE, "")):
            return _see_other(f"{base}/") if path == SIGN_IN else None
        if is_for_a_person(connection):
            return password_page(base + SIGN_IN, _place(connection))
        return PlainTextResponse("Sign in first.", 403)

    async def _try(self, request: Request, base: str) -> Response:
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        to, tried = form.get("to", [""])[0], form.get("password", [""])[0]
        who = request.client.host if request.client else ""
        wait_s = self._tries.take(who)
        if wait_s:
            wrong = f"Too many wrong tries. Wait {math.ceil(wait_s)} seconds, then try again."
            answer = password_page(base + SIGN_IN, to, wrong, 429)
            answer.headers["Retry-After"] = str(math.ceil(wait_s))
            return answer
        if not self._password.fits(tried):
            await asyncio.sleep(self._wrong_takes_s)
            return password_page(base + SIGN_IN, to, "That is not the password.")
        self._tries.give_back(who)
        return self._let_in(request, to, base)

    def _let_in(self, request: Request, to: str, base: str) -> Response:
        answer = _see_other(_within(to, base))
        answer.set_cookie(
            COOKIE,
            self._tickets.issue(),
            path=f"{base}/",
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
        )
        return answer


class PeopleDoor:
    """Whoever the identity provider names, and secrets.toml lets in."""

    async def answer(self, connection: HTTPConnection, path: str, base: str) -> Response | None:
        """As in Door: the way to the provider on any page, a short refusal elsewhere."""
        person = person_of(connection.cookies)
        if path == SIGN_IN:
            return _see_other(_to_provider(connection.query_params.get("with", ""), base))
        if path in _TO_PROVIDER or is_let_in(person):
            return None
        if is_for_a_person(connection):
            return people_page(_ways_in(base), f"{base}/auth/logout", person)
        return PlainTextResponse("Sign in first.", 403)


def _ways_in(base: str) -> dict[str, str]:
    """What the buttons say, for each provider, and where they lead."""
    return {
        "Sign in" if name == "default" else f"Sign in with {name}": (
            f"{base}{SIGN_IN}?with={quote(name, safe='')}"
        )
        for name in providers()
    }


def _to_provider(name: str, base: str) -> str:
    """Where `st.login` leads, by a token made at the click: it lasts two minutes."""
    if name not in providers():
        return f"{base}/"
    return f"{base}/auth/login?provider={encode_provider_token(name)}"


def is_for_a_person(connection: HTTPConnection) -> bool:
    """Whether a browser asks for a page."""
    is_page = "text/html" in connection.headers.get("accept", "")
    return isinstance(connection, Request) and connection.method == "GET" and is_page


def _place(connection: HTTPConnection) -> str:
    query = connection.scope["query_string"].decode("latin-1")
    return quote(connection.scope["path"]) + (f"?{query}" if query else "")


def _within(to: str, base: str) -> str:
    """A place in this app: nothing that a browser would take for another server."""
    is_own = to.startswith(f"{base}/") and not to.startswith(f"{base}{SIGN_IN}")
    return "/" + to.lstrip("/\\") if is_own and "\\" not in to else f"{base}/"


def _leave(base: str) -> Response:
    answer = _see_other(f"{base}/")
    answer.delete_cookie(COOKIE, path=f"{base}/")
    return answer


def _see_other(to: str) -> Response:
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    """As much of what was sent as a password may take."""
    taken = b""
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > _MOST_BYTES:
            return b""
    return taken
