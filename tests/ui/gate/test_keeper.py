"""What the keeper refuses before the app hears of it."""

import socket

import pytest

from tests.ui.gate.asking import ask, connects, inside
from urbansound.ui.gate.keeper import Gatekeeper
from urbansound.ui.gate.password import Password
from urbansound.ui.sharing import Sharing

ALONE, LOOKING = Sharing("alone"), Sharing("looking")
NETWORK = "192.0.2.2"


def test_this_computers_own_browser_comes_in():
    gate = Gatekeeper(inside, ALONE)
    for host in ("127.0.0.1:8501", "localhost:8501", "[::1]:8501", "LOCALHOST"):
        assert ask(gate, host=host).text == "inside"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "192.0.2.2:8501", "127.0.0.1.x.org", "", "a@127.0.0.1", "x:99999"],
)
def test_a_name_that_is_not_ours_is_refused(host):
    gate = Gatekeeper(inside, ALONE)
    answer = ask(gate, host=host)
    assert answer.status == 403
    assert f"'{host}'" in answer.text
    assert not connects(gate, host=host)


def test_an_address_of_the_network_is_refused_where_the_app_was_started_for_one_computer():
    answer = ask(Gatekeeper(inside, ALONE), here=NETWORK, host="127.0.0.1:8501")
    assert answer.status == 403
    assert "--server.address" in answer.text


def test_a_shared_app_answers_to_numbers_and_to_its_own_names_only():
    gate = Gatekeeper(inside, LOOKING)
    for host in ("192.0.2.2:8501", "[fd00::2]:8501", "127.0.0.1", socket.gethostname()):
        assert ask(gate, here=NETWORK, host=host).text == "inside", host
    assert ask(gate, here=NETWORK, host="evil.example").status == 403


def test_where_names_were_given_the_app_answers_to_those_alone(set_option):
    set_option("server.allowedHosts", ["sounds.example.org", "*.lab.example.org"])
    gate = Gatekeeper(inside, LOOKING)
    for host in ("sounds.example.org", "Sounds.Example.org:8501", "a.lab.example.org"):
        assert ask(gate, here=NETWORK, host=host).text == "inside", host
    for host in ("192.0.2.2:8501", "127.0.0.1:8501", "lab.example.org", "evil.example"):
        assert ask(gate, here=NETWORK, host=host).status == 403, host
    assert ask(gate, "/_stcore/health", host="127.0.0.1:8501").text == "inside"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:3000", "null", "http://["]
)
def test_a_page_elsewhere_can_neither_connect_nor_send(origin):
    gate = Gatekeeper(inside, ALONE)
    assert not connects(gate, origin=origin)
    assert ask(gate, method="PUT", origin=origin).status == 403
    assert connects(gate, origin="http://127.0.0.1:8501")
    assert ask(gate, method="PUT", origin="http://127.0.0.1:8501").text == "inside"


def test_no_page_elsewhere_can_show_the_app_in_a_frame():
    headers = ask(Gatekeeper(inside, ALONE)).headers
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_gate_that_cannot_be_built_lets_nobody_in():
    gate = Gatekeeper(inside, Sharing("refused", reason="The password has 3 characters."))
    assert ask(gate).text == "The password has 3 characters."
    assert ask(gate, "/_stcore/health").status == 403
    assert not connects(gate)


def test_a_password_closes_pages_sounds_uploads_and_the_connection():
    gate = Gatekeeper(inside, Sharing("password", Password("correct horse")))
    for path in ("/", "/api/sound/x.wav", "/static/a.js", "/_stcore/metrics", "/media/x.png"):
        assert ask(gate, path).status == 403
        assert "inside" not in ask(gate, path, accept="text/html").text
    assert ask(gate, "/_stcore/upload_file/a/b", method="PUT").status == 403
    assert not connects(gate)
    assert ask(gate, "/_stcore/health").text == "inside"
