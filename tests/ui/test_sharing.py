"""Who can reach the app is told by how it was started."""

import os

import pytest
import streamlit as st
from streamlit import config

from urbansound.errors import NotHere
from urbansound.ui import background
from urbansound.ui.gate.password import TEXT
from urbansound.ui.sharing import changes, is_loopback, is_shared, may_change, sharing


@pytest.fixture
def bound_to(monkeypatch):
    """Starts the server at an address, as far as anything here can tell."""

    def bind(address, *hosts, secrets=()):
        options = {"server.address": address, "server.allowedHosts": list(hosts)}
        options["secrets.files"] = list(secrets)
        monkeypatch.setattr("streamlit.get_option", options.get)
        sharing.cache_clear()

    yield bind
    sharing.cache_clear()


def test_the_projects_own_settings_are_this_computers_alone():
    assert config.get_option("server.address") == "127.0.0.1"
    assert sharing().kind == "alone"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "localhost", "::1", "127.8.8.8", "::ffff:127.0.0.1"]
)
def test_a_loopback_address_is_not_shared(address, bound_to):
    bound_to(address)
    assert is_loopback(address)
    assert not is_shared()


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "192.0.2.2", "sounds.example.org", "unix:///run/x", None, ""]
)
def test_any_other_address_is_shared_and_nothing_can_be_changed(address, bound_to):
    bound_to(address)
    assert sharing().kind == "looking"
    assert not may_change()


def test_a_name_of_the_network_means_a_proxy_and_is_shared(bound_to):
    bound_to("127.0.0.1", "sounds.example.org")
    assert sharing().kind == "looking"


def test_a_password_gives_everything_to_those_who_know_it(bound_to, monkeypatch):
    monkeypatch.setenv(TEXT, "correct horse")
    bound_to("0.0.0.0")
    assert sharing().kind == "password"
    assert may_change()


def test_a_password_is_asked_for_on_this_computer_too(bound_to, monkeypatch):
    """What stands between the app and a network may not say so."""
    monkeypatch.setenv(TEXT, "correct horse")
    bound_to("127.0.0.1")
    assert sharing().kind == "password"
    assert TEXT not in os.environ


def test_whatever_goes_wrong_with_a_gate_lets_nobody_in_for_good(bound_to, monkeypatch):
    def fail():
        raise RuntimeError("no home")

    monkeypatch.setattr("urbansound.ui.sharing.read_password", fail)
    bound_to("0.0.0.0")
    assert sharing().kind == "refused"
    monkeypatch.setattr("urbansound.ui.sharing.read_password", lambda: None)
    assert sharing().kind == "refused"


def test_secrets_that_cannot_be_read_let_nobody_in(bound_to, tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text("[auth\ncookie_secret = ")
    bound_to("0.0.0.0", secrets=[str(path)])
    assert sharing().kind == "refused"
    assert str(path) in sharing().reason
    path.unlink()
    bound_to("0.0.0.0", secrets=[str(path)])
    assert sharing().kind == "looking"


@pytest.mark.parametrize(
    ("secret", "kind"), [("a long random text", "refused"), ("0" * 64, "people")]
)
def test_a_secret_that_can_be_guessed_lets_nobody_in(secret, kind, bound_to, monkeypatch):
    monkeypatch.setattr("urbansound.ui.sharing._has_provider", lambda: True)
    monkeypatch.setattr("streamlit.auth_util.is_authlib_installed", lambda: True)
    told = {"auth": {"cookie_secret": secret}}
    monkeypatch.setattr(type(st.secrets), "__getitem__", lambda _, key: told[key])
    bound_to("0.0.0.0")
    assert sharing().kind == kind


def test_a_password_that_is_no_good_shares_nothing(bound_to, monkeypatch):
    monkeypatch.setenv(TEXT, "short")
    bound_to("0.0.0.0")
    assert sharing().kind == "refused"
    assert not may_change()


def test_a_provider_without_its_package_shares_nothing(bound_to, monkeypatch):
    monkeypatch.setattr("urbansound.ui.sharing._has_provider", lambda: True)
    monkeypatch.setattr("streamlit.auth_util.is_authlib_installed", lambda: False)
    bound_to("0.0.0.0")
    assert sharing().kind == "refused"
    assert "streamlit[auth]" in sharing().reason


def test_what_changes_something_refuses_where_one_can_only_look(bound_to):
    done = []
    bound_to("0.0.0.0")
    with pytest.raises(NotHere):
        changes(done.append)(1)
    with pytest.raises(NotHere):
        background.start("demo")
    bound_to("127.0.0.1")
    changes(done.append)(2)
    assert done == [2]
