"""A dataset whose classes are named like pictures and addresses: no page asks anybody for them."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import be_still

Serve = Callable[[Path], str]
PICTURE = "![x](http://evil.example/x.png) www.evil.example a@evil.example"
EXPLORED = ("", "?view=Balance", "?view=Compare", "?view=Guess")
PAGES = ("", *(f"explore{view}" for view in EXPLORED), "train", "runs", "classify")


@pytest.fixture
def hostile_data(small_dataset: Path, tmp_path: Path) -> Path:
    """A data folder with forty clips of such classes."""
    table = small_dataset / "metadata" / "UrbanSound8K.csv"
    head, *rows = table.read_text().splitlines()
    named = [f"{row.rpartition(',')[0]},{PICTURE} {row.split(',')[6]}" for row in rows[:-1]]
    table.write_text("\n".join([head, *named]) + "\n")
    (tmp_path / "data").mkdir()
    small_dataset.rename(tmp_path / "data" / "UrbanSound8K")
    return tmp_path / "data"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_asks_anybody_for_what_a_class_is_named(
    page: Page, serve: Serve, hostile_data: Path, address: str
) -> None:
    asked: set[str | None] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    page.goto(f"{serve(hostile_data)}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if address == "classify":
        page.get_by_role("radio", name="Pick from the dataset").click()
        page.get_by_role("combobox", name="Kind of sound").click()
        expect(page.get_by_role("option").nth(3)).to_contain_text("evil.example")
    be_still(page)
    assert asked - {None} == {"127.0.0.1"}
    assert page.locator("[href*=evil]").count() == 0
