"""The page at the gate: plain HTML, for nothing of the app is sent to whoever is outside."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

_PAGE = Path(__file__).parent.parent / "static" / "gate.html"
_HEADERS = {
    "Cache-Control": "no-store",
    # A form whose page sends no referrer would come without its origin.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
}


def password_page(action: str, to: str, wrong: str = "", status: int = 403) -> HTMLResponse:
    """The question for the password. `to` is where a right one leads, `wrong` what went wrong."""
    said = f'<p class="wrong" id="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    told = ' aria-describedby="wrong" aria-invalid="true"' if wrong else ""
    return _page(
        "<p>Shared behind a password. Whoever runs the app knows it.</p>"
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="to" value="{escape(to)}">'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" maxlength="1024" required '
        f'autofocus autocomplete="current-password"{told}>'
        f"{said}<button>Sign in</button></form>",
        status,
    )


def people_page(ways_in: Mapping[str, str], way_out: str, person: str) -> HTMLResponse:
    """The ways to the identity providers; for a person named who is not let in, the way back.

    `ways_in` has what the buttons say, and where they lead.
    """
    if not person:
        return _page(
            "<p>Shared with people that whoever runs the app has named.</p>"
            + "".join(_button(label, way) for label, way in ways_in.items()),
            403,
        )
    return _page(
        f"<p>{escape(person)} is not among the people that this app is shared with. Ask whoever "
        "runs it, or sign in as somebody else.</p>" + _button("Sign out", way_out),
        403,
    )


def _button(label: str, way: str) -> str:
    return f'<a class="button" href="{escape(way)}">{escape(label)}</a>'


def _page(body: str, status: int) -> HTMLResponse:
    page = Template(_PAGE.read_text(encoding="utf-8")).substitute(body=body)
    return HTMLResponse(page, status, headers=_HEADERS)
