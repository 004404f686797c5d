"""The page at the gate: plain HTML, for nothing of the app is sent to whoever is outside."""

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


def people_page(sign_in: str, sign_out: str, person: str) -> HTMLResponse:
    """The way to the identity provider; for a person it named who is not let in, away from it."""
    if not person:
        return _page(
            "<p>Shared with people that whoever runs the app has named.</p>"
            f'<a class="button" href="{escape(sign_in)}">Sign in</a>',
            403,
        )
    return _page(
        f"<p>{escape(person)} is not among the people that this app is shared with. Ask whoever "
        "runs it, or sign in as somebody else.</p>"
        f'<a class="button" href="{escape(sign_out)}">Sign out</a>',
        403,
    )


def _page(body: str, status: int) -> HTMLResponse:
    page = Template(_PAGE.read_text(encoding="utf-8")).substitute(body=body)
    return HTMLResponse(page, status, headers=_HEADERS)
