"""A person's sound as a file that an array looks into and a browser plays by parts."""

import gc
import io
import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from urbansound.errors import BadAudio
from urbansound.ui.routes import sound_address
from urbansound.ui.sound_store import SoundStore


@pytest.fixture
def store(tmp_path: Path) -> SoundStore:
    return SoundStore(tmp_path)


def chunks(n: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, 1000).astype(np.float32) for _ in range(n)]


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


def test_a_kept_sound_is_what_came_in_and_a_wav_that_others_read(store, tmp_path):
    stored = store.keep(iter(chunks()), 22050)
    samples, rate = soundfile.read(store.find(stored.token), dtype="float32")
    assert rate == stored.audio.sample_rate == 22050
    np.testing.assert_array_equal(samples, np.concatenate(chunks()))
    np.testing.assert_array_equal(stored.audio.samples, samples)


def test_its_file_goes_when_nobody_holds_it(store, tmp_path):
    stored = store.keep(chunks(), 22050)
    assert len(files(tmp_path)) == 1
    del stored
    gc.collect()
    assert files(tmp_path) == []


def test_what_breaks_off_leaves_no_file(store, tmp_path):
    def broken():
        yield chunks()[0]
        raise BadAudio("It broke off.", "crashed")

    with pytest.raises(BadAudio, match="broke off"):
        store.keep(broken(), 22050)
    with pytest.raises(BadAudio, match="holds nothing"):
        store.keep([], 22050)
    assert files(tmp_path) == []


def test_bytes_are_kept_as_they_came_and_are_served_to_nobody(store, tmp_path):
    stored = store.keep_bytes(b"RIFF")
    assert stored.path.read_bytes() == b"RIFF"
    assert store.find(stored.path.stem) is None
    del stored
    gc.collect()
    assert list(tmp_path.rglob("*.bin")) == []


@pytest.mark.parametrize("total", [64_000_000, 500_000_000_000])
def test_a_disk_is_never_filled_to_its_end(store, tmp_path, monkeypatch, total):
    spare = min(total // 20, 500_000_000)
    disk = SimpleNamespace(total=total, free=spare + 4000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: disk)
    store.keep_bytes(bytes(4000))
    store.keep(chunks(1), 22050)
    disk.free -= 1
    for keep in (lambda: store.keep_bytes(bytes(4000)), lambda: store.keep(chunks(1), 22050)):
        with pytest.raises(BadAudio, match="no room on the disk .*nearly full"):
            keep()
    gc.collect()
    assert files(tmp_path) == []


def test_no_token_but_its_own_finds_anything(store, tmp_path):
    (tmp_path / "secret.wav").write_bytes(b"secret")
    stored = store.keep(chunks(), 22050)
    assert store.find(stored.token) is not None
    for token in ("../secret", "secret", "", stored.token.upper() + "x", "0" * 32):
        assert store.find(token) is None


def test_what_a_dead_process_left_is_swept_and_what_a_living_one_holds_is_not(tmp_path):
    living = SoundStore(tmp_path)
    stored = living.keep(chunks(), 22050)
    dead = tmp_path / "urbansound-sounds-dead"
    dead.mkdir()
    (dead / "left.wav").write_bytes(b"left")
    old = time.time() - 3600
    for folder in tmp_path.iterdir():
        os.utime(folder, (old, old))
    SoundStore(tmp_path)
    assert not dead.exists()
    assert living.find(stored.token) is not None


def test_a_player_may_ask_for_a_part(store, monkeypatch, fetch):
    monkeypatch.setattr("urbansound.ui.sound_store.sound_store", lambda: store)
    stored = store.keep(chunks(), 22050)
    _, headers, whole = fetch(sound_address(stored.token))
    assert headers["content-type"] == "audio/wav"
    assert soundfile.info(io.BytesIO(whole)).frames == 3000
    status, _, part = fetch(sound_address(stored.token), range="bytes=44-51")
    assert status == 206
    np.testing.assert_array_equal(np.frombuffer(part, np.float32), chunks()[0][:2])
    assert fetch(sound_address("0" * 32))[0] == 404
