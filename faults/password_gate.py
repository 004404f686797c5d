"""The app on a network behind a password: who gets in, and how often one may try."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from faults.count import Count, Plan, Tally
from faults.onlookers import EXPECTED, ON_A_NETWORK
from faults.shared_app import Reply, StartedApp, other_addresses, started
from faults.visit import buttons, is_let_in, visiting

_CLOSED = ("/", "/train", "/static/index.html", "/media/x.wav", "/_stcore/metrics", "/component/x")
_CLOSED_SOUNDS = ("/api/sound/x.wav", "/api/clip/x/1.wav", "/api/clips/x/1.wav", "/favicon.png")
_MOST = 5


def password_gate(folder: Path, plan: Plan) -> Iterator[Count]:
    """What is closed, what opens it, and what does not."""
    password = secrets.token_urlsafe(12)
    place = folder / "password.txt"
    place.write_text(f"{password}\n", encoding="utf-8")
    with started(folder, ON_A_NETWORK, URBANSOUND_PASSWORD_FILE=str(place)) as app:
        yield _all_closed(app)
        yield _opens(app, password)
        yield _bounded(app, plan, password)
        yield _kept_nowhere(app, password, place)


def _all_closed(app: StartedApp) -> Count:
    tally = Tally("Behind a password, a stranger gets no page, sound, upload or session")
    for path in (*_CLOSED, *_CLOSED_SOUNDS):
        for accept in ("text/html", "*/*"):
            reply = app.ask(path, accept=accept)
            is_closed = reply.status == 403 and "stApp" not in reply.text
            tally.note("" if is_closed else f"{path} is answered with {reply.status}")
    for path in ("/_stcore/upload_file/a/b", "/train"):
        status = app.ask(path, method="PUT", body=b"x").status
        tally.note("" if status == 403 else f"a PUT of {path} is answered with {status}")
    made_up = {"cookie": "urbansound_ticket=9999999999.x.y"}
    for headers in ({}, made_up, {"x_forwarded_for": "127.0.0.1"}):
        tally.note("a stranger has a session" if is_let_in(app.port, **headers) else "")
    return tally.count()


def _opens(app: StartedApp, password: str) -> Count:
    tally = Tally("The right password opens all of it, for that browser alone")
    reply = _try(app, password)
    ticket = reply.headers.get("set-cookie", "").partition(";")[0]
    tally.note("" if reply.status == 303 and ticket else f"it is answered with {reply.status}")
    page = app.ask("/", cookie=ticket, accept="text/html")
    tally.note("" if page.status == 200 else f"the page is answered with {page.status}")
    with visiting(app.port, cookie=ticket) as visit:
        seen = buttons(visit.see("train")).values()
        tally.note("" if EXPECTED[0] in seen else "there is no Train")
    tally.note("another browser has a session" if is_let_in(app.port) else "")
    return tally.count()


def _bounded(app: StartedApp, plan: Plan, password: str) -> Count:
    """All at once, from as many addresses as one can forge in a header."""
    tally = Tally("Wrong passwords get nobody in, and few are looked at")
    address = next((one for one in other_addresses() if one[0].isdigit() and one[:4] != "127."), "")
    at = address or "127.0.0.1"
    n = plan.times(40, 1000)
    started_at = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda number: _try(app, f"wrong {number}", at, number), range(n)))
    seconds = time.monotonic() - started_at
    looked_at = sum(reply.status == 403 for reply in replies)
    for reply in replies:
        is_refused = reply.status in (403, 429) and "set-cookie" not in reply.headers
        tally.note("" if is_refused else f"a wrong one is answered with {reply.status}")
    may = _MOST + seconds / 30 + 1
    # Without an address of the network a header is believed, as a proxy's on this computer is.
    too_many = address and looked_at > may
    tally.note(f"{looked_at} were looked at" if too_many or looked_at > 60 + seconds else "")
    late = _try(app, password, at)
    tally.note("" if late.status == 429 or not address else "the right one need not wait its turn")
    return tally.count(f"{looked_at} of {n} were looked at, in {seconds:.0f} s")


def _try(app: StartedApp, password: str, at: str = "127.0.0.1", number: int = 0) -> Reply:
    return app.ask(
        "/sign-in",
        method="POST",
        body=urlencode({"password": password, "to": "/"}).encode(),
        at=at,
        content_type="application/x-www-form-urlencoded",
        x_forwarded_for=f"10.0.{number // 250}.{number % 250}",
    )


def _kept_nowhere(app: StartedApp, password: str, place: Path) -> Count:
    tally = Tally("The password is found in no file that the app wrote")
    for path in app.folder.rglob("*"):
        if path.is_file() and path != place:
            tally.note(f"{path.name} holds it" if password.encode() in path.read_bytes() else "")
    return tally.count()
