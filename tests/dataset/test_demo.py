"""The demo set: layout, sameness everywhere, and that a build is whole or absent."""

import csv
import hashlib
import os
import subprocess
import sys
import threading
import time
import wave
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from urbansound.dataset.demo import DEMO_CLIP_COUNT, build_demo, is_demo_complete
from urbansound.dataset.demo.build import build_recordings, holds_recordings
from urbansound.dataset.demo.plan import RANKS, csv_text, plan_recordings
from urbansound.dataset.demo.wave_file import render_clips
from urbansound.errors import BadDataset, RunFailed
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.paths import PROJECT

RECORDINGS = plan_recordings()
ONE_OF_EACH = RECORDINGS[:10]
# The table of all clips, and eight samples of three clips at a quarter of their length.
CSV_SHA256 = "e5d3b7ab2914217e4d3735064c1a69be4469b5392dd620bf93b18720974cba15"
PINNED = {
    300003: [-2, -16, -33, -78, -160, -233, -265, -274],
    300006: [-192, -53, -245, -600, -357, -834, -1334, -1680],
    300010: [-11266, 6651, 10016, 50, 338, 1898, 7451, 28],
}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def digests(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def first_samples(number: int) -> NDArray[np.int16]:
    recording = next(item for item in RECORDINGS if item.id == number)
    return next(samples for _, samples in render_clips(recording))


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "UrbanSound8K"
    build_recordings(root, ONE_OF_EACH, workers=2)
    return root


def test_the_table_is_the_same_everywhere() -> None:
    assert hashlib.sha256(csv_text(RECORDINGS).encode()).hexdigest() == CSV_SHA256


@pytest.mark.parametrize("number", sorted(PINNED))
def test_samples_are_the_pinned_ones_within_one_step(number: int) -> None:
    samples = first_samples(number)
    start = len(samples) // 4
    np.testing.assert_allclose(samples[start : start + 8], PINNED[number], atol=1, rtol=0)


def test_the_same_bytes_whatever_the_number_of_workers(small_set: Path, tmp_path: Path) -> None:
    build_recordings(tmp_path / "again", ONE_OF_EACH, workers=1)
    assert digests(tmp_path / "again") == digests(small_set)


def test_the_table_has_the_official_columns_and_names() -> None:
    rows = rows_of(csv_text(RECORDINGS))
    assert list(rows[0]) == [
        *("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
    ]
    assert len(rows) == DEMO_CLIP_COUNT >= 800
    assert len({row["slice_file_name"] for row in rows}) == len(rows)
    for row in rows:
        recording_id, class_id, *rest = row["slice_file_name"].removesuffix(".wav").split("-")
        assert (recording_id, class_id, len(rest)) == (row["fsID"], row["classID"], 2)
        assert row["class"] == URBAN_SOUND_NAMES[int(class_id)]
        assert 0.5 <= float(row["end"]) - float(row["start"]) <= 4.0


def test_every_class_is_in_every_fold_in_front_and_behind() -> None:
    groups = Counter((r["fold"], r["class"], r["salience"]) for r in rows_of(csv_text(RECORDINGS)))
    assert len(groups) == 10 * 10 * 2


def test_no_recording_is_in_two_folds_and_most_give_several_clips() -> None:
    folds = {recording.id: set[int]() for recording in RECORDINGS}
    for row in rows_of(csv_text(RECORDINGS)):
        folds[int(row["fsID"])].add(int(row["fold"]))
    assert all(len(found) == 1 for found in folds.values())
    assert sum(len(recording.slices) > 1 for recording in RECORDINGS) > 0.9 * len(RECORDINGS)


def test_the_first_clip_of_each_class_is_a_clear_one() -> None:
    for class_id in range(10):
        first = next(item for item in RECORDINGS if item.class_id == class_id)
        assert first.scene().snr_db >= 20
        assert RANKS[first.rank].foreground


def test_background_recordings_are_nearer_to_the_street_noise() -> None:
    levels: dict[bool, list[float]] = {True: [], False: []}
    for recording in RECORDINGS[:40]:
        levels[RANKS[recording.rank].foreground].append(recording.scene().snr_db)
    assert max(levels[False]) < min(levels[True])


def test_files_are_wav_of_the_promised_length_neither_silent_nor_clipped(small_set: Path) -> None:
    for row in rows_of((small_set / "metadata" / "UrbanSound8K.csv").read_text("utf-8")):
        path = small_set / "audio" / f"fold{row['fold']}" / row["slice_file_name"]
        with wave.open(str(path)) as wav:
            assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, 22050)
            samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").astype(float)
        assert len(samples) / 22050 == pytest.approx(
            float(row["end"]) - float(row["start"]), abs=1e-4
        )
        peak = np.abs(samples).max() / 32768
        assert 10 ** (-32 / 20) < peak < 0.95
        assert np.sqrt(np.mean(samples**2)) / 32768 > 0.003 * peak


def test_it_says_that_it_is_synthetic(small_set: Path) -> None:
    assert "synthetic" in (small_set / "metadata" / "SYNTHETIC.txt").read_text("utf-8")


def test_a_part_of_the_set_is_not_the_complete_one(small_set: Path, tmp_path: Path) -> None:
    assert holds_recordings(small_set, ONE_OF_EACH)
    assert not is_demo_complete(small_set)
    assert not is_demo_complete(tmp_path)


def test_a_complete_set_is_left_as_it_is(small_set: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in small_set.rglob("*")}
    build_recordings(small_set, ONE_OF_EACH)
    assert {path: path.stat().st_mtime_ns for path in small_set.rglob("*")} == before


def test_a_damaged_set_is_made_again(tmp_path: Path) -> None:
    root = tmp_path / "set"
    build_recordings(root, ONE_OF_EACH[:2], workers=1)
    victim = next(root.rglob("*.wav"))
    victim.write_bytes(victim.read_bytes()[:1000])
    assert not holds_recordings(root, ONE_OF_EACH[:2])
    build_recordings(root, ONE_OF_EACH[:2], workers=1)
    assert holds_recordings(root, ONE_OF_EACH[:2])


def test_another_dataset_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "UrbanSound8K.csv").write_text("mine")
    with pytest.raises(BadDataset, match="something other than the demo set"):
        build_demo(tmp_path)
    assert (tmp_path / "metadata" / "UrbanSound8K.csv").read_text() == "mine"


def test_progress_counts_up_to_all_clips(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    build_recordings(
        tmp_path / "set", ONE_OF_EACH[1:4], on_progress=lambda *news: told.append(news), workers=2
    )
    total = sum(len(recording.slices) for recording in ONE_OF_EACH[1:4])
    assert told[-1] == (total, total)
    assert told == sorted(told)


def test_a_build_that_is_stopped_leaves_nothing_but_the_lock(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_recordings(tmp_path / "set", ONE_OF_EACH, on_progress=stop, workers=2)
    assert [path.name for path in tmp_path.iterdir()] == [".set.lock"]


def test_a_killed_build_looks_absent_and_the_next_one_clears_it(tmp_path: Path) -> None:
    root = tmp_path / "set"
    code = (
        "import sys; from pathlib import Path; from urbansound.dataset.demo import build_demo; "
        "build_demo(Path(sys.argv[1]), on_progress=lambda *_: print('.', flush=True), workers=1)"
    )
    builder = subprocess.Popen(
        [sys.executable, "-c", code, str(root)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
    )
    with builder:
        assert builder.stdout is not None
        builder.stdout.readline()
        builder.kill()
    assert not root.exists()
    assert any(tmp_path.glob(".set.building-*"))
    time.sleep(0.5)
    build_recordings(root, ONE_OF_EACH[:2], workers=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".set.lock", "set"]


def test_two_builders_at_once_make_one_whole_set(tmp_path: Path) -> None:
    root = tmp_path / "set"
    builders = [
        threading.Thread(target=build_recordings, args=(root, ONE_OF_EACH[:3])) for _ in range(2)
    ]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert holds_recordings(root, ONE_OF_EACH[:3])


def test_a_disk_without_room_is_named_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(RunFailed, match="the disk is full"):
        build_recordings(tmp_path / "set", ONE_OF_EACH)
    assert [path.name for path in tmp_path.iterdir()] == [".set.lock"]


def test_a_worker_that_cannot_write_is_reported_and_nothing_is_left(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(RunFailed, match="File too large"):
            build_recordings(tmp_path / "set", ONE_OF_EACH)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == [".set.lock"]
