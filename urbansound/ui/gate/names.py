"""Which names the app answers to, and which pages may speak to it.

A page elsewhere can have its own name lead to this computer (DNS rebinding) and would then be
taken for the app's own page. So the name that was asked for has to be one of ours; a number
cannot be led anywhere.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import streamlit as st

from urbansound.ui.sharing import allowed_hosts, is_loopback


def host_of(header: str) -> str:
    """The name or number in a Host header, without the port; empty where it is none."""
    try:
        parts = urlsplit(f"//{header}")
        # Reading the port checks it.
        is_plain = parts.port is None or parts.port >= 0
    except ValueError:
        return ""
    rest = (parts.username, parts.password, parts.path, parts.query, parts.fragment)
    return (parts.hostname or "").rstrip(".") if is_plain and not any(rest) else ""


def is_ours(host: str, *, is_shared: bool) -> bool:
    """Whether the app answers to this name: any number where shared, else a loopback's.

    Where names were given with --server.allowedHosts, those alone: to others Streamlit would
    send its page, and then never connect.
    """
    if allowed := allowed_hosts():
        return any(_fits(host, name.lower().rstrip(".")) for name in allowed)
    if not is_shared:
        return is_loopback(host)
    return is_loopback(host) or _is_number(host) or host in own_names()


def own_names() -> list[str]:
    """The names of this computer, and that the server was given to listen or be found at."""
    here = socket.gethostname().lower()
    given = (st.get_option("server.address"), st.get_option("browser.serverAddress"))
    return [here, f"{here}.local", *(str(name).lower() for name in given if name)]


def is_own_page(origin: str | None, host: str) -> bool:
    """Whether a request comes from a page of this app, or from no page at all.

    `host` is the Host header, port and all: a page of another server on this computer is not
    ours. Pages of --server.corsAllowedOrigins are let in.
    """
    if origin is None:
        return True
    allowed: Iterable[str] = st.get_option("server.corsAllowedOrigins") or ()
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        return False
    return place.lower() == host.lower() or origin in allowed


def _fits(host: str, name: str) -> bool:
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
