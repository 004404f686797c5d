import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks.hostile_files import long_silence, wav
from benchmarks.sound_files import sound_file, sweep
from urbansound.audio.forks import Zygote
from urbansound.audio.limits import Limits
from urbansound.audio.sandbox import SoundStream, decode_sound, open_sound
from urbansound.errors import BadAudio
from urbansound.paths import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a warm process forks on Linux")

# All that silence may hold is let through, so that a process has hours to decode.
PATIENT = Limits(thin_after_s=1e9, max_seconds=1e9, cpu_s=100)


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    warm = Zygote()
    yield warm
    warm.close()


def status_of(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def children_of(pid: int) -> list[int]:
    """The processes that `pid` started and that are not gone, zombies among them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and status_of(int(entry.name)).get("PPid") == str(pid):
            found.append(int(entry.name))
    return sorted(found)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.01)
    pytest.fail("it did not come to be within 5 s")


def begin(zygote: Zygote, data: bytes, limits: Limits = PATIENT) -> tuple[SoundStream, int]:
    """A sound that is being decoded, and the number of its process."""
    stream = SoundStream(zygote.begin(data, limits), "sound", limits)
    (pid,) = children_of(zygote.pid)
    return stream, pid


def test_nothing_is_started_before_it_is_needed(zygote: Zygote) -> None:
    assert zygote.pid is None
    zygote.warm_up()
    assert zygote.pid is not None
    assert status_of(zygote.pid)["Threads"] == "1"


def test_the_decoder_waits_while_nobody_asks_and_stays_small(zygote: Zygote) -> None:
    stream, pid = begin(zygote, long_silence())
    with stream:
        for _ in range(1800):
            assert len(next(stream)) == 8000
        assert stream.facts.duration_s == 1800
        wait_until(lambda: status_of(pid)["State"].startswith("S"))
        assert int(status_of(pid)["VmHWM"].split()[0]) < 150_000


def test_a_process_holds_its_file_and_its_end_of_the_pipe_alone(zygote: Zygote) -> None:
    first, _ = begin(zygote, long_silence())
    with first, SoundStream(zygote.begin(long_silence(), PATIENT), "second", PATIENT):
        pids = children_of(zygote.pid)
        assert len(pids) == 2
        for pid in pids:
            assert open_files(pid) == 3
            limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
            assert "Max open files            0" in limits
            assert "Max file size             0" in limits


def test_closing_early_ends_the_process(zygote: Zygote) -> None:
    stream, pid = begin(zygote, long_silence())
    next(stream)
    stream.close()
    wait_until(lambda: not status_of(pid))
    assert children_of(zygote.pid) == []
    stream.close()


def test_a_killed_process_costs_its_file_alone(zygote: Zygote) -> None:
    stream, pid = begin(zygote, long_silence())
    next(stream)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(BadAudio, match="made the program that reads sounds stop") as caught:
        list(stream)
    assert caught.value.code == "crashed"
    with SoundStream(zygote.begin(wav(), PATIENT), "next", PATIENT) as following:
        assert sum(map(len, following)) == 22050
    wait_until(lambda: children_of(zygote.pid) == [])


def test_a_process_that_stands_still_is_given_up(zygote: Zygote) -> None:
    stream, pid = begin(zygote, long_silence(), Limits(thin_after_s=1e9, idle_s=0.3))
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(BadAudio, match=r"gave no sound for 0\.3 s") as caught:
        list(stream)
    assert caught.value.code == "too_slow"
    wait_until(lambda: not status_of(pid))


def test_a_process_that_computes_too_long_is_ended(zygote: Zygote) -> None:
    limits = Limits(thin_after_s=1e9, max_seconds=1e9, cpu_s=1, speed_floor=1e9)
    stream, _ = begin(zygote, long_silence(), limits)
    with pytest.raises(BadAudio, match="takes too much computing") as caught:
        for _ in stream:
            pass
    assert caught.value.code == "too_slow"


def test_a_killed_warm_process_is_started_again(zygote: Zygote) -> None:
    stream, pid = begin(zygote, long_silence())
    first = zygote.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(BadAudio):
        list(stream)
    wait_until(lambda: not status_of(pid))
    with SoundStream(zygote.begin(wav(), PATIENT), "next", PATIENT) as following:
        assert sum(map(len, following)) == 22050
    assert zygote.pid != first
    assert not status_of(first), "the killed one was left as a zombie"


def test_many_threads_decode_at_once() -> None:
    expected = decode_sound(wav(), "one")[0].samples
    silence = long_silence(minutes=1)

    def decode(number: int) -> int:
        if number % 3 == 0:
            return len(decode_sound(silence, "quiet")[0].samples)
        np.testing.assert_array_equal(decode_sound(wav(), f"{number}")[0].samples, expected)
        return 0

    with ThreadPoolExecutor(8) as pool:
        lengths = list(pool.map(decode, range(64)))
    assert lengths == [480_000 if number % 3 == 0 else 0 for number in range(64)]


def test_many_threads_survive_the_death_of_the_warm_process(zygote: Zygote) -> None:
    def decode(number: int) -> int:
        if number == 20:
            os.kill(zygote.pid, signal.SIGKILL)
        with SoundStream(zygote.begin(wav(), PATIENT), "x", PATIENT) as stream:
            return sum(map(len, stream))

    def tried(number: int) -> int:
        try:
            return decode(number)
        except BadAudio:  # it was being decoded at that moment
            return decode(100)

    zygote.warm_up()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tried, range(60))) == {22050}


def test_two_hundred_sounds_leave_no_process_and_no_open_file(zygote: Zygote) -> None:
    def decode(data: bytes) -> None:
        with SoundStream(zygote.begin(data, PATIENT), "x", PATIENT) as stream:
            next(stream)

    decode(wav())
    wait_until(lambda: children_of(zygote.pid) == [])
    ours, theirs = open_files(os.getpid()), open_files(zygote.pid)
    for number in range(100):
        decode(wav())
        with pytest.raises(BadAudio):
            decode(b"not sound" * number + b"!")
    wait_until(lambda: children_of(zygote.pid) == [])
    assert open_files(os.getpid()) == ours
    assert open_files(zygote.pid) == theirs


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.parametrize("ending", ["", "os.kill(os.getpid(), signal.SIGKILL)", "os._exit(1)"])
def test_the_end_of_the_app_ends_all_its_processes(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    path.write_bytes(long_silence())
    program = (
        "import os, signal, sys, pathlib\n"
        "from urbansound.audio import sandbox\n"
        "limits = sandbox.Limits(thin_after_s=1e9)\n"
        f"stream = sandbox.open_sound(pathlib.Path({str(path)!r}), 'x', limits=limits)\n"
        "next(stream)\n"
        "pid = sandbox._decoders().pid\n"
        "print(pid, pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text(), flush=True)\n"
        f"{ending}\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    wait_until(lambda: not any(map(status_of, pids)))


def test_a_sound_is_decoded_without_waiting_for_another_that_nobody_hears() -> None:
    with open_sound(sound_file("wav 16", sweep(60)), "waiting") as waiting:
        next(waiting)
        assert decode_sound(wav(), "other")[0].duration_s == 0.5
        assert sum(map(len, waiting)) == 59 * 44100


def test_threads_that_ask_first_at_once_share_one_warm_process() -> None:
    program = (
        "import sys; sys.setswitchinterval(1e-6)\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from urbansound.audio import sandbox\n"
        "with ThreadPoolExecutor(16) as pool:\n"
        "    found = list(pool.map(lambda _: sandbox._decoders(), range(64)))\n"
        "print(len(set(map(id, found))))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == "1\n"


def test_a_full_disk_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")
    monkeypatch.setattr("urbansound.audio.forks._unnamed_file", lambda n: full.open("w+b"))
    with pytest.raises(BadAudio, match="disk of the computer that runs this app is full"):
        open_sound(wav(), "large.wav")
