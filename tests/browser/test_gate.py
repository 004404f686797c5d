"""A person at the gate of a shared app."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

PASSWORD = "correct horse battery"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def address(serve: Callable[[Path], str], demo_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the app is, on a network, behind a password."""
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    monkeypatch.setenv("URBANSOUND_PASSWORD", PASSWORD)
    return serve(demo_data)


def test_a_wrong_password_is_said_so_and_the_right_one_leads_on(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/explore?view=Balance")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_text("Explore")).to_have_count(0)
    page.keyboard.type("wrong horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("tab", name="Balance")).to_have_attribute("aria-selected", "true")
    assert page.url == f"{address}/explore?view=Balance"
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(f"{address}/train")
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nobody_is_kept_out_but_by_the_password(
    browser: Browser, address: str, look: str, size: dict[str, int]
) -> None:
    page = browser.new_context(viewport=size, color_scheme=look, bypass_csp=True).new_page()
    page.goto(address)
    page.get_by_label("Password").fill("wrong horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run()")["violations"]
    assert [violation["id"] for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
