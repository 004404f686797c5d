"""A dataset names its classes as it likes: no page may take such a name for anything but words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.index import load_dataset
from urbansound.experiment.execute import execute
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.labels import class_title
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.store import create_run
from urbansound.ui.runs.confusion import Mistake
from urbansound.ui.words import plain, plain_title

OpenPage = Callable[..., AppTest]
PICTURE = "![x](http://evil.example/x.png)"


@pytest.fixture
def hostile_set(small_dataset: Path, places: Path) -> Path:
    """Forty clips whose classes' names would be pictures; the dataset's root."""
    table = small_dataset / "metadata" / "UrbanSound8K.csv"
    head, *rows = table.read_text().splitlines()
    # Fewer clips of one class, so that the page names the fewest and the most.
    named = [f"{row.rpartition(',')[0]},{PICTURE} {row.split(',')[6]}" for row in rows[:-1]]
    table.write_text("\n".join([head, *named]) + "\n")
    return small_dataset.rename(places / "UrbanSound8K")


@pytest.fixture
def hostile_run(hostile_set: Path, tmp_path: Path) -> str:
    """The id of a run that learned such classes, whose weights are the saved model 1."""
    load_features(load_dataset(hostile_set), MFCC40, workers=1)
    config, protocol = TrainConfig(epochs=2, device="cpu"), Protocol("official", (10,), (9,))
    spec = RunSpec(str(hostile_set.resolve()), "model1", train=config, protocol=protocol)
    run = create_run(tmp_path / "outputs", spec)
    execute(run, tmp_path / "outputs")
    return run.id


def marked_up(app: AppTest) -> Iterator[str]:
    """Every text of the page that the browser reads as Markdown."""
    kinds = (app.title, app.header, app.markdown, app.info, app.warning, app.error, app.success)
    yield from (element.value for kind in kinds for element in kind)
    widgets = (*app.button, *app.radio, *app.selectbox, *app.button_group, *app.number_input)
    yield from (widget.label for widget in widgets)
    for widget in (*app.radio, *app.button_group):
        yield from widget.options


def test_no_page_takes_a_classs_name_for_markup(open_page: OpenPage, hostile_run: str) -> None:
    pages = [
        open_page("home"),
        open_page("explore"),
        open_page("explore", view="Balance"),
        open_page("train", run=hostile_run),
        open_page("runs", run=hostile_run),
        open_page("classify"),
    ]
    picked = pages[-1].segmented_control(key="classify_source").set_value("Pick from the dataset")
    picked.run()
    texts = [text for app in pages for text in marked_up(app)]
    assert not [app.exception for app in pages if app.exception]
    assert [text for text in texts if "[x]" in text] == []
    n_told = sum(plain_title(PICTURE) in text for text in texts)
    assert n_told >= 12, "the pills alone name ten classes, the balance two"


def test_a_filter_by_such_a_class_still_finds_its_clips(
    open_page: OpenPage, hostile_set: Path
) -> None:
    name = f"{PICTURE} 3"
    app = open_page("explore")
    app.pills(key="sound").set_value([name]).run()
    assert set(app.dataframe[0].value["sound"]) == {class_title(name)}


@pytest.mark.parametrize(
    "text",
    ["**b**", "![x](y)", "`c`", "$x$", ":red[x]", "<b>", "a|b", "&lt;b&gt;", "# title", "~~x~~"],
)
def test_no_mark_is_left_alive(text: str) -> None:
    marks = r"[]*_`$:<>~#|&"
    escaped = plain(text)
    assert all(escaped[at - 1] == "\\" for at, mark in enumerate(escaped) if mark in marks)
    assert escaped.replace("\\", "") == text


@pytest.mark.parametrize(
    "text", ["www.evil.example", "WWW.evil.example", "https://e.example", "a@b.c"]
)
def test_an_address_stays_words(text: str) -> None:
    escaped = plain(text).replace("\\", "")
    assert text not in escaped
    assert escaped.replace("\u2060", "") == text


def test_a_mistake_is_told_in_bold_or_without_any_mark() -> None:
    mistake = Mistake(28, "engine_idling", "car_horn")
    assert mistake.sentence == "28 clips of engine idling were heard as car horn."
    assert mistake.markdown == "28 clips of **engine idling** were heard as **car horn**."
    assert plain("[x]") in Mistake(1, "[x]", "y").markdown
