"""The server, asked by whom it should refuse: other addresses, names and pages, and strangers."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from faults.broken_pages import broken_pages
from faults.count import Count, Plan, Tally
from faults.onlookers import onlookers, seen_by_the_owner
from faults.password_gate import password_gate
from faults.real_browser import real_browser
from faults.shared_app import StartedApp, furnish, other_addresses, started
from faults.visit import is_let_in, visiting

_OWN = "127.0.0.1"


def suite(plan: Plan) -> Iterator[Count]:
    """The counts of the server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)
        # No option but those that a test needs: a free port, and no window opened.
        with started(folder) as app:
            yield _other_addresses(app)
            yield _other_names(app, plan)
            yield _other_pages(app, plan)
            yield _uploads(app)
            yield from real_browser(app)
            known = seen_by_the_owner(app)
        yield from broken_pages(folder)
        yield from onlookers(folder, known, plan)
        yield from password_gate(folder, plan)


def _other_addresses(app: StartedApp) -> Count:
    tally = Tally("Connections to any other address of this machine are refused")
    for address in other_addresses():
        tally.note(f"{address} answers" if _answers(address, app.port) else "")
    own = "" if _answers(_OWN, app.port) else f"{_OWN} does not answer"
    tally.note(own)
    return tally.count(", ".join(other_addresses()))


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=5):
            return True
    except OSError:
        return False


def _other_names(app: StartedApp, plan: Plan) -> Count:
    """What a page elsewhere could have its own name lead to."""
    tally = Tally("A name not this computer's (DNS rebinding) gets no page, sound or session")
    random = plan.random("names")
    strange = ["evil.example", f"{_OWN}.evil.example", "localhost.evil.example", "192.0.2.9", ""]
    drawn = (f"{random.getrandbits(40):x}.example" for _ in range(plan.times(5, 200)))
    for name in (*strange, *drawn):
        host = f"{name}:{app.port}"
        for path in ("/", "/train", "/api/sound/x.wav", "/_stcore/health"):
            reply = app.ask(path, host=host)
            tally.note(f"{host}{path} is answered" if reply.status != 403 else "")
        is_in = bool(name) and is_let_in(app.port, name=name)
        tally.note(f"{host} has a session" if is_in else "")
    for name in (_OWN, "localhost"):
        reply = app.ask("/", host=f"{name}:{app.port}")
        is_in = reply.status == 200 and is_let_in(app.port, name=name)
        tally.note("" if is_in else f"{name} itself is refused")
    return tally.count()


def _other_pages(app: StartedApp, plan: Plan) -> Count:
    tally = Tally("A page of another origin can neither open a session, upload nor read")
    random = plan.random("origins")
    strange = ["http://evil.example", "https://127.0.0.1.evil.example", "null", "file://"]
    ports = random.sample(range(1024, 9000), plan.times(5, 200))
    others = [f"http://localhost:{port}" for port in ports]
    for origin in (*strange, *others):
        tally.note(f"{origin} has a session" if is_let_in(app.port, origin=origin) else "")
        reply = app.ask("/_stcore/upload_file/a/b", method="PUT", body=b"x", origin=origin)
        tally.note(f"{origin} may upload" if reply.status != 403 else "")
        may_read = app.ask("/_stcore/health", origin=origin).headers
        tally.note(f"{origin} may read" if "access-control-allow-origin" in may_read else "")
    is_own_let_in = is_let_in(app.port, origin=f"http://{_OWN}:{app.port}")
    tally.note("" if is_own_let_in else "the app's own page has no session")
    return tally.count()


def _uploads(app: StartedApp) -> Count:
    """The app's own page sends the token of its cookie; a forged form cannot."""
    tally = Tally("An upload without the page's own token (XSRF) is refused, one with it is taken")
    cookie = app.ask("/_stcore/health").headers.get("set-cookie", "").partition(";")[0]
    token = cookie.partition("=")[2]
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.wav"\r\n\r\nx\r\n--b--'
    with visiting(app.port) as visit:
        visit.see("classify")
        path = f"/_stcore/upload_file/{visit.session_id}/one"
        form = {"content_type": "multipart/form-data; boundary=b"}
        another = {"cookie": cookie, "x_xsrftoken": f"2|00000000|{0:032}|0"}
        forged = ({}, {"cookie": cookie}, another)
        for headers in forged:
            status = app.ask(path, method="PUT", body=body, **form, **headers).status
            tally.note("" if status == 403 else f"{sorted(headers)} is answered with {status}")
        own = {"cookie": cookie, "x_xsrftoken": token}
        status = app.ask(path, method="PUT", body=body, **form, **own).status
        tally.note("" if status == 204 else f"the page's own upload is answered with {status}")
    return tally.count()
