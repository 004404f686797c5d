"""A tab without a browser: it speaks to the server as Streamlit's page does, and keeps the page.

A browser takes more of the processor to draw a page than the app takes to make it. What a page
says, which alarms it raises and which buttons it has can be known without drawing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_S = 120.0
FAILED = "Something in the app went wrong"
_MOST_BYTES = 1 << 28
_FINISHED = {
    "": ForwardMsg.FINISHED_SUCCESSFULLY,
    "fragment": ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}


class Tab:
    """One session, and what its page shows now."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pages: dict[str, str] = {}
        self._state = ClientState()
        self._widgets: dict[str, WidgetState] = {}
        self._again: tuple[float, str] | None = None
        self._shown: dict[tuple[int, ...], tuple[Element, str]] = {}
        self._tab_sets: dict[tuple[int, ...], tuple[str, str]] = {}
        self._titles: dict[tuple[int, ...], str] = {}

    def open(self, page: str = "", **query: str) -> float:
        """Walk to a page, by its name in the address; the seconds until all of it is sent."""
        self._turn_to(page, query)
        return self._run()

    def ask(self, page: str = "") -> None:
        """The same, without waiting for it: of use to whoever leaves at once."""
        self._turn_to(page, {})
        self._send(self._state)

    def _turn_to(self, page: str, query: dict[str, str]) -> None:
        self._widgets.clear()
        self._state = ClientState(page_name=page, page_script_hash=self._pages.get(page, ""))
        self._state.query_string = urlencode(query)

    def again(self) -> float:
        """Have the page run once more as it is."""
        return self._run()

    def press(self, label: str) -> float:
        """Press the button of this label; ValueError where the page has none that can be."""
        for element, fragment in self._shown.values():
            if element.HasField("button") and element.button.label == label:
                if element.button.disabled:
                    raise ValueError(f"the button '{label}' cannot be pressed")
                return self._run(fragment, WidgetState(id=element.button.id, trigger_value=True))
        raise ValueError(f"there is no button '{label}' but {', '.join(self.buttons) or 'none'}")

    def fill(self, kind: str, label: str, **value: Any) -> float:
        """Give the widget of this kind ("text_input") and label a value, by its field's name."""
        for element, fragment in self._shown.values():
            widget = getattr(element, kind) if element.HasField(kind) else None  # type: ignore[arg-type]
            if widget is not None and widget.label == label:
                self._widgets[widget.id] = WidgetState(id=widget.id, **value)
                return self._run(fragment)
        raise ValueError(f"there is no {kind} '{label}'")

    def turn_to(self, title: str) -> float:
        """Open the tab of this title on the page."""
        for place, label in self._titles.items():
            if label == title and place[:-1] in self._tab_sets:
                name, fragment = self._tab_sets[place[:-1]]
                self._widgets[name] = WidgetState(id=name, string_value=title)
                return self._run(fragment)
        raise ValueError(f"there is no tab '{title}' but {', '.join(self._titles.values())}")

    def look(self) -> bool:
        """What the page does by itself while one looks at it; False where that is nothing."""
        if self._again is None:
            return False
        time.sleep(self._again[0])
        self._run(self._again[1])
        return True

    def stay(self, seconds: float) -> None:
        """Look at the page so long."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            if self._again is None or self._again[0] > left_s:
                time.sleep(left_s)
            else:
                self.look()

    @property
    def elements(self) -> list[Element]:
        """What the page shows, in no certain order."""
        return [element for element, _ in self._shown.values()]

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        return [element.button.label for element in self.elements if element.HasField("button")]

    @property
    def titles(self) -> list[str]:
        """The titles of its tabs."""
        return list(self._titles.values())

    @property
    def alerts(self) -> list[str]:
        """What it says in coloured boxes."""
        return [element.alert.body for element in self.elements if element.HasField("alert")]

    @property
    def words(self) -> str:
        """All that it says."""
        kinds = ("markdown", "alert", "heading", "html")
        said = [getattr(element, kind) for element in self.elements for kind in kinds]
        return "\n".join(filter(None, (getattr(one, "body", "") for one in said)))

    @property
    def source(self) -> str:
        """All that was sent of it, to look for addresses in."""
        return "\n".join(map(str, self.elements))

    @property
    def failure(self) -> str:
        """What must never be seen: an exception, or that the app failed; else empty."""
        for element in self.elements:
            if element.HasField("exception"):
                return f"the page shows {element.exception.type}: {element.exception.message}"
        return next((body for body in self.alerts if FAILED in body), "")

    def _run(self, fragment: str = "", pressed: WidgetState | None = None) -> float:
        """Ask, and read until the script has ended; asked anew by the script it goes on."""
        state = ClientState()
        state.CopyFrom(self._state)
        state.fragment_id = fragment
        state.widget_states.widgets.extend([*self._widgets.values(), *([pressed] * bool(pressed))])
        begun = time.monotonic()
        self._send(state)
        if not fragment:
            self._again = None
        self._read(_FINISHED["fragment" if fragment else ""])
        return time.monotonic() - begun

    def _send(self, state: ClientState) -> None:
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        self._socket.send(message.SerializeToString())

    def _read(self, ending: int) -> None:
        while True:
            data = self._socket.recv(timeout=PATIENCE_S)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "script_finished" and message.script_finished in (
                ending,
                ForwardMsg.FINISHED_SUCCESSFULLY,
            ):
                return
            self._take(message, kind)

    def _take(self, message: ForwardMsg, kind: str | None) -> None:
        if kind == "new_session":
            run = set(message.metadata.run.fragment_ids)
            kept = [(at, one) for at, one in self._shown.items() if run and one[1] not in run]
            self._shown = dict(kept)
            if not run:
                self._tab_sets.clear()
                self._titles.clear()
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self._pages = {page.url_pathname: page.page_script_hash for page in pages}
            self._state.page_script_hash = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._again = message.auto_rerun.interval, message.auto_rerun.fragment_id
        elif kind == "stop_auto_rerun":
            self._again = None
        elif kind == "page_info_changed":
            self._state.query_string = message.page_info_changed.query_string
        elif kind == "delta":
            self._put(tuple(message.metadata.delta_path), message.delta)

    def _put(self, place: tuple[int, ...], delta: Delta) -> None:
        if delta.HasField("new_element"):
            self._shown[place] = delta.new_element, delta.fragment_id
        elif delta.add_block.tab_container.id:
            self._tab_sets[place] = delta.add_block.tab_container.id, delta.fragment_id
        elif delta.add_block.HasField("tab"):
            self._titles[place] = delta.add_block.tab.label


@contextmanager
def tab(address: str) -> Iterator[Tab]:
    """A session on the server at this address; it ends with the block."""
    place = address.replace("http://", "ws://", 1) + "/_stcore/stream"
    spoken = [Subprotocol("streamlit")]
    with connect(place, subprotocols=spoken, max_size=_MOST_BYTES, compression=None) as socket:
        yield Tab(socket)
