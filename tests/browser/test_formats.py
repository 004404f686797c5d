"""One real sound in the formats that people have: on the page they are all the same sound."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.sound_files import sound_file
from tests.browser.conftest import upload
from urbansound.audio.decode import load_audio

Serve = Callable[..., str]
KINDS = {
    "wav u8": "wav", "wav 16": "wav", "wav 24": "wav", "wav 32": "wav", "wav float32": "wav",
    "wav float64": "wav", "wav extensible": "wav", "wav MS ADPCM": "wav", "w64": "w64",
    "rf64": "rf64", "flac 16": "flac", "ogg Vorbis": "ogg", "ogg Opus": "opus", "mp3": "mp3",
    "m4a": "m4a", "aac": "aac", "webm": "webm", "mp4": "mp4", "mov": "mov", "amr": "amr",
    "3gp AMR": "3gp",
}  # fmt: skip


@pytest.mark.real_data
def test_a_siren_is_a_siren_in_every_format(
    serve: Serve, page: Page, tmp_path: Path, real_data: Path
):
    siren = load_audio(next(real_data.glob("us8k-originals/audio/*/123688-8-1-5.wav")))
    page.goto(serve(tmp_path / "data"))
    page.get_by_role("link", name="Classify").click()
    upload(
        page,
        *((f"{kind}.{suffix}", sound_file(kind, siren)) for kind, suffix in KINDS.items()),
    )
    n = len(KINDS)
    expect(page.get_by_text(f"{n} of {n} sounds heard. Most often: siren, {n}.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    whole = {row["file"]: row for row in rows if row["part"] == "whole"}
    assert len(whole) == n
    for name, row in whole.items():
        assert row["label"] == "siren", name
        assert float(row["end_s"]) == pytest.approx(siren.duration_s, rel=0.01), name
