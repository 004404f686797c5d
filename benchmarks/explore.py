"""Explore in a real browser with few and with many clips: seconds to what a person sees.

    python -m benchmarks.explore [--clips ROOT]

repeats the rows of a dataset (the demo set, or the one in ROOT) up to 8,732 and 100,000, each
with a file of its own (a hard link), serves the app on them and prints a Markdown table: from
the click until the new table is drawn, the median of five and the worst, and the memory of
the server. Needs Chromium or Chrome.
"""

import argparse
import csv
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page

from benchmarks.memory import resident_bytes
from benchmarks.served import browser_page, served
from urbansound.dataset.demo import build_demo
from urbansound.dataset.index import TABLE, load_dataset
from urbansound.dataset.table import COLUMNS
from urbansound.records import DatasetIndex

SIZES = (2148, 8732, 100_000)
TIMES = 5
_CELL = "document.querySelector('[data-testid=stDataFrame] canvas td:last-child')"
FIRST_FILE = f"() => {_CELL}?.textContent ?? ''"
MARK_CLICKS = """() => ['pointerdown', 'keydown'].forEach(kind => document.addEventListener(
  kind, () => { window.clickedAt = performance.now() }, true))"""
# Milliseconds from the last click or key until the table's first row is another.
TILL_DRAWN = """before => new Promise(resolve => {
  const look = () => {
    const cell = CELL
    if (cell && cell.textContent !== before) resolve(performance.now() - window.clickedAt)
    else requestAnimationFrame(look)
  }
  look()
})""".replace("CELL", _CELL)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--clips", type=Path, metavar="ROOT", help="a dataset with sound")
    args = parser.parse_args()
    print("| clips | what | median (s) | worst (s) |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(dir=args.clips.parent if args.clips else None) as folder:
        source = args.clips or Path(folder, "demo", "UrbanSound8K")
        if args.clips is None:
            build_demo(source)
        index = load_dataset(source)
        for n in SIZES:
            data = Path(folder, f"of_{n}")
            repeat_rows(index, n, data / "UrbanSound8K")
            measure(data, Path(folder, "outputs"), n)
    return 0


def repeat_rows(index: DatasetIndex, n: int, root: Path) -> None:
    """A dataset of n rows, the index's over and over, each with a file of its own."""
    for fold in index.folds:
        (root / "audio" / f"fold{fold}").mkdir(parents=True)
    (root / TABLE).parent.mkdir()
    with open(root / TABLE, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(n):
            clip = index.clips[number % len(index.clips)]
            recording = (clip.recording_id or 0) + 1_000_000 * (number // len(index.clips))
            name = f"{recording}-{clip.class_id}-{number}-0.wav"
            os.link(index.audio_path(clip), root / "audio" / f"fold{clip.fold}" / name)
            times = (clip.start_s, clip.end_s, 1 if clip.foreground else 2)
            label = index.class_names[clip.class_id]
            writer.writerow((name, recording, *times, clip.fold, clip.class_id, label))


def measure(data: Path, outputs: Path, n: int) -> None:
    """The table's rows for one size."""
    with served(data, outputs) as app, browser_page() as page:
        page.goto(app.address)
        page.evaluate(MARK_CLICKS)
        page.get_by_role("button", name="Teach a network these sounds").wait_for(timeout=120_000)
        before = resident_bytes(app.pid)
        first = [first_view(page) for _ in range(TIMES + 1)]
        tell(n, "first view, cold", first[:1])
        tell(n, "first view, warm", first[1:])
        page.wait_for_timeout(3000)
        pills = [page.get_by_role("button", name=name) for name in ("siren", "drilling")]
        tell(n, "filter by a class", [one for pill in pills * 3 for one in toggled(page, pill)])
        tell(
            n,
            "turn the page",
            [after(page, page.get_by_role("button", name="More").click) for _ in range(TIMES)],
        )
        tell(n, "sort", [sort_by(page, order) for order in ("Longest first", "Shortest first") * 3])
        taken = (resident_bytes(app.pid) - before) / 1e6
        print(f"| {n:,} | memory of the server above Home | {taken:.0f} MB | |", flush=True)


def tell(n: int, what: str, seconds: list[float]) -> None:
    """One row of the table."""
    print(f"| {n:,} | {what} | {statistics.median(seconds):.2f} | {max(seconds):.2f} |", flush=True)


def first_view(page: Page) -> float:
    """From Home to Explore's table."""
    page.get_by_role("link", name="Home").click()
    page.get_by_role("heading", name="kinds of").wait_for()
    page.wait_for_timeout(1000)
    return after(page, page.get_by_role("link", name="Explore").click, was="")


def toggled(page: Page, pill: Locator) -> list[float]:
    """A pill pressed, and pressed again."""
    return [after(page, pill.first.click) for _ in range(2)]


def sort_by(page: Page, order: str) -> float:
    """Another order of the whole list."""
    box = page.get_by_role("combobox", name="Sort")
    box.click()
    box.fill(order)
    page.wait_for_timeout(300)
    return after(page, lambda: page.keyboard.press("Enter"))


def after(page: Page, act: Callable[[], None], was: str | None = None) -> float:
    """Seconds from an act until the table shows other clips."""
    before = page.evaluate(FIRST_FILE) if was is None else was
    act()
    seconds: float = page.evaluate(TILL_DRAWN, before) / 1000
    page.wait_for_timeout(1000)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
