"""Asking an ASGI app as a browser would, without a server."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """The app behind the gate: says that it was reached."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("inside")(scope, receive, send)


def ask(
    app: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes = b"",
    query: bytes = b"",
    here: str = "127.0.0.1",
    visitor: str = "192.0.2.7",
    **headers: str,
) -> Answer:
    """The answer to one request to the server's address `here`; `_` stands for `-` in names."""
    fields = {"host": f"{here}:8501"} | {key.replace("_", "-"): headers[key] for key in headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "scheme": "http",
        "headers": [(key.encode(), value.encode()) for key, value in fields.items()],
        "server": (here, 8501),
        "client": (visitor, 5000),
    }
    sent = asyncio.run(_run(app, scope, lambda: {"type": "http.request", "body": body}))
    got = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
    return Answer(sent[0]["status"], got, text)


def connects(app: ASGIApp, *, here: str = "127.0.0.1", **headers: str) -> bool:
    """Whether a WebSocket is accepted."""
    sent = asyncio.run(_run(app, _stream(here, headers), lambda: {"type": "websocket.connect"}))
    return sent[0]["type"] == "websocket.accept"


def converse(
    app: ASGIApp, says: list[Callable[[], Message]], *, here: str = "127.0.0.1", **headers: str
) -> list[Message]:
    """What is sent by a connection through which all that is said, each in its turn."""
    turns = iter(says)

    def say() -> Message:
        return next(turns)()

    return asyncio.run(_run(app, _stream(here, headers), say))


def _stream(here: str, headers: dict[str, str]) -> Scope:
    fields = {"host": f"{here}:8501"} | headers
    return {
        "type": "websocket",
        "path": "/_stcore/stream",
        "query_string": b"",
        "scheme": "ws",
        "headers": [(key.encode(), value.encode()) for key, value in fields.items()],
        "server": (here, 8501),
        "client": ("192.0.2.7", 5000),
    }


async def _run(app: ASGIApp, scope: Scope, say: Callable[[], Message]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return say()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent
