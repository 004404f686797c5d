"""A person trains a network: watches it move, reloads, stops, goes on, asks for nonsense."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import be_still
from urbansound.article_tensors import write_tensors
from urbansound.runs.store import list_runs

Serve = Callable[[Path], str]
LEARNED_MS = 180_000


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with only the article's tensors: 4,000 clips that can be told apart."""
    rng = np.random.default_rng(0)
    labels = (np.arange(4000) % 10).astype(np.int64)
    folds = (np.arange(4000) // 400 + 1).astype(np.int64)
    centres = rng.normal(size=(10, 40)) * 20
    features = (centres[labels] + rng.normal(size=(4000, 40)) * 30).astype(np.float32)
    folder = tmp_path_factory.mktemp("numbers")
    write_tensors(folder, features, labels, folds)
    return folder


def train_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Train", exact=True)


def set_number(page: Page, label: str, value: str) -> None:
    settings = page.get_by_text("Settings", exact=True)
    field = page.get_by_label(label, exact=True)
    if not field.is_visible():
        settings.click()
    field.fill(value)
    field.press("Enter")
    be_still(page)


def begin_long_training(page: Page, address: str) -> None:
    page.goto(f"{address}/train")
    expect(train_button(page)).to_be_enabled()
    set_number(page, "Epochs", "90000")
    train_button(page).click()
    expect(epoch_line(page)).to_be_visible()


def epoch_line(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"^epoch [1-9][\d,]* of 90,000"))


def epoch(page: Page) -> int:
    """The epoch that the page tells now."""
    text = epoch_line(page).inner_text()
    found = re.match(r"epoch ([\d,]+) of", text)
    assert found, text
    return int(found[1].replace(",", ""))


def expect_progress(page: Page, beyond: int) -> int:
    """Waits until the page tells an epoch beyond this one; the epoch it tells then."""
    page.wait_for_function(
        """beyond => [...document.querySelectorAll("p")].some(p => {
             const found = p.textContent.match(/^epoch ([\\d,]+) of/);
             return found && Number(found[1].replaceAll(",", "")) > beyond;
           })""",
        arg=beyond,
    )
    return epoch(page)


def test_a_person_sees_a_network_learn_and_finds_it_saved(
    page: Page, serve: Serve, demo_data: Path, outputs: Path
) -> None:
    page.goto(f"{serve(demo_data)}/train")
    train_button(page).click()
    drawn = record_drawn_points(page)
    expect(page.get_by_text("clips it had never heard")).to_be_visible(timeout=LEARNED_MS)
    expect(page.get_by_text("Saved as Model 1.")).to_be_visible()
    expect(page).to_have_title("Done · Model 1")
    counts = drawn()
    assert len(counts) >= 2, f"the curves did not move: {counts}"
    assert counts == sorted(counts), f"the curves went back: {counts}"
    assert counts[-1] >= 2 * 50, "an epoch of the 50 is not drawn"
    assert (outputs / "model1.pth").is_file()
    assert (outputs / "model1.json").is_file()
    page.get_by_role("button", name="See its mistakes").click()
    expect(page.get_by_role("heading", name="What it mistook")).to_be_visible()
    assert f"run={list_runs(outputs)[0].id}" in page.url


def record_drawn_points(page: Page) -> Callable[[], list[int]]:
    """Notes how many points stand in the accuracy chart, whenever there are others."""
    page.evaluate(
        """() => {
             const points = "[aria-label^='Accuracy by epoch'] g.mark-symbol.role-mark path";
             window.drawn = [];
             setInterval(() => {
               const n = document.querySelectorAll(points).length;
               if (n && window.drawn.at(-1) !== n) window.drawn.push(n);
             }, 30);
           }"""
    )
    return lambda: page.evaluate("window.drawn")


def test_a_reload_in_mid_training_finds_the_run_again(
    page: Page, serve: Serve, numbers: Path, outputs: Path
) -> None:
    address = serve(numbers)
    begin_long_training(page, address)
    before = epoch(page)
    page.reload()
    expect(epoch_line(page)).to_be_visible()
    after = expect_progress(page, before)
    page.goto(f"{address}/train")
    expect_progress(page, after)
    assert len(list_runs(outputs)) == 1


def test_a_training_is_stopped_and_goes_on_where_it_was(
    page: Page, serve: Serve, numbers: Path, outputs: Path
) -> None:
    begin_long_training(page, serve(numbers))
    page.get_by_role("button", name="Stop training").click()
    stopped = page.get_by_text(re.compile(r"^Stopped after [\d,]+ of 90,000 epochs\."))
    expect(stopped).to_be_visible()
    at = int(stopped.inner_text().split()[2].replace(",", ""))
    assert list_runs(outputs)[0].status() == "stopped"
    page.get_by_role("button", name="Resume").click()
    expect_progress(page, at)
    assert list_runs(outputs)[0].epochs()[0]["epoch"] == 1


def test_a_second_training_waits_behind_the_first(page: Page, serve: Serve, numbers: Path) -> None:
    begin_long_training(page, serve(numbers))
    train_button(page).click()
    expect(page.get_by_text("Waiting in the queue behind Model 1")).to_be_visible()
    expect(page.get_by_text("Also at work")).to_be_visible()


def test_a_setting_that_cannot_work_is_answered_in_words(
    page: Page, serve: Serve, numbers: Path
) -> None:
    page.goto(f"{serve(numbers)}/train")
    expect(train_button(page)).to_be_enabled()
    set_number(page, "Learning rate", "50")
    expect(page.get_by_text("it must be above 0 and at most 10")).to_be_visible()
    expect(train_button(page)).to_be_disabled()
    set_number(page, "Learning rate", "0.001")
    expect(train_button(page)).to_be_enabled()


def test_a_link_to_a_deleted_run_is_answered(page: Page, serve: Serve, numbers: Path) -> None:
    page.goto(f"{serve(numbers)}/train?run=20200101-000000-000000-model1")
    expect(page.get_by_text("is not here any more")).to_be_visible()
    expect(train_button(page)).to_be_enabled()


def fold_cards(page: Page) -> Locator:
    return page.locator(".fold")


def test_ten_folds_are_watched_to_their_mean(
    page: Page, serve: Serve, demo_data: Path, outputs: Path
) -> None:
    page.goto(f"{serve(demo_data)}/train")
    page.get_by_role("button", name="Ten-fold").click()
    expect(fold_cards(page)).to_have_count(10)
    heights = record_heights(page)
    expect(page.get_by_text("each tested once by a network that never heard")).to_be_visible(
        timeout=LEARNED_MS
    )
    expect(page.get_by_text("On 960 clips of 400 recordings")).to_be_visible()
    expect(page.get_by_text(re.compile(r"right on average, between \d+ and \d+ %"))).to_be_visible()
    expect(page.get_by_text("official · folds 1 to 10")).to_be_visible()
    expect(fold_cards(page).locator(".score")).to_have_text([re.compile(r"\d %$")] * 10)
    expect(page).to_have_title("Done · Model 1, ten-fold")
    assert len(heights()) == 1, f"the grid of folds jumped: {heights()}"
    run = list_runs(outputs)[0]
    assert f"run={run.id}" in page.url
    page.reload()
    expect(page.get_by_text("On 960 clips of 400 recordings")).to_be_visible()


def record_heights(page: Page) -> Callable[[], list[int]]:
    """Notes every height that the grid of folds ever has."""
    page.evaluate(
        """() => {
             const heights = window.heights = new Set();
             const inner = (root) => root.querySelector(".folds") ??
               [...root.querySelectorAll("*")].map(e => e.shadowRoot && inner(e.shadowRoot))
                 .find(Boolean);
             setInterval(() => {
               const folds = inner(document);
               if (folds?.childElementCount) heights.add(folds.offsetHeight);
             }, 30);
           }"""
    )
    return lambda: page.evaluate("[...window.heights]")


def test_a_cnn_stops_after_a_fold_and_goes_on_with_the_next(
    page: Page, serve: Serve, three_folds: Path, outputs: Path
) -> None:
    page.goto(f"{serve(three_folds)}/train?model=cnn&epochs=4")
    page.get_by_role("button", name="Three-fold").click()
    page.get_by_role("button", name="Stop after this fold").click(timeout=LEARNED_MS)
    stopped = page.get_by_text(re.compile(r"^Stopped after [12] of 3 folds\."))
    expect(stopped).to_be_visible(timeout=LEARNED_MS)
    n_done = len([e for e in list_runs(outputs)[0].events() if e["event"] == "fold"])
    assert n_done in (1, 2)
    page.reload()
    expect(stopped).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("each tested once by a network")).to_be_visible(timeout=LEARNED_MS)
    tested = [e["fold"] for e in list_runs(outputs)[0].events() if e["event"] == "fold"]
    assert tested == [1, 2, 3]


@pytest.fixture
def three_folds(tmp_path: Path, demo_data: Path) -> Path:
    """A data folder with the demo sounds of three folds, as if they were the real set."""
    demo, root = demo_data / "demo" / "UrbanSound8K", tmp_path / "three" / "UrbanSound8K"
    (root / "metadata").mkdir(parents=True)
    (root / "audio").symlink_to(demo / "audio")
    head, *rows = (demo / "metadata" / "UrbanSound8K.csv").read_text().splitlines()
    kept = [row for row in rows if fold_of(row) in ("1", "2", "3")]
    (root / "metadata" / "UrbanSound8K.csv").write_text("\n".join([head, *kept]) + "\n")
    return root.parent


def fold_of(row: str) -> str:
    return row.split(",")[5]


def test_the_leak_is_shown_side_by_side_and_a_reload_keeps_it(
    page: Page, serve: Serve, demo_data: Path, outputs: Path
) -> None:
    page.goto(f"{serve(demo_data)}/train")
    page.get_by_role("button", name="Show me the leak").click()
    both = page.get_by_text(re.compile(r"% honestly, [\d.]+ % as in the article"))
    expect(both).to_be_visible(timeout=LEARNED_MS)
    expect_both_sides(page)
    page.reload()
    expect(both).to_be_visible()
    expect_both_sides(page)
    leaky, honest = list_runs(outputs)
    assert (honest.spec.protocol.kind, leaky.spec.protocol.kind) == ("official", "random")
    assert f"run={honest.id}" in page.url
    assert f"leak={leaky.id}" in page.url


def expect_both_sides(page: Page) -> None:
    honest, leaky = page.locator(".st-key-leak_honest"), page.locator(".st-key-leak_leaky")
    expect(honest).to_contain_text("0 % of its test clips come from a recording it trained on")
    expect(leaky).to_contain_text("88 % of its test clips come from a recording it trained on")
    expect(honest).to_contain_text("official · fold 10")
    expect(leaky).to_contain_text("random split · leaks")


def test_a_press_shows_one_pair_of_axes_at_every_moment(
    page: Page, serve: Serve, demo_data: Path
) -> None:
    page.goto(f"{serve(demo_data)}/train")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    page.evaluate(
        """() => {
             const charts = "[data-testid=stVegaLiteChart]";
             window.most = 0;
             new MutationObserver(() => {
               window.most = Math.max(window.most, document.querySelectorAll(charts).length);
             }).observe(document.body, { childList: true, subtree: true });
           }"""
    )
    train_button(page).click()
    expect(page.get_by_text("clips it had never heard")).to_be_visible(timeout=LEARNED_MS)
    assert page.evaluate("window.most") == 2


def test_a_reload_keeps_what_was_chosen(page: Page, serve: Serve, numbers: Path) -> None:
    page.goto(f"{serve(numbers)}/train")
    page.get_by_text("MLP", exact=True).click()
    expect(page).to_have_url(re.compile(r"model=mlp"))
    set_number(page, "Epochs", "7")
    expect(page).to_have_url(re.compile(r"epochs=7"))
    page.reload()
    expect(page.get_by_role("radio", name="MLP")).to_be_checked()
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("7")
    expect(page.get_by_text("CNN is not possible here")).to_be_visible()
