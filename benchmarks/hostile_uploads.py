"""Uploads that were made to hurt, in a real browser: seconds to an answer, and the server's memory.

    python -m benchmarks.hostile_uploads

serves the app on fresh folders, uploads one file after the other on Classify, and prints a
Markdown table: what the page said, after how long, and how far the memory of the server and
its children rose. Needs Chromium or Chrome. Exit 1 where one took 5 s or 300 MB.
"""

import struct
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from benchmarks.hostile_files import changed, long_silence, wav, with_flac_length
from benchmarks.memory import watching_memory
from benchmarks.served import browser_page, served
from urbansound.audio.signal import to_wav_bytes
from urbansound.records import Audio

MOST_S, MOST_MB = 5.0, 300.0
ANSWER = "[data-testid=stAlert], .heard .name"


def attacks(folder: Path) -> dict[str, Path]:
    """Files by what they try."""
    silence = long_silence(600, 44_100)
    files = {
        f"ten hours of silence, {len(silence) / 1e6:.1f} MB.flac": silence,
        "the same, length hidden.flac": with_flac_length(silence, 0),
        "claims 1 Hz.wav": changed(wav(), 24, struct.pack("<I", 1)),
        "claims 1,000 Hz.wav": changed(wav(), 24, struct.pack("<I", 1000)),
        "claims 4 Gbit Hz.wav": changed(wav(), 24, struct.pack("<I", 2**32 - 1)),
        "claims 2 GB.wav": changed(wav(), 40, struct.pack("<I", 2_000_000_000)),
        "zip bomb, 10 GB.zip": _bomb(folder),
    }
    places = {}
    for number, (name, data) in enumerate(files.items()):
        path = folder / f"{number}{Path(name).suffix}"
        path.write_bytes(data)
        places[Path(name).stem] = path
    return places


def _bomb(folder: Path) -> bytes:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            with archive.open(f"{number}.wav", "w", force_zip64=True) as member:
                for _ in range(512):
                    member.write(bytes(1 << 20))
    return path.read_bytes()


def upload(page: Page, address: str, path: Path) -> tuple[float, str]:
    """Seconds from the choice of the file to the page's answer, and that answer."""
    page.goto(address)
    page.get_by_role("link", name="Classify").click()
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").wait_for(state="attached")
    began = time.perf_counter()
    page.locator("input[type=file]").set_input_files(path)
    answer = page.locator(ANSWER).or_(page.get_by_text("could not be read")).first
    answer.wait_for(timeout=60_000)
    return time.perf_counter() - began, " ".join(answer.inner_text().split())


def main() -> int:
    """Print the table; the exit status."""
    worst = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder, "data"), Path(folder, "out")) as app,
        browser_page() as page,
    ):
        files = attacks(Path(folder))
        page.goto(app.address)
        page.get_by_role("button", name="Teach a network these sounds").wait_for(timeout=120_000)
        calm = Path(folder) / "calm.wav"
        calm.write_bytes(to_wav_bytes(Audio(_noise(), 22_050)))
        upload(page, app.address, calm)
        print("| upload | seconds | memory above idle (MB) | the page says |")
        print("| --- | --- | --- | --- |")
        for name, path in files.items():
            with watching_memory(app.pid) as memory:
                seconds, said = upload(page, app.address, path)
            risen = (memory.highest - memory.before) / 1e6
            worst |= seconds > MOST_S or risen > MOST_MB
            print(f"| {name} | {seconds:.1f} | {risen:.0f} | {said} |", flush=True)
    return int(worst)


def _noise() -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(4 * 22_050)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
