"""What the browser is handed to draw and play a sound with."""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.features.overview import BANDS, MAX_FRAMES, MAX_PEAKS, MfccCourse, Overview
from urbansound.paths import PROJECT
from urbansound.ui import waves as player
from urbansound.ui.waves import Lane, Moment, Region, Waves, parse_moment, waves_of

WAVES = PROJECT / "urbansound" / "ui" / "static" / "waves"


def seen(n_peaks: int, n_frames: int, duration_s: float) -> Overview:
    rng = np.random.default_rng(0)
    peaks = rng.uniform(-1, 1, (n_peaks, 2)).astype(np.float32)
    return Overview(peaks, rng.integers(0, 256, (n_frames, BANDS), np.uint8), -3.2, duration_s)


def payload(waves: Waves, **options: Any) -> dict[str, Any]:
    """What the browser gets."""

    def page(waves, options):
        from urbansound.ui.waves import wave_player

        wave_player(waves, key="w", **options)

    app = AppTest.from_function(page, args=(waves, options)).run()
    assert not app.exception
    sent: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.json)
    return sent


def test_the_picture_arrives_as_it_was_made() -> None:
    overview = seen(50, 20, 4.0)
    waves = waves_of(overview, title="siren", audio="/a.wav", color="#e12f5d", window_s=4.0)
    sent = payload(waves)
    levels = np.frombuffer(base64.b64decode(sent["spectrogram"]["levels"]), np.uint8)
    np.testing.assert_array_equal(levels.reshape(20, BANDS), overview.levels)
    np.testing.assert_allclose(np.reshape(sent["peaks"], (50, 2)), overview.peaks, atol=5e-4)
    assert sent["sound"]["note"] == "peak -3 dB"
    assert sent["sound"]["audio"] == "/a.wav"


def test_the_mfccs_arrive_with_their_time_and_their_ticks() -> None:
    course = MfccCourse(np.arange(80, dtype=np.uint8).reshape(2, 40), -0.01, 0.03)
    waves = waves_of(seen(9, 9, 2.0), title="siren", audio="/a.wav", color="#e12f5d")
    sent = payload(replace(waves, mfcc=course))
    picture = sent["mfcc"]
    levels = np.frombuffer(base64.b64decode(picture["levels"]), np.uint8)
    np.testing.assert_array_equal(levels.reshape(2, 40), course.values)
    assert (picture["start_s"], picture["end_s"]) == (-0.01, 0.03)
    assert [row for row, _ in picture["ticks"]] == [1, 10, 20, 30, 40]
    assert picture["ticks"][0][1] == pytest.approx(0.5 / 40)
    assert sent["board_height"] - payload(waves)["board_height"] == 168
    assert payload(waves)["mfcc"] is None


@pytest.mark.parametrize(("level_db", "sent_db"), [(-31.5, -31.5), (-120.0, None)])
def test_silence_has_no_loudness_to_even_out(level_db: float, sent_db: float | None) -> None:
    silent = replace(seen(9, 9, 2.0), level_db=level_db)
    sent = payload(waves_of(silent, title="siren", audio="/a.wav", color="#e12f5d"))
    assert sent["sound"]["level_db"] == sent_db


@pytest.mark.parametrize(("ended", "told"), [("/a.wav", 1), ("/the one before.wav", 0), (None, 0)])
def test_only_the_end_of_the_sound_at_hand_is_told(ended, told, monkeypatch) -> None:
    mounted: dict[str, Any] = {}
    monkeypatch.setattr(player, "_mount", lambda **given: mounted.update(given))
    monkeypatch.setattr(player.st, "session_state", {"w": SimpleNamespace(end=ended)})
    calls: list[int] = []
    bare = Waves("siren", "/a.wav", 2.0, "#e12f5d", [0.0, 0.5])
    player.wave_player(bare, key="w", on_end=lambda: calls.append(1))
    mounted["on_end_change"]()
    assert len(calls) == told
    assert mounted["data"]["tells_end"]


def test_an_hour_is_as_small_as_its_picture() -> None:
    waves = waves_of(
        seen(MAX_PEAKS, MAX_FRAMES, 3600.0), title="street", audio="/a.wav", color="#2b4fc7"
    )
    sent = payload(waves)
    assert sent["sound"]["window_s"] == 3600
    assert len(json.dumps(sent)) < 200_000


def test_a_sound_without_a_spectrogram_takes_less_room() -> None:
    bare = Waves("siren", "/a.wav", 2.0, "#e12f5d", [0.0, 0.5])
    sent = payload(bare)
    full = payload(waves_of(seen(9, 9, 2.0), title="siren", audio="/a.wav", color="#e12f5d"))
    assert sent["spectrogram"] is None
    assert full["board_height"] - sent["board_height"] == 220


def test_stretches_and_rows_are_handed_over_with_their_words() -> None:
    region = Region(1.0, 2.0, "<b>siren</b>", "#e12f5d", "siren", "Fairly sure: 71 %")
    bare = Waves("siren", "/a.wav", 4.0, "#e12f5d", [0.0, 0.5])
    sent = payload(replace(bare, regions=[region]), lanes=[Lane("CNN", [region])], go_to=(1.0, 2.0))
    assert sent["regions"][0]["label"] == "<b>siren</b>"
    assert sent["lanes"] == [{"name": "CNN", "regions": sent["regions"]}]
    assert sent["go_to"] == [1.0, 2.0]
    assert not sent["tells"]


def test_the_bundle_names_its_version_and_brings_its_licence() -> None:
    head = (WAVES / "wavesurfer.js").read_text(encoding="utf-8").splitlines()[0]
    script = (WAVES / "build.sh").read_text(encoding="utf-8")
    version = script.partition("WAVESURFER=")[2].split()[0]
    assert f"wavesurfer.js {version}" in head
    assert version in (WAVES / "README.md").read_text(encoding="utf-8")
    assert "BSD 3-Clause" in (WAVES / "LICENSE.wavesurfer").read_text(encoding="utf-8")


def test_every_script_is_loaded() -> None:
    assert {path.name for path in WAVES.glob("*.js")} == set(player._SCRIPTS)


@pytest.mark.parametrize("name", sorted(path.name for path in WAVES.glob("*.js")))
def test_no_script_asks_another_host(name: str) -> None:
    script = (WAVES / name).read_text(encoding="utf-8")
    assert "http://" not in script.replace("http://www.w3.org", "")
    assert "https://" not in script
    assert ".innerHTML" not in script or name == "wavesurfer.js"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "siren",
        [],
        {},
        {"start_s": 0, "end_s": 1},
        {"start_s": 0, "end_s": float("nan"), "label": "siren"},
        {"start_s": "0", "end_s": 1, "label": "siren", "lane": None},
        {"start_s": 0, "end_s": 1, "label": 3, "lane": None},
    ],
)
def test_what_a_browser_makes_up_is_no_moment(payload) -> None:
    assert parse_moment(payload) is None


def test_a_chosen_stretch_is_a_moment_whatever_else_is_said_of_it() -> None:
    payload = {"start_s": 0, "end_s": 2.5, "label": "siren", "lane": "CNN", "more": 1}
    assert parse_moment(payload) == Moment(0.0, 2.5, "siren", "CNN")
