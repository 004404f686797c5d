"""The way of macOS and Windows, which every system has."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.hostile_files import long_silence, wav
from urbansound.audio.limits import Limits
from urbansound.audio.sandbox import SoundStream, decode_sound
from urbansound.audio.spares import Spares
from urbansound.errors import BadAudio


@pytest.fixture
def spares() -> Iterator[Spares]:
    kept = Spares()
    yield kept
    kept.close()


def heard(spares: Spares, source: bytes | Path, limits: Limits | None = None) -> np.ndarray:
    limits = limits or Limits()
    with SoundStream(spares.begin(source, limits), "sound", limits) as stream:
        return np.concatenate(list(stream))


def test_a_fresh_process_decodes_the_same_sound(spares: Spares, tmp_path: Path) -> None:
    path = tmp_path / "a sound.wav"
    path.write_bytes(wav())
    expected = decode_sound(wav(), "sound")[0].samples
    np.testing.assert_array_equal(heard(spares, wav()), expected)
    np.testing.assert_array_equal(heard(spares, path), expected)
    assert path.read_bytes() == wav()


def test_bytes_leave_no_file_behind(
    spares: Spares, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    heard(spares, wav())
    with pytest.raises(BadAudio, match="cannot be read as sound"):
        heard(spares, b"hello")
    assert list(tmp_path.iterdir()) == []


def test_closing_early_ends_the_process(spares: Spares) -> None:
    limits = Limits(thin_after_s=1e9)
    decoder = spares.begin(long_silence(), limits)
    with SoundStream(decoder, "long", limits) as stream:
        next(stream)
        assert decoder.is_alive
    assert not decoder.is_alive


def test_a_process_that_gives_nothing_is_given_up(spares: Spares) -> None:
    limits = Limits(idle_s=0.001)
    with pytest.raises(BadAudio) as caught:
        SoundStream(spares.begin(wav(), limits), "slow", limits)
    assert caught.value.code == "too_slow"
    assert len(heard(spares, wav())) == 22050


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit computing time")
def test_a_process_that_computes_too_long_is_ended(spares: Spares) -> None:
    limits = Limits(thin_after_s=1e9, max_seconds=1e9, cpu_s=1, speed_floor=1e9)
    with pytest.raises(BadAudio, match="takes too much computing"):
        heard(spares, long_silence(), limits)


def test_a_killed_spare_is_replaced(spares: Spares) -> None:
    spares.warm_up()
    assert spares.next is not None
    spares.next.kill()
    assert len(heard(spares, wav())) == 22050


def test_a_process_that_dies_costs_its_file_alone(spares: Spares) -> None:
    limits = Limits(thin_after_s=1e9)
    decoder = spares.begin(long_silence(), limits)
    with SoundStream(decoder, "long", limits) as stream:
        next(stream)
        decoder.kill()
        with pytest.raises(BadAudio) as caught:
            list(stream)
    assert caught.value.code == "crashed"


def test_the_end_of_the_app_ends_the_spare() -> None:
    program = (
        "from urbansound.audio.spares import Spares\n"
        "spares = Spares()\n"
        "spares.warm_up()\n"
        "print(spares.next.pid)\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""
    assert not Path(f"/proc/{int(done.stdout)}").exists()
