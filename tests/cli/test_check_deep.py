"""`check --deep` on the command line: its codes, its exit and its table."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.cli.main import main
from urbansound.dataset.index import load_dataset


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, dict]:
    code = main([*map(str, args), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_clean_set_has_no_problems(capsys, small_dataset: Path) -> None:
    code, answer = run(capsys, "check", "--deep", "--data", small_dataset)
    assert (code, answer) == (0, {"n_clips": 40, "n_ok": 40, "problems": []})


def test_a_fault_is_named_with_its_clip_and_the_exit_is_1(capsys, small_dataset: Path) -> None:
    index = load_dataset(small_dataset)
    shutil.copy(index.audio_path(index.clips[0]), index.audio_path(index.clips[9]))
    code, answer = run(capsys, "check", "--deep", "--data", small_dataset)
    assert (code, answer["n_ok"]) == (1, 39)
    (problem,) = answer["problems"]
    assert set(problem) == {"code", "clip", "message"}
    assert (problem["code"], problem["clip"]) == ("same_sound_other_class", index.clips[9].path)
    # Without --deep nobody listens.
    assert run(capsys, "check", "--data", small_dataset)[0] == 0


def test_what_is_only_worth_a_listen_is_named_and_the_exit_is_0(
    capsys, small_dataset: Path
) -> None:
    index = load_dataset(small_dataset)
    path = index.audio_path(index.clips[3])
    wave, rate = soundfile.read(path)
    soundfile.write(path, 0.5 * wave + 0.3, rate)
    code, answer = run(capsys, "check", "--deep", "--data", small_dataset)
    assert (code, answer["n_ok"]) == (0, 40)
    assert [problem["code"] for problem in answer["problems"]] == ["dc_offset"]
    assert main(["check", "--deep", "--data", str(small_dataset)]) == 0
    assert "Worth a listen:" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--deep"]])
def test_what_was_found_is_written_as_a_table(
    capsys, small_dataset: Path, tmp_path: Path, options: list[str]
) -> None:
    index = load_dataset(small_dataset)
    index.audio_path(index.clips[4]).unlink()
    soundfile.write(index.audio_path(index.clips[5]), np.zeros(11025), 22050)
    table = tmp_path / "found.csv"
    run(capsys, "check", *options, "--data", small_dataset, "--csv", table)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    codes = ["missing", "silent"] if options else ["missing"]
    assert [row["code"] for row in rows] == codes
    assert rows[0]["class"] == "car_horn"


def test_a_table_that_cannot_be_written_is_said(capsys, small_dataset: Path) -> None:
    (small_dataset / "file").write_text("x")
    code = main(["check", "--data", str(small_dataset), "--csv", str(small_dataset / "file/a.csv")])
    assert code == 1
    assert "could not be saved" in capsys.readouterr().err


def test_listening_is_loaded_only_where_it_is_asked_for(small_dataset: Path) -> None:
    script = (
        "import sys; from urbansound.cli.main import main\n"
        f"main(['check', '--data', {str(small_dataset)!r}])\n"
        "heavy = {'torch', 'librosa', 'sklearn', 'urbansound.dataset.faults'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
