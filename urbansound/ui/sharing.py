"""Who can reach the app, and what can be changed in it: decided once, by how it was started.

A visitor's address takes no part in it, for that can be forged; nor does anything else that
comes over the network. `changes` closes a function that writes, deletes or takes the device;
`may_change` is asked where its button would be drawn.
"""

import functools
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

import streamlit as st

from urbansound.errors import BadConfig, NotHere
from urbansound.once import once
from urbansound.ui.gate.password import Password, read_password

# alone: this computer only. looking: a network, and nothing can be changed. password, people:
# a network, behind a gate. refused: a gate was asked for that cannot be built, so nobody enters.
Kind = Literal["alone", "looking", "password", "people", "refused"]
P = ParamSpec("P")
T = TypeVar("T")

ONLY_LOOKING = (
    "Shared on a network to look and listen: what changes anything is done on the computer that "
    "the app runs on, or behind a password."
)
NO_OIDC = (
    "Signing in by an identity provider ([auth] in .streamlit/secrets.toml) needs one package "
    'more: pip install "streamlit[auth]".'
)


SHORTEST_SECRET = 32
BAD_SECRET = (
    f"The cookie_secret in .streamlit/secrets.toml needs {SHORTEST_SECRET} characters or more, "
    'made by chance: python -c "import secrets; print(secrets.token_hex())" makes one. Who knows '
    "it can sign in as anybody."
)


@dataclass(frozen=True)
class Sharing:
    """How the app is shared. `password` is there where one is asked for, `reason` where refused."""

    kind: Kind
    password: Password | None = None
    reason: str = ""

    @property
    def may_change(self) -> bool:
        """Whether whoever gets in may do what the person at this computer may."""
        return self.kind in ("alone", "password", "people")


@once
def sharing() -> Sharing:
    """How this server was started: asked for once, and the same as long as it runs.

    A password that was given is asked for on this computer too: what stands between the app and
    a network may hide from it that there is one.
    """
    try:
        password = read_password()
        if password is not None:
            return Sharing("password", password)
        if not is_shared():
            return Sharing("alone")
        return _by_provider() if _has_provider() else Sharing("looking")
    except BadConfig as error:
        return Sharing("refused", reason=str(error))
    except Exception as error:
        # Whatever it was, a gate may have been meant: nobody enters.
        reason = f"How the app is shared could not be found out: {error}."
        return Sharing("refused", reason=reason)


def may_change() -> bool:
    """Whether anything can be changed in this app by those who reach it."""
    return sharing().may_change


def changes(action: Callable[P, T]) -> Callable[P, T]:
    """A function that changes something; NotHere where the app is shared to look only."""

    @functools.wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        if not may_change():
            raise NotHere(ONLY_LOOKING)
        return action(*args, **kwargs)

    return guarded


def say_only_looking(what: str) -> None:
    """In place of what changes something: that it is not here, in the app's grey."""
    st.markdown(f":small[:gray[:material/visibility: {what} {ONLY_LOOKING}]]")


def is_shared() -> bool:
    """Whether anything but this computer is meant to reach the server.

    By the address it binds, and by the names it was told to answer to: a loopback address with
    a name of the network is one behind a proxy.
    """
    names = [str(st.get_option("server.address") or ""), *allowed_hosts()]
    return not all(map(is_loopback, names))


def allowed_hosts() -> list[str]:
    """The names given with --server.allowedHosts."""
    return [str(name).strip() for name in st.get_option("server.allowedHosts") or ()]


def base_path() -> str:
    """What stands before every path of the app: empty, or "/sounds"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def is_loopback(address: str) -> bool:
    """Whether only this computer can reach that address, or be called by that name."""
    if address.lower() == "localhost":
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _has_provider() -> bool:
    """BadConfig where there are secrets that cannot be read: they may hold a gate."""
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    there = [str(path) for path in st.get_option("secrets.files") or () if Path(path).exists()]
    if there:
        raise BadConfig(f"'{there[0]}' cannot be read as TOML. Mend it and start the app again.")
    return False


def _by_provider() -> Sharing:
    from streamlit.auth_util import is_authlib_installed

    if not is_authlib_installed():
        raise BadConfig(NO_OIDC)
    secret = st.secrets["auth"].get("cookie_secret")
    if secret is not None and len(str(secret)) < SHORTEST_SECRET:
        raise BadConfig(BAD_SECRET)
    return Sharing("people")
