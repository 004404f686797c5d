"""What the command that downloads says while it works and when it is interrupted."""

from pathlib import Path

import pytest

from urbansound.cli.main import main


def test_how_far_it_is_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], small_dataset: Path
) -> None:
    def download(parent: Path, *, on_progress: object) -> Path:
        on_progress("fetch", 4_000_000, 4_000_000)
        on_progress("verify", 4_000_000, 4_000_000)
        return small_dataset

    monkeypatch.setattr("urbansound.dataset.download.download", download)
    assert main(["download", "--data", str(small_dataset.parent)]) == 0
    said = capsys.readouterr()
    assert said.err == "Fetching … 4.00 of 4.00 MB\nChecking … 4.00 of 4.00 MB\n"
    assert said.out.startswith("40 clips in")


def test_an_interrupted_download_says_what_is_kept_and_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def download(parent: Path, *, on_progress: object) -> Path:
        (parent / "UrbanSound8K.tar.gz.part").write_bytes(bytes(2_000_000))
        raise KeyboardInterrupt

    monkeypatch.setattr("urbansound.dataset.download.download", download)
    assert main(["download", "--data", str(tmp_path)]) == 130
    assert "2.0 MB are kept in" in capsys.readouterr().err
