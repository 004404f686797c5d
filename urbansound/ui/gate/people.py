"""Who was named by an identity provider, and whether they are among those let in.

Streamlit signs a cookie when `st.login` has come back from the provider; it is read here, before
any page, because clips and uploads have addresses of their own.
"""

import json
from collections.abc import Mapping

import streamlit as st
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


def person_of(cookies: Mapping[str, str]) -> str:
    """The address that the provider vouches for; empty where nobody is signed in."""
    secret = get_cookie_secret()
    if not secret:
        return ""

    def read(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies.get(name, ""))

    said = get_cookie_with_chunks(read, USER_COOKIE_NAME)
    try:
        user = json.loads(said or b"{}")
    except ValueError:
        return ""
    is_sure = user.get("is_logged_in") is True and user.get("email_verified", True) is True
    return str(user.get("email") or "").strip().lower() if is_sure else ""


def is_let_in(person: str) -> bool:
    """Whether [sharing] people in .streamlit/secrets.toml names them, or all of their domain.

    "ann@example.org", or "*@example.org". Where nobody is named, nobody is let in.
    """
    domain = person.rpartition("@")[2]
    return bool(person) and any(
        wanted in (person, f"*@{domain}") for wanted in map(str.lower, _people())
    )


def providers() -> list[str]:
    """The providers that [auth] configures: "default" for its own, and the names of sections."""
    told = st.secrets["auth"]
    sections = {name: one for name, one in told.items() if isinstance(one, Mapping)}
    named = [name for name, one in sections.items() if "client_id" in one]
    return [*(["default"] if "client_id" in told or not named else []), *named]


def _people() -> list[str]:
    if not st.secrets.load_if_toml_exists() or "sharing" not in st.secrets:
        return []
    return [str(name).strip() for name in st.secrets["sharing"].get("people", ())]
