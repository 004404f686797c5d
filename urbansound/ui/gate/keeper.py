"""The keeper: looks at every request before the app does, pages, sounds and uploads alike."""

import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from urbansound.ui.gate.doors import Door, PasswordDoor, PeopleDoor
from urbansound.ui.gate.names import host_of, is_ours, is_own_page
from urbansound.ui.sharing import ONLY_LOOKING, Sharing, base_path, is_loopback, sharing

_ONLY_ASKS = ("GET", "HEAD", "OPTIONS")
_ALIVE = "/_stcore/health"
# An open page speaks by one connection: who signed out, or is named no more, is out by then.
ASKED_AGAIN_S = 30.0
_CLOSED: Message = {"type": "websocket.close", "code": 1008}
_FRAMES = {
    # No page elsewhere can show the app in a frame and have its buttons pressed unseen.
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
}
_UNSAID = (
    "The app was started for this computer only, yet answers on a network. Start it with "
    "--server.address."
)
_log = logging.getLogger("urbansound")


class Gatekeeper:
    """Middleware around the whole app. Refuses, sends to the door, or lets pass."""

    def __init__(
        self,
        app: ASGIApp,
        shared: Sharing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._clock = app, clock
        self._sharing = shared or sharing()
        self._door = _door(self._sharing)
        _tell(self._sharing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one connection that stays."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        is_request = scope["type"] == "http"
        connection = Request(scope, receive) if is_request else HTTPConnection(scope)
        answer = await self._answer(connection)
        if answer is not None and is_request:
            await answer(scope, receive, send)
        elif answer is not None:
            await send(_CLOSED)
        elif is_request:
            await self._app(scope, receive, _framed(send))
        else:
            await self._app(scope, self._asking_again(connection, receive, send), send)

    def _asking_again(self, connection: HTTPConnection, receive: Receive, send: Send) -> Receive:
        """What comes by a connection that stays, as long as whoever opened it may be here."""
        asked_at = self._clock()

        async def receive_it() -> Message:
            nonlocal asked_at
            message = await receive()
            if self._clock() - asked_at >= ASKED_AGAIN_S:
                asked_at = self._clock()
                if await self._answer(connection) is not None:
                    await send(_CLOSED)
                    return {"type": "websocket.disconnect", "code": _CLOSED["code"]}
            return message

        return receive_it

    async def _answer(self, connection: HTTPConnection) -> Response | None:
        base = base_path()
        path = str(connection.scope["path"]).removeprefix(base)
        refusal = self._refusal(connection, path)
        if refusal:
            return PlainTextResponse(refusal, 403)
        if self._door is None or path == _ALIVE:
            return None
        return await self._door.answer(connection, path, base)

    def _refusal(self, connection: HTTPConnection, path: str) -> str:
        """Why nobody may ask this here, whoever they are; empty where they may."""
        if self._sharing.kind == "refused":
            return self._sharing.reason
        is_shared = self._sharing.kind != "alone"
        asked, here = connection.headers.get("host", ""), connection.scope.get("server") or ("",)
        host = host_of(asked)
        is_watched = path == _ALIVE and is_loopback(host)
        if not is_watched and not is_ours(host, is_shared=is_shared):
            return (
                f"This app does not answer to the name '{asked[:100]}'. Whoever runs it can name "
                "it with --server.allowedHosts."
            )
        # The address that was connected to, by the operating system: not the visitor's.
        if not is_shared and not is_loopback(here[0]):
            return _UNSAID
        is_asking = isinstance(connection, Request) and connection.method in _ONLY_ASKS
        if not is_asking and not is_own_page(connection.headers.get("origin"), asked):
            return "A page elsewhere asked for this; only the app's own pages may."
        return ""


def _door(shared: Sharing) -> Door | None:
    if shared.kind == "password" and shared.password is not None:
        return PasswordDoor(shared.password)
    return PeopleDoor() if shared.kind == "people" else None


def _framed(send: Send) -> Send:
    async def send_it(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_FRAMES)
        await send(message)

    return send_it


def _tell(shared: Sharing) -> None:
    """What whoever started the server should know, in the terminal."""
    told = {"looking": ONLY_LOOKING, "refused": shared.reason}.get(shared.kind)
    if told:
        _log.warning(told)
