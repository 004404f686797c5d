import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.audio.clips import Piece
from urbansound.audio.decode import load_audio
from urbansound.errors import BadConfig, RunFailed
from urbansound.features.extract import extract
from urbansound.features.mfcc import log_mel, mean_mfcc
from urbansound.features.pool import read_in_pool
from urbansound.features.spec import LOGMEL, MFCC40
from urbansound.paths import PROJECT
from urbansound.records import Clip, DatasetIndex, FeatureSpec
from urbansound.worker_pool import Answer, Worker


def make_index(root: Path, n_clips: int, bad: tuple[int, ...] = ()) -> DatasetIndex:
    """Clips of noise of several lengths and rates; the bad ones are text."""
    rng = np.random.default_rng(0)
    clips = []
    for number in range(n_clips):
        path = root / "audio" / f"fold{number % 3 + 1}" / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number in bad:
            path.write_text("not sound")
        else:
            samples = 0.1 * rng.standard_normal(2000 + 100 * number)
            soundfile.write(path, samples, (22050, 44100)[number % 2])
        clips.append(Clip(path.relative_to(root).as_posix(), number % 3 + 1, number % 2))
    return DatasetIndex("noise", root, tuple(clips), ("a", "b"))


def children() -> list[str]:
    """The commands of this process's children that are extraction workers."""
    command = ["ps", "-eo", "ppid=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = (line.split(maxsplit=1) for line in listing.splitlines())
    return [args for parent, args in lines if int(parent) == os.getpid() and "worker" in args]


@pytest.mark.parametrize(("n_clips", "workers"), [(10, None), (70, 1), (70, 3)])
def test_rows_are_the_clips_features_in_their_order(
    tmp_path: Path, n_clips: int, workers: int | None
) -> None:
    index = make_index(tmp_path, n_clips)
    features, numbers, failed = extract(index, MFCC40, workers=workers)
    assert failed == ()
    np.testing.assert_array_equal(numbers, np.arange(n_clips))
    assert features.dtype == np.float32
    for row, clip in zip(features, index.clips, strict=True):
        expected = mean_mfcc(load_audio(index.audio_path(clip)), MFCC40)
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n_clips", [20, 70])
def test_a_bad_file_is_named_and_the_rest_is_kept(tmp_path: Path, n_clips: int) -> None:
    index = make_index(tmp_path, n_clips, bad=(3, 17))
    features, numbers, failed = extract(index, MFCC40, workers=2)
    assert [problem.clip for problem in failed] == [index.clips[3].path, index.clips[17].path]
    assert {problem.code for problem in failed} == {"unreadable"}
    assert "cannot be read as sound" in failed[0].message
    np.testing.assert_array_equal(numbers, np.delete(np.arange(n_clips), [3, 17]))
    assert len(features) == n_clips - 2


@pytest.mark.parametrize("n_clips", [5, 70])
def test_progress_is_told_to_the_end(tmp_path: Path, n_clips: int) -> None:
    told: list[tuple[int, int]] = []
    index = make_index(tmp_path, n_clips, bad=(1,))
    extract(index, MFCC40, workers=2, on_progress=lambda *news: told.append(news))
    assert told[-1] == (n_clips, n_clips)
    assert told == sorted(told)


@pytest.mark.parametrize("n_clips", [2, 65])
def test_log_mel_rows_are_four_seconds_of_sound(tmp_path: Path, n_clips: int) -> None:
    index = make_index(tmp_path, n_clips)
    long = index.audio_path(index.clips[0])
    samples = 0.1 * np.random.default_rng(1).standard_normal(5 * 22050)
    soundfile.write(long, samples, 22050, subtype="FLOAT")
    features, _, _ = extract(index, LOGMEL, workers=2)
    assert features.shape == (n_clips, 64, 173)
    assert features.dtype == np.float16
    first = log_mel(load_audio(long).samples[: 4 * 22050], LOGMEL)
    np.testing.assert_allclose(features[0], first, atol=0.05)
    assert (features[1][:, 100:] == features[1].min()).all()


def test_no_clips_have_no_rows(tmp_path: Path) -> None:
    features, numbers, failed = extract(make_index(tmp_path, 0), MFCC40)
    assert features.shape == (0, 40)
    assert len(numbers) == len(failed) == 0


def test_kinds_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="pooling 'none'"):
        extract(make_index(tmp_path, 1), FeatureSpec(pooling="none"))


@pytest.mark.skipif(sys.platform == "win32", reason="ps lists processes elsewhere")
def test_no_worker_outlives_an_error(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        assert children()
        raise KeyboardInterrupt

    index = make_index(tmp_path, 130)
    with pytest.raises(KeyboardInterrupt):
        extract(index, MFCC40, workers=3, on_progress=interrupt)
    assert children() == []


@pytest.mark.skipif(sys.platform == "win32", reason="ps lists processes elsewhere")
def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    index = make_index(tmp_path, 70)
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from urbansound.audio.clips import Piece\n"
        "from urbansound.features.extract import extract_files\n"
        "from urbansound.features.spec import MFCC40\n"
        "pieces = [Piece(Path(path)) for path in sys.argv[1:]]\n"
        "die = lambda *news: os.kill(os.getpid(), signal.SIGKILL)\n"
        "extract_files(pieces, MFCC40, workers=2, on_progress=die)\n"
    )
    paths = [str(index.audio_path(clip)) for clip in index.clips]
    # communicate() ends when the last process that holds the pipe does.
    done = subprocess.run(
        [sys.executable, "-c", program, *paths],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9


def test_a_file_that_kills_its_worker_is_named_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = make_index(tmp_path, 70)
    deadly = index.audio_path(index.clips[20])
    ask = Worker.ask

    def die_of_one(worker: Worker, value: object) -> Answer:
        if isinstance(value, list) and any(str(deadly) in piece for piece in value):
            worker._process.kill()
            worker._process.wait()
        return ask(worker, value)

    monkeypatch.setattr(Worker, "ask", die_of_one)
    features, _, failed = extract(index, MFCC40, workers=2)
    assert len(features) == 69
    assert [problem.clip for problem in failed] == [index.clips[20].path]
    assert "made the program that reads it stop" in failed[0].message


def test_workers_that_do_not_start_are_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = make_index(tmp_path, 1)
    monkeypatch.setattr("sys.executable", "false")
    with pytest.raises(RunFailed, match="did not start"):
        list(read_in_pool([Piece(index.audio_path(index.clips[0]))], MFCC40, 1))


def test_workers_load_nothing_heavy() -> None:
    program = (
        "import sys, urbansound.features.worker\n"
        "print({'torch', 'librosa', 'pandas', 'av', 'matplotlib'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.strip() == "set()"
