"""The shell and its frame: navigation, failures as sentences, nothing heavy at the start."""

import os
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from streamlit.testing.v1 import AppTest

from urbansound.labels import URBAN_SOUNDS
from urbansound.paths import PROJECT
from urbansound.records import Protocol
from urbansound.ui import data, device, plots
from urbansound.ui.background import state, work
from urbansound.ui.chips import score_chip
from urbansound.ui.rooms import ROOMS
from urbansound.ui.routes import clip_address
from urbansound.ui.words import count_text, peak_text, protocol_text, score_text, seconds_text


def test_home_with_its_sounds_is_drawn_without_a_heavy_library(real_set):
    code = (
        "import sys, app; from streamlit.testing.v1 import AppTest; "
        "ran = AppTest.from_file('urbansound/ui/shell.py', default_timeout=60).run(); "
        "assert ran.title, 'nothing was drawn'; "
        "from urbansound.ui import data; index = data.current_dataset(); "
        "assert data.clip_wave_svg(index, 0) and data.clip_wav(index, 0); "
        "heavy = {'torch', 'librosa', 'sklearn', 'matplotlib', 'altair', 'dask', 'scipy.signal'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_every_room_is_a_file_with_its_own_title():
    assert [name for name, room in ROOMS.items() if not room.path.is_file()] == []
    assert len({room.title for room in ROOMS.values()}) == 5


@pytest.mark.parametrize("name", ["home", "explore"])
def test_a_broken_dataset_is_one_sentence_that_says_what_to_do(open_page, broken_set, name):
    app = open_page(name)
    assert not app.exception
    assert "UrbanSound8K.csv" in app.error[0].value
    assert len(app.error) == 1
    assert app.title[0].value


def _page_that_fails():
    from urbansound.ui.frame import page_frame

    with page_frame():
        raise ZeroDivisionError("secret detail")


def test_an_unexpected_failure_is_told_calmly_and_kept_in_the_log(caplog):
    app = AppTest.from_function(_page_that_fails).run()
    assert "went wrong" in app.error[0].value
    assert "secret detail" not in app.error[0].value
    assert "secret detail" in caplog.text


def test_a_clip_is_served_as_sound_and_as_pictures(real_set, fetch):
    index = data.current_dataset()
    assert index is not None
    version = data.clip_version(index, 3)
    _, headers, wav = fetch(clip_address(version, 3, "wav"))
    assert headers["content-type"] == "audio/wav"
    assert wav.startswith(b"RIFF")
    color = URBAN_SOUNDS[index.clips[3].class_id].color.encode()
    for kind in ("svg", "wide.svg"):
        _, _, drawing = fetch(clip_address(version, 3, kind))
        assert drawing.startswith(b"<svg")
        assert color in drawing
    assert fetch(clip_address(version, 3, "png"))[2].startswith(b"\x89PNG")


def test_only_clips_of_the_dataset_at_hand_are_served(real_set, fetch):
    index = data.current_dataset()
    assert index is not None
    version = data.clip_version(index, 0)
    addresses = [
        clip_address(version, len(index.clips), "wav"),
        clip_address("another", 0, "wav"),
        clip_address(version, 1, "wav"),
        f"/api/clip/{version}/../../metadata/UrbanSound8K.csv",
        f"/api/clip/{version}/-1.wav",
    ]
    answers = [fetch(address) for address in addresses]
    assert [status for status, _, _ in answers] == [404] * 5
    assert not [body for _, _, body in answers if body.startswith(b"RIFF")]


def test_a_clip_that_cannot_be_read_is_not_found_rather_than_a_failure(real_set, fetch):
    index = data.current_dataset()
    assert index is not None
    index.audio_path(index.clips[0]).write_bytes(b"this is no sound")
    status, headers, body = fetch(clip_address(data.clip_version(index, 0), 0, "wav"))
    assert status == 404
    assert body.decode() == "This clip cannot be read."
    assert headers["content-type"].startswith("text/plain")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_replaced_clip_has_another_address_and_is_drawn_anew(real_set, fetch):
    index = data.current_dataset()
    assert index is not None
    path = index.audio_path(index.clips[0])
    before, picture = data.clip_version(index, 0), data.clip_thumbnail(index, 0)
    path.write_bytes(index.audio_path(index.clips[-1]).read_bytes())
    os.utime(path, (1, 1))
    assert data.clip_version(index, 0) != before
    assert data.clip_thumbnail(index, 0) != picture
    assert fetch(clip_address(before, 0, "wav"))[0] == 404


def test_pictures_are_drawn_one_at_a_time():
    at_work, most = 0, 0

    def draw() -> Figure:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.02)
        at_work -= 1
        return Figure()

    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: plots.png(draw), range(8)))
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert most == 1


@pytest.mark.parametrize(("build", "name"), [("2.9.0+cpu", "CPU"), ("2.9.0", "NVIDIA H100")])
def test_a_graphics_card_is_named_only_where_torch_can_use_it(build, name, tmp_path, monkeypatch):
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "information").write_text("Model: \t NVIDIA H100\nIRQ: 7\n")
    monkeypatch.setattr(device, "NVIDIA", tmp_path)
    monkeypatch.setattr(device, "version", lambda package: build)
    assert device.device_name.__wrapped__() == name


def test_a_job_that_fails_says_why_and_one_never_begun_is_idle(places, monkeypatch):
    from urbansound.errors import RunFailed
    from urbansound.ui import background

    def fail(on_progress):
        on_progress(1, 4)
        raise RunFailed("The disk is full.")

    assert state("demo").status == "idle"
    monkeypatch.setitem(background.JOBS, "demo", fail)
    assert work("demo") == 1
    assert state("demo").message == "The disk is full."
    assert state("demo").status == "failed"


def test_a_killed_job_is_not_believed_to_run(places):
    from urbansound.files import write_json

    report = {"status": "running", "done": 3, "total": 9, "message": "", "since": 0.0, "at": 1.0}
    write_json(places / ".jobs" / "demo.json", report)
    assert state("demo").status == "failed"


def test_numbers_read_as_a_person_says_them():
    assert score_text(0.524) == "52.4 %"
    assert count_text(8732, "clip") == "8,732 clips"
    assert count_text(1, "clip") == "1 clip"
    assert [seconds_text(s) for s in (0.44, 12.3, 180, 7500)] == [
        "0.4 s",
        "12 s",
        "3 min",
        "2 h 5 min",
    ]
    assert peak_text(-31.2) == "peak -31 dB"
    assert peak_text(float("-inf")) == "silent"


def test_every_score_bears_its_protocol_and_a_leak_is_orange():
    assert protocol_text(Protocol()) == "official · fold 10"
    assert (
        score_chip("UrbanSound8K", Protocol()) == ":gray-badge[UrbanSound8K · official · fold 10]"
    )
    leaky = score_chip("UrbanSound8K", Protocol(kind="random"))
    assert leaky.endswith(":orange-badge[random split · leaks]")


def test_the_app_listens_on_this_computer_only_and_reports_to_nobody():
    config = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["enableCORS"] is True
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"


def test_warnings_are_orange_in_both_looks():
    theme = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())["theme"]
    for mode in ("light", "dark"):
        for part in ("Color", "BackgroundColor", "TextColor"):
            assert theme[mode][f"yellow{part}"] == theme[mode][f"orange{part}"]


def test_nothing_the_pages_draw_is_fetched_from_a_network():
    places = [PROJECT / ".streamlit/config.toml", *Path(PROJECT / "urbansound/ui").rglob("*.*")]
    texts = {
        p: p.read_text() for p in places if p.suffix in (".py", ".js", ".css", ".html", ".toml")
    }
    far = [p.name for p, text in texts.items() if "https://" in text or "@import" in text]
    assert far == []
