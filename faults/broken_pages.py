"""Pages that fail: what a visitor is told of it."""

from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.tab import FAILED
from faults.count import Count, Tally
from faults.shared_app import furnish, started
from faults.visit import visiting
from urbansound.paths import PROJECT

# What a traceback or a library's own words would bring along.
_GIVEN_AWAY = ("Traceback", 'File "', ".py", "NotADirectoryError", "Errno", "the-secret-of")


def broken_pages(folder: Path) -> Iterator[Count]:
    """A page that fails in the app's frame and without it, and pages whose files are odd."""
    tally = Tally("A page that fails shows no traceback, path or library's message")
    broken = folder / "broken"
    furnish(broken)
    for script, is_failure in (("broken_app.py", _says_so), ("broken_page.py", _is_exception)):
        place = str(PROJECT / "faults" / script)
        with started(broken, script=place) as app, visiting(app.port) as visit:
            elements = _elements(visit.see("runs" if is_failure is _says_so else ""))
            failed = any(map(is_failure, elements))
            tally.note("" if failed else f"{script} does not fail", _given_away(elements, broken))
    _break(broken)
    with started(broken) as app, visiting(app.port) as visit:
        for page in ("runs", "train"):
            tally.note(_given_away(_elements(visit.see(page)), broken))
        for path in (
            "/api/clip/x/1.wav",
            f"/api/clip/x/{10**20}.svg",
            "/api/sound/x.wav",
        ):
            reply = app.ask(path)
            tally.note("" if "Traceback" not in reply.text else f"{path} shows a traceback")
    yield tally.count()


def _says_so(element: Element) -> bool:
    return element.HasField("alert") and FAILED in element.alert.body


def _is_exception(element: Element) -> bool:
    return element.HasField("exception")


def _break(folder: Path) -> None:
    """The runs are a file where a folder should be."""
    runs = folder / "outputs" / "runs"
    runs.rename(folder / "outputs" / "runs-before")
    runs.write_text("no folder")


def _elements(messages: list[ForwardMsg]) -> list[Element]:
    """What is drawn, but for the app's own scripts and styles."""
    deltas = [message.delta for message in messages if message.HasField("delta")]
    elements = [one.new_element for one in deltas if one.HasField("new_element")]
    return [one for one in elements if not one.HasField("html")]


def _given_away(elements: list[Element], folder: Path) -> str:
    """What they say that they should not."""
    words = (*_GIVEN_AWAY, str(folder))
    found = [word for word in words for element in elements if word in str(element)]
    return f"the page shows {found[0]!r}" if found else ""
