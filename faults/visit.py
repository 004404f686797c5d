"""One visitor who speaks to the server as its page in a browser does, and may speak out of turn."""

import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

_PATIENCE_S, _MOST_BYTES = 60.0, 1 << 28


class Visit:
    """One session: pages asked for, and what came of them."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._pages: dict[str, str] = {}
        self.session_id = ""

    def see(
        self, page: str, query: str = "", widgets: Sequence[WidgetState] = ()
    ) -> list[ForwardMsg]:
        """All that the server sends for a page, with the widgets as they are said to be."""
        state = ClientState(
            page_script_hash=self._pages.get(page, ""), page_name=page, query_string=query
        )
        state.widget_states.widgets.extend(widgets)
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        self._connection.send(message.SerializeToString())
        return list(self._until_done())

    def _until_done(self) -> Iterator[ForwardMsg]:
        while True:
            data = self._connection.recv(timeout=_PATIENCE_S)
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            yield message
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
            elif kind == "navigation":
                pages = message.navigation.app_pages
                self._pages = {one.url_pathname: one.page_script_hash for one in pages}
            elif kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                return


@contextmanager
def visiting(
    port: int, *, name: str = "127.0.0.1", origin: str | None = None, **headers: str
) -> Iterator[Visit]:
    """A session of a browser that calls the server so; InvalidHandshake where it is refused."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with connect(
        f"ws://{name}:{port}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port), timeout=10),
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(origin) if origin else None,
        additional_headers=named,
        max_size=_MOST_BYTES,
        compression=None,
    ) as one:
        yield Visit(one)


def is_let_in(port: int, **more: str) -> bool:
    """Whether a session can be begun."""
    try:
        with visiting(port, **more):  # type: ignore[arg-type]
            return True
    except InvalidHandshake:
        return False


def buttons(messages: Iterable[ForwardMsg]) -> dict[str, str]:
    """Every button that was drawn: its widget's id and its label."""
    drawn = (message.delta.new_element for message in messages if message.HasField("delta"))
    return {one.button.id: one.button.label for one in drawn if one.HasField("button")}


def opened(messages: Iterable[ForwardMsg]) -> list[WidgetState]:
    """Every popover that was drawn, opened."""
    blocks = (message.delta.add_block for message in messages if message.HasField("delta"))
    ids = [one.popover.id for one in blocks if one.HasField("popover") and one.popover.id]
    return [WidgetState(id=name, bool_value=True) for name in ids]


def clicked(ids: Iterable[str]) -> list[WidgetState]:
    """Presses of these buttons, drawn or not."""
    return [WidgetState(id=name, trigger_value=True) for name in ids]
