"""What a real browser sees and asks for on the app's pages."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Page
from streamlit import config

from benchmarks.served import browser_page
from faults.count import Count, Tally
from faults.shared_app import StartedApp

_STILL = "[data-testid=stApp][data-test-script-state=notRunning]"
_PAGES = ("", "explore", "train", "runs", "classify")
_PATIENCE_MS = 60_000


def real_browser(app: StartedApp) -> Iterator[Count]:
    """Whom a browser is sent to, and whether the limit of uploads can be read."""
    asked: list[str] = []
    with browser_page() as page:
        page.set_default_timeout(_PATIENCE_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda one: asked.append(one.url))
        for name in _PAGES:
            _look_at(page, f"http://127.0.0.1:{app.port}/{name}")
        yield _foreign(app, asked)
        yield _limit(page)


def _look_at(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(_STILL)
    page.wait_for_load_state("networkidle")


def _foreign(app: StartedApp, asked: list[str]) -> Count:
    tally = Tally("Requests of a real browser on every page, to hosts other than the app's")
    own = f"127.0.0.1:{app.port}"
    for address in asked:
        parts = urlsplit(address)
        is_own = parts.netloc == own or parts.scheme in ("data", "blob")
        tally.note("" if is_own else f"{address[:100]} was asked")
    return tally.count(f"{len(asked)} requests on {len(_PAGES)} pages; usage statistics off")


def _limit(page: Page) -> Count:
    """The page that takes uploads is the last one of the walk."""
    tally = Tally("The page that takes uploads says how large they may be")
    limit = config.get_option("server.maxUploadSize")
    page.get_by_text("Upload", exact=True).first.click()
    page.wait_for_selector("[data-testid=stFileUploaderDropzone]")
    said = page.get_by_test_id("stApp").inner_text().replace(" ", "").replace("\u00a0", "")
    tally.note("" if f"{limit}MB" in said else f"{limit} MB stands nowhere")
    return tally.count(f"{limit} MB")
