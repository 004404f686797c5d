"""Pages that fail: what a visitor is told of it."""

from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from faults.count import Count, Tally
from faults.shared_app import furnish, started
from faults.visit import visiting
from urbansound.paths import PROJECT

# What a traceback or a library's own words would bring along.
_GIVEN_AWAY = ("Traceback", 'File "', ".py", "NotADirectoryError", "Errno", "the-secret-of")


def broken_pages(folder: Path) -> Iterator[Count]:
    """Pages of the app that fail, and a page without the app's frame."""
    tally = Tally("A page that fails shows no traceback, path or library's message")
    broken = folder / "broken"
    furnish(broken)
    _break(broken)
    with started(broken) as app, visiting(app.port) as visit:
        for page in ("runs", "train"):
            tally.note(_given_away(visit.see(page)))
        for path in (
            "/api/clip/x/1.wav",
            f"/api/clip/x/{10**20}.svg",
            "/api/sound/x.wav",
        ):
            reply = app.ask(path)
            tally.note("" if "Traceback" not in reply.text else f"{path} shows a traceback")
    script = str(PROJECT / "faults" / "broken_page.py")
    with started(broken, script=script) as app, visiting(app.port) as visit:
        messages = visit.see("")
        tally.note(_given_away(messages))
        has_failed = any(
            message.delta.new_element.HasField("exception")
            for message in messages
            if message.HasField("delta")
        )
        tally.note("" if has_failed else "the page did not fail")
    yield tally.count()


def _break(folder: Path) -> None:
    """The runs are a file where a folder should be."""
    runs = folder / "outputs" / "runs"
    runs.rename(folder / "outputs" / "runs-before")
    runs.write_text("no folder")


def _given_away(messages: list[ForwardMsg]) -> str:
    """What the page's own elements say that they should not."""
    deltas = [message.delta for message in messages if message.HasField("delta")]
    elements = [one.new_element for one in deltas if one.HasField("new_element")]
    shown = [str(one) for one in elements if not one.HasField("html")]
    found = [word for word in _GIVEN_AWAY for text in shown if word in text]
    return f"the page shows {found[0]!r}" if found else ""
