"""Getting in by a password, and by a name."""

import json
from urllib.parse import urlencode

import pytest
import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from tests.ui.gate.asking import Answer, ask, connects, converse, inside
from urbansound.ui.gate.doors import COOKIE, PasswordDoor
from urbansound.ui.gate.keeper import ASKED_AGAIN_S, Gatekeeper
from urbansound.ui.gate.password import Password
from urbansound.ui.gate.tries import BURST
from urbansound.ui.sharing import Sharing

RIGHT = "correct horse battery"
SECRET = "a secret of more than fourteen bytes"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gatekeeper:
    monkeypatch.setattr("urbansound.ui.gate.doors.WRONG_TAKES_S", 0.0)
    password = Password(RIGHT)
    keeper = Gatekeeper(inside, Sharing("password", password))
    keeper._door = PasswordDoor(password, wrong_takes_s=0.0)
    return keeper


def try_it(gate: Gatekeeper, password: str, to: str = "/", visitor: str = "192.0.2.7") -> Answer:
    body = urlencode({"password": password, "to": to}).encode()
    return ask(gate, "/sign-in", method="POST", body=body, visitor=visitor)


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def test_a_page_asks_for_the_password_and_keeps_the_place(gate):
    answer = ask(gate, "/explore", query=b"clip=3&tab=Map", accept="text/html")
    assert answer.status == 403
    assert 'type="password"' in answer.text
    assert 'value="/explore?clip=3&amp;tab=Map"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_the_right_password_opens_everything_for_that_browser_only(gate):
    answer = try_it(gate, RIGHT, to="/explore?clip=3")
    assert (answer.status, answer.headers["location"]) == (303, "/explore?clip=3")
    assert "HttpOnly" in answer.headers["set-cookie"]
    ticket = cookie_of(answer)
    assert ask(gate, "/explore", cookie=ticket).text == "inside"
    assert connects(gate, cookie=ticket)
    assert ask(gate, "/explore").status == 403


@pytest.mark.parametrize(
    "wrong", ["", "correct horse", RIGHT.upper(), f"{RIGHT} ", "\ud800", "é" * 99]
)
def test_another_password_opens_nothing(gate, wrong):
    body = urlencode({"password": wrong}, errors="surrogatepass").encode()
    answer = ask(gate, "/sign-in", method="POST", body=body)
    assert answer.status == 403
    assert "That is not the password." in answer.text
    assert "set-cookie" not in answer.headers


def test_tries_are_few_and_a_right_one_waits_its_turn_too(gate):
    for number in range(BURST):
        assert try_it(gate, f"wrong {number}").status == 403
    answer = try_it(gate, RIGHT)
    assert answer.status == 429
    assert "Too many wrong tries." in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert try_it(gate, RIGHT, visitor="192.0.2.8").status == 303


@pytest.mark.parametrize(
    "ticket", ["", "x", "9999999999.a.b", "é", "9999999999." + "0" * 32 + "." + "0" * 64]
)
def test_a_made_up_ticket_is_worth_nothing(gate, ticket):
    assert ask(gate, cookie=f"{COOKIE}={ticket}").status == 403


def test_a_ticket_of_another_server_is_worth_nothing(gate):
    other = PasswordDoor(Password(RIGHT))._tickets.issue()
    assert ask(gate, cookie=f"{COOKIE}={other}").status == 403


@pytest.mark.parametrize(
    ("to", "leads"),
    [
        ("//evil.example", "/evil.example"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/%09/evil.example"),
        ("/sign-in", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_nowhere_else(gate, to, leads):
    assert try_it(gate, RIGHT, to=to).headers["location"] == leads


def test_a_form_without_end_is_not_read_to_its_end(gate):
    answer = ask(gate, "/sign-in", method="POST", body=b"password=" + b"x" * 100_000)
    assert answer.status == 403


def test_signing_out_takes_the_ticket_away(gate):
    answer = ask(gate, "/sign-out", cookie=cookie_of(try_it(gate, RIGHT)))
    assert answer.status == 303
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_a_ticket_that_was_given_back_is_worth_nothing_wherever_it_was_copied_to(gate):
    ticket, other = cookie_of(try_it(gate, RIGHT)), cookie_of(try_it(gate, RIGHT))
    ask(gate, "/sign-out", cookie=ticket)
    assert ask(gate, cookie=ticket).status == 403
    assert ask(gate, cookie=other).text == "inside"
    assert not ask(gate, "/sign-out", cookie=f"{COOKIE}=made up").headers.get("x")


def test_a_connection_ends_soon_after_signing_out(gate):
    seconds, heard = [0.0], []
    gate._clock = lambda: seconds[0]

    async def app(scope, receive, send):
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message["text"])

    gate._app = app
    ticket = cookie_of(try_it(gate, RIGHT))

    def say(text, after_s):
        seconds[0] += after_s
        return {"type": "websocket.receive", "text": text}

    def leave(text):
        gate._door._tickets.give_back(ticket.partition("=")[2])
        return say(text, 2 * ASKED_AGAIN_S)

    steps = [lambda: say("in", 1.0), lambda: say("still in", 2 * ASKED_AGAIN_S)]
    sent = converse(gate, [*steps, lambda: leave("out")], cookie=ticket)
    assert heard == ["in", "still in"]
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Gatekeeper:
    told = {
        "auth": {"cookie_secret": SECRET},
        "sharing": {"people": ["Ann@example.org", "*@lab.example.org"]},
    }
    monkeypatch.setattr(st.secrets, "load_if_toml_exists", lambda: True)
    monkeypatch.setattr(type(st.secrets), "__getitem__", lambda _, key: told[key])
    monkeypatch.setattr(type(st.secrets), "__contains__", lambda _, key: key in told)
    monkeypatch.setattr("urbansound.ui.gate.people.get_cookie_secret", lambda: SECRET)
    monkeypatch.setattr("urbansound.ui.gate.doors.encode_provider_token", lambda _: "token")
    return Gatekeeper(inside, Sharing("people"))


def signed(secret: str = SECRET, **user: object) -> str:
    said = json.dumps({"is_logged_in": True} | user)
    return f"{USER_COOKIE_NAME}={create_signed_value(secret, USER_COOKIE_NAME, said).decode()}"


def test_people_who_are_named_come_in(people):
    for email in ("ann@example.org", "ANN@example.org", "bob@lab.example.org"):
        assert ask(people, cookie=signed(email=email)).text == "inside"
        assert connects(people, cookie=signed(email=email))


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        f"{USER_COOKIE_NAME}=made up",
        signed(email="eve@evil.example"),
        signed(email="x@sub.lab.example.org"),
        signed(email=""),
        signed(),
        signed(email="ann@example.org", email_verified=False),
        signed(email="ann@example.org", is_logged_in=False),
        signed(secret="another secret of many bytes", email="ann@example.org"),
    ],
)
def test_nobody_else_does(people, cookie):
    assert ask(people, "/api/sound/x.wav", cookie=cookie).status == 403
    assert not connects(people, cookie=cookie)


def test_a_stranger_is_led_to_the_provider_and_back(people):
    answer = ask(people, accept="text/html")
    assert 'href="/sign-in?with=default"' in answer.text
    answer = ask(people, "/sign-in", query=b"with=default", accept="text/html")
    assert answer.headers["location"] == "/auth/login?provider=token"
    assert ask(people, "/sign-in", query=b"with=//evil.example").headers["location"] == "/"
    for path in ("/auth/login", "/oauth2callback", "/auth/logout"):
        assert ask(people, path).text == "inside"


def test_each_provider_has_its_button(people, monkeypatch):
    several = {
        "auth": {"cookie_secret": SECRET, "google": {"client_id": "g"}, "work": {"client_id": "w"}}
    }
    monkeypatch.setattr(type(st.secrets), "__getitem__", lambda _, key: several[key])
    text = ask(people, accept="text/html").text
    assert "Sign in with google" in text
    assert "Sign in with work" in text


def test_what_is_no_provider_has_no_button(people, monkeypatch):
    told = {"client_id": "one", "client_kwargs": {"prompt": "login"}, "work": {"client_id": "w"}}
    monkeypatch.setattr(type(st.secrets), "__getitem__", lambda _, key: told)
    text = ask(people, accept="text/html").text
    assert [way in text for way in ("with=default", "with=work", "client_kwargs")] == [1, 1, 0]


def test_somebody_who_is_not_named_is_told_so(people):
    answer = ask(people, accept="text/html", cookie=signed(email="<b>eve@evil.example"))
    assert "&lt;b&gt;eve@evil.example is not among the people" in answer.text
