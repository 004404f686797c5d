"""A crowd at the app: sessions that speak to the server as Streamlit's page in a browser does.

Twenty tabs of a browser take more of four cores to draw than the server takes to answer, and
in life they are drawn on twenty other machines; so these draw nothing.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_S = 120.0
MOST_BYTES = 1 << 28


class Visitor:
    """One session: the pages it knows, and the part of a page that looks again by itself."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pages: dict[str, str] = {}
        self._page = ""
        self._again: tuple[float, str] | None = None

    def ask(self, page: str) -> float:
        """Have this page run, from its first line to its last; the seconds until all is sent."""
        self._again = None
        self._page = self._pages.get(page, "")
        self._send(ClientState(page_script_hash=self._page, page_name=page))
        return self._until_done(ForwardMsg.FINISHED_SUCCESSFULLY)

    def stay(self, seconds: float) -> None:
        """Look at the page so long; what looks again by itself does."""
        until = time.perf_counter() + seconds
        while (left_s := until - time.perf_counter()) > 0:
            if self._again is None or self._again[0] > left_s:
                time.sleep(left_s)
                return
            time.sleep(self._again[0])
            self._send(ClientState(page_script_hash=self._page, fragment_id=self._again[1]))
            self._until_done(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

    def _send(self, state: ClientState) -> None:
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        self._socket.send(message.SerializeToString())

    def _until_done(self, ending: int) -> float:
        begun = time.perf_counter()
        while True:
            message = ForwardMsg.FromString(self._next())
            kind = message.WhichOneof("type")
            if kind == "navigation":
                pages = message.navigation.app_pages
                self._pages = {page.url_pathname: page.page_script_hash for page in pages}
            elif kind == "auto_rerun":
                self._again = message.auto_rerun.interval, message.auto_rerun.fragment_id
            elif kind == "script_finished" and message.script_finished == ending:
                return time.perf_counter() - begun
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                # A page that breaks is drawn fast, and ends as one that does not.
                raise RuntimeError(message.delta.new_element.exception.message)

    def _next(self) -> bytes:
        data = self._socket.recv(timeout=PATIENCE_S)
        assert isinstance(data, bytes)
        return data


@contextmanager
def visiting(address: str) -> Iterator[Visitor]:
    """A session on the server at this address; it ends with the block."""
    place = address.replace("http://", "ws://", 1) + "/_stcore/stream"
    spoken = [Subprotocol("streamlit")]
    with connect(place, subprotocols=spoken, max_size=MOST_BYTES, compression=None) as one:
        yield Visitor(one)


def crowd_seconds(
    address: str, walks: list[tuple[str, ...]], *, every_s: float, for_s: float
) -> list[list[float]]:
    """How long each visitor waited each time, for the pages of its walk in turn.

    Their first visits, in which pages are imported, are not counted; they begin spread over
    `every_s`.
    """

    def visit(number: int) -> list[float]:
        pages, seconds = walks[number], []
        with visiting(address) as visitor:
            for page in pages:
                visitor.ask(page)
            visitor.stay(every_s * (1 + number / len(walks)))
            until, turn = time.perf_counter() + for_s, 0
            while time.perf_counter() < until:
                seconds.append(visitor.ask(pages[turn % len(pages)]))
                visitor.stay(every_s - seconds[-1])
                turn += 1
        return seconds

    with ThreadPoolExecutor(len(walks)) as pool:
        return list(pool.map(visit, range(len(walks))))
