"""The look at every file: what is measured, what is kept, and what makes it look again."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.conftest import write_small_dataset
from urbansound.dataset import surveying
from urbansound.dataset.index import TABLE, load_dataset
from urbansound.dataset.survey import Survey, find_survey, load_survey
from urbansound.dataset.survey_store import survey_file
from urbansound.records import DatasetIndex


@pytest.fixture
def index(small_dataset: Path) -> DatasetIndex:
    return load_dataset(small_dataset)


class Counter:
    """Notes how many files were opened."""

    opened = 0

    def __call__(self, done: int, total: int) -> None:
        self.opened = done


def opened_by(index: DatasetIndex) -> int:
    counter = Counter()
    load_survey(index, on_progress=counter)
    return counter.opened


def write(index: DatasetIndex, number: int, wave: np.ndarray, rate: int, **more: str) -> None:
    soundfile.write(index.audio_path(index.clips[number]), wave, rate, **more)


def test_each_clip_has_its_row(index: DatasetIndex) -> None:
    rng = np.random.default_rng(0)
    write(index, 0, rng.uniform(-0.5, 0.5, (22050, 2)), 44100, subtype="PCM_24")
    write(index, 1, rng.uniform(-0.5, 0.5, 4000), 8000, subtype="PCM_U8")
    survey = load_survey(index)
    assert len(survey) == 40
    assert survey.sample_rates.tolist()[:3] == [44100, 8000, 22050]
    assert survey.channels.tolist()[:3] == [2, 1, 1]
    assert survey.bit_depths.tolist()[:3] == ["24-bit", "8-bit", "16-bit"]
    assert survey.durations_s == pytest.approx(np.full(40, 0.5), abs=1e-3)


def test_a_faint_clip_is_as_many_db_below_as_it_was_made(index: DatasetIndex) -> None:
    wave, rate = soundfile.read(index.audio_path(index.clips[0]))
    write(index, 1, wave / 10, rate, subtype="FLOAT")
    survey = load_survey(index)
    assert survey.levels_db[0] - survey.levels_db[1] == pytest.approx(20, abs=0.01)
    assert survey.peaks_db[0] - survey.peaks_db[1] == pytest.approx(20, abs=0.01)


def test_what_is_wrong_with_a_file_stands_in_its_row(index: DatasetIndex) -> None:
    paths = [index.audio_path(clip) for clip in index.clips]
    paths[0].unlink()
    paths[1].write_bytes(b"")
    paths[2].write_bytes(b"noise" * 99)
    write(index, 3, np.array([0.0, np.nan] * 999), 22050, subtype="FLOAT")
    write(index, 4, np.zeros(9999), 22050)
    paths[5].write_bytes(paths[5].read_bytes()[:9000])
    survey = load_survey(index)
    codes = {number: code for number, (code, _) in survey.failures.items()}
    assert codes == {0: "missing", 1: "empty", 2: "unreadable", 3: "not_finite"}
    assert survey.sample_rates[:4].tolist() == [0, 0, 0, 0]
    assert (survey.is_silent[4], survey.levels_db[4]) == (True, -120)
    assert survey.missing_s[5] + survey.durations_s[5] == pytest.approx(0.5, abs=0.002)


def test_workers_find_what_one_process_finds(
    index: DatasetIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = load_survey(index, workers=1)
    survey_file(index).unlink()
    monkeypatch.setattr(surveying, "_WORTH_A_POOL", 0)
    index.audio_path(index.clips[7]).write_bytes(b"rubbish")
    shared = load_survey(index, workers=2)
    assert list(shared.failures) == [7]
    others = np.arange(40) != 7
    assert (shared.facts[others] == here.facts[others]).all()
    assert (shared.bit_depths[others] == here.bit_depths[others]).all()


def test_only_a_changed_file_is_opened_again(index: DatasetIndex) -> None:
    assert opened_by(index) == 40
    assert opened_by(index) == 0
    write(index, 9, np.zeros(5000), 22050)
    assert opened_by(index) == 1
    found = find_survey(index)
    assert found is not None
    assert np.flatnonzero(found.is_silent).tolist() == [9]


def test_nothing_is_found_before_the_first_look_and_after_the_table_changed(
    index: DatasetIndex,
) -> None:
    assert find_survey(index) is None
    load_survey(index)
    assert find_survey(index) is not None
    table = index.root / TABLE
    table.write_text(table.read_text().replace(",0,air_conditioner", ",3,dog_bark", 1))
    changed = load_dataset(index.root)
    assert find_survey(changed) is None
    assert opened_by(changed) == 0
    assert find_survey(changed) is not None


@pytest.mark.parametrize("ending", [".bin", ".prints.npy"])
def test_a_damaged_file_is_made_again(index: DatasetIndex, ending: str) -> None:
    load_survey(index)
    path = survey_file(index).with_suffix(ending)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert opened_by(index) == 40
    assert opened_by(index) == 0


def test_what_was_done_before_an_end_half_way_is_kept(index: DatasetIndex) -> None:
    class EndedError(Exception):
        """A person pressed stop."""

    def stop(done: int, total: int) -> None:
        if done == 15:
            raise EndedError

    with pytest.raises(EndedError):
        load_survey(index, on_progress=stop)
    assert find_survey(index) is None
    counter = Counter()
    survey = load_survey(index, on_progress=counter)
    assert counter.opened == 25
    assert survey.sample_rates.all()


def test_a_folder_that_cannot_be_written_to_costs_the_file_not_the_survey(
    index: DatasetIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("urbansound.files.os.replace", refuse)
    assert len(load_survey(index)) == 40
    assert "will be made again" in caplog.text
    assert find_survey(index) is None


def test_two_datasets_in_one_folder_have_a_survey_each(tmp_path: Path) -> None:
    first = load_dataset(write_small_dataset(tmp_path / "first"))
    second = load_dataset(write_small_dataset(tmp_path / "second", seed=1))
    load_survey(first)
    assert find_survey(second) is None
    load_survey(second)
    kept = [find_survey(first), find_survey(second)]
    assert all(isinstance(survey, Survey) for survey in kept)
    assert (kept[0].checksums != kept[1].checksums).all()


def test_a_dataset_moved_with_its_survey_is_not_looked_at_again(
    index: DatasetIndex, tmp_path: Path
) -> None:
    load_survey(index)
    (tmp_path / "elsewhere").mkdir()
    for path in [index.root, *index.root.parent.glob("survey_*")]:
        shutil.move(path, tmp_path / "elsewhere" / path.name)
    assert find_survey(load_dataset(tmp_path / "elsewhere" / index.root.name)) is not None


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    root = write_small_dataset(tmp_path / "UrbanSound8K")
    script = (
        "import sys, time; from pathlib import Path\n"
        "from urbansound.worker_pool import WorkerPool\n"
        "pool = WorkerPool(1, 'urbansound.dataset.survey_worker')\n"
        f"path = str(next(Path({str(root)!r}).rglob('*.wav')))\n"
        "list(pool.share([[path, 0, 0]], 1))\n"
        "print(next(iter(pool._all))._process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while _is_alive(worker):
        assert time.monotonic() < deadline, "the worker goes on without its parent"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended but was not waited for is not alive.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
