"""The app on a network without a gate: every page, with nothing on it that changes anything."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from urbansound.labels import URBAN_SOUNDS
from urbansound.runs.folder import RunFolder
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import list_runs
from urbansound.ui.sharing import ONLY_LOOKING, sharing

OpenPage = Callable[..., AppTest]
TITLES = [sound.title for sound in URBAN_SOUNDS]
# These change what the visitor sees, and nothing else.
HARMLESS = {
    "another one",
    "Guess without a model",
    "Swap",
    "Other clips",
    "Play all",
    "More",
    "Next",
}


@pytest.fixture
def on_a_network() -> Iterator[None]:
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    sharing.cache_clear()
    yield
    config.set_option("server.address", before)
    sharing.cache_clear()


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.error, *app.title))


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button if button.label and not button.disabled}


@pytest.mark.usefixtures("on_a_network")
@pytest.mark.parametrize("page", ["home", "explore", "train", "runs", "classify"])
def test_no_page_has_a_button_that_changes_anything(
    open_page: OpenPage, train_now: Callable[..., RunFolder], real_set: Path, page: str
) -> None:
    run = train_now()
    app = open_page(page, **({"run": run.id} if page == "runs" else {}))
    assert not app.exception
    assert labels(app) <= HARMLESS | set(TITLES)
    assert "Shared to look and listen" in words(app)


@pytest.mark.usefixtures("on_a_network", "real_set")
def test_train_says_where_training_is_done_and_wakes_no_worker(
    open_page: OpenPage, spares_wished: list[SpareWorker], no_work: list[str]
) -> None:
    assert ONLY_LOOKING in words(open_page("train"))
    assert not spares_wished
    assert not no_work


@pytest.mark.usefixtures("on_a_network")
@pytest.mark.parametrize("page", ["home", "explore", "train"])
def test_without_sounds_none_are_made(open_page: OpenPage, no_work: list[str], page: str) -> None:
    assert "There are no sounds here yet." in words(open_page(page))
    assert not no_work


@pytest.mark.usefixtures("on_a_network", "real_set")
@pytest.mark.parametrize("view", ["Health", "Map", "Balance", "Compare"])
def test_looking_begins_no_work(open_page: OpenPage, no_work: list[str], view: str) -> None:
    app = open_page("explore", view=view)
    assert not app.exception
    assert not no_work
    assert labels(app) <= HARMLESS | set(TITLES)


@pytest.mark.usefixtures("on_a_network")
def test_looking_at_another_dataset_is_not_remembered(
    open_page: OpenPage, real_set: Path, places: Path
) -> None:
    open_page("home", data="none")
    assert not (places / "opened.json").exists()


def test_this_computers_own_app_has_them_all(
    open_page: OpenPage, train_now: Callable[..., RunFolder], tmp_path: Path
) -> None:
    run = train_now()
    assert {"Delete it", "Reproduce"} <= labels(open_page("runs", run=run.id))
    assert "Train" in labels(open_page("train"))
    assert [one.id for one in list_runs(tmp_path / "outputs")] == [run.id]


@pytest.mark.parametrize(("kind", "way"), [("password", "/sign-out"), ("people", "/auth/logout")])
def test_whoever_signed_in_finds_the_way_out(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, real_set: Path, kind: str, way: str
) -> None:
    from urbansound.ui.sharing import Sharing

    monkeypatch.setattr("urbansound.ui.shared_line.sharing", lambda: Sharing(kind))  # type: ignore[arg-type]
    html = "".join(element.proto.body for element in open_page("home").get("html"))
    assert f'href="{way}"' in html
