"""Jobs that are asked to stop, in processes of their own: what is said of them afterwards."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from urbansound.paths import PROJECT
from urbansound.ui import background

DOWNLOAD = background.DOWNLOAD
# A job of its own in place of the download.
WORK = """\
import sys, time
from urbansound.dataset import download
from urbansound.errors import DownloadFailed
from urbansound.ui import background

def listens(parent, *, on_progress, should_stop):
    while not should_stop():
        on_progress("fetch", 1_000_000, 4_000_000)
        time.sleep(0.05)
    raise DownloadFailed("Stopped. 1.0 MB are kept.")

def is_deaf(parent, *, on_progress, should_stop):
    on_progress("fetch", 1_000_000, 4_000_000)
    time.sleep(600)

background.STOPPING_S = 0.3
download.download = {how}
sys.exit(background.work(background.DOWNLOAD))
"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own."""
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path))
    return tmp_path


def wait_for(status: str) -> background.JobState:
    ends = time.monotonic() + 60
    while (state := background.state(DOWNLOAD)).status != status or status == "idle":
        assert time.monotonic() < ends, state
        time.sleep(0.02)
    return state


@pytest.mark.parametrize(
    ("how", "said"), [("listens", "Stopped. 1.0 MB are kept."), ("is_deaf", "Stopped. What")]
)
def test_a_job_that_is_asked_to_stop_ends_even_where_it_does_not_listen(
    how: str, said: str
) -> None:
    command = [sys.executable, "-c", WORK.format(how=how)]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL) as process:
        state = wait_for("running")
        background.stop(DOWNLOAD)
        assert process.wait(60) == 1
    state = background.state(DOWNLOAD)
    assert state.status == "stopped"
    assert state.message.startswith(said)


def test_a_job_says_in_its_own_words_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def download(parent: Path, *, on_progress: object, should_stop: object) -> None:
        monkeypatch.setattr(background, "_EVERY_S", -1.0)
        on_progress("fetch", 1_000_000, 4_000_000)
        heard.append(background.state(DOWNLOAD))

    monkeypatch.setattr("urbansound.dataset.download.download", download)
    assert background.work(DOWNLOAD) == 0
    (state,) = heard
    assert (state.status, state.message) == ("running", "Fetching … 1.00 of 4.00 MB")
    assert background.state(DOWNLOAD).status == "done"


def test_a_job_that_is_begun_again_is_not_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(background, "start_detached", lambda *words, log_path: begun.append(words))
    background.stop(DOWNLOAD)
    assert background.is_asked_to_stop(DOWNLOAD)
    background.start(DOWNLOAD)
    assert not background.is_asked_to_stop(DOWNLOAD)
    assert begun == [("urbansound.ui.background", DOWNLOAD)]


ODD = '{"status": "odd", "done": 0, "total": 0, "message": "", "at": 0, "since": 0}'


@pytest.mark.parametrize("text", ["", "[]", "{}", ODD])
def test_a_report_that_is_none_is_as_if_there_was_no_job(data: Path, text: str) -> None:
    (data / ".jobs").mkdir()
    (data / ".jobs" / "download.json").write_text(text)
    assert background.state(DOWNLOAD).status == "idle"


def test_a_job_from_the_future_that_nobody_works_on_has_failed(data: Path) -> None:
    at = time.time() + 86_400
    report = {"status": "running", "done": 0, "total": 9, "message": "", "at": at, "since": at}
    (data / ".jobs").mkdir()
    (data / ".jobs" / "download.json").write_text(json.dumps(report))
    assert background.state(DOWNLOAD).status == "failed"
