"""--profile: where a command's time went."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.cli.main import main
from urbansound.cli.profile_table import WHAT_EACH

BESIDE_CLIPS = {
    "loading libraries", "reading the list of clips", "loading the cache", "states of files",
    "joining", "writing the cache", "other",
}  # fmt: skip
BESIDE_STEPS = {
    "waiting for its turn", "loading features", "preparing inputs", "building the optimiser",
    "validation", "scoring and calibration", "writing weights and card",
}  # fmt: skip


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command; return what it printed on stdout and on stderr."""
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))

    def run_command(*arguments):
        assert main([str(argument) for argument in arguments]) == 0
        return capsys.readouterr()

    return run_command


def profile_of(printed):
    """The profile in the one JSON object that was printed, by stage."""
    (line,) = printed.out.splitlines()
    rows = json.loads(line)["profile"]
    assert all(set(row) == {"stage", "seconds", "share", "calls"} for row in rows)
    assert sum(row["share"] for row in rows) == pytest.approx(1, abs=1e-6)
    assert all(row["seconds"] >= 0 and row["calls"] >= 1 for row in rows)
    return {row["stage"]: row for row in rows}


def test_features_names_every_stage_of_a_clip(run, small_dataset):
    profile = profile_of(run("features", "--data", small_dataset, "--profile", "--json"))
    assert set(profile) == BESIDE_CLIPS | set(WHAT_EACH["clip"])
    assert profile["read and decode"]["calls"] == 40
    assert profile["checksum"]["calls"] == 40


def test_cached_features_are_not_read_again(run, small_dataset):
    run("features", "--data", small_dataset)
    profile = profile_of(run("features", "--data", small_dataset, "--profile", "--json"))
    assert "read and decode" not in profile
    assert "loading the cache" in profile


def test_what_processes_did_is_summed_and_said(run, tmp_path):
    write_class_folders(tmp_path / "sounds", n_clips=70)
    options = ("features", "--data", tmp_path / "sounds", "--workers", 2, "--profile")
    printed = run(*options)
    assert "Seconds are summed over 2 processes" in printed.err
    assert "starting processes" in printed.err
    assert "ms a clip" in printed.err
    printed = run(*options, "--kind", "logmel", "--json")
    profile = profile_of(printed)
    assert profile["read and decode"]["calls"] == 70
    assert "waiting for processes" not in profile


def test_train_names_every_stage_of_a_step(run, small_dataset):
    run("features", "--data", small_dataset)
    options = ("--data", small_dataset, "--epochs", 2, "--device", "cpu")
    profile = profile_of(run("train", *options, "--profile", "--json"))
    assert set(profile) >= set(WHAT_EACH["step"]) | BESIDE_STEPS | {"other"}
    assert profile["validation"]["calls"] == 2


def test_the_table_follows_the_answer_on_stderr(run, small_dataset):
    options = ("train", "--data", small_dataset, "--epochs", 1, "--device", "cpu")
    printed = run(*options, "--profile")
    assert "stage" not in printed.out
    assert "weights" in printed.out
    lines = printed.err.splitlines()
    head = next(n for n, line in enumerate(lines) if line.split()[:1] == ["stage"])
    assert lines[head].split() == ["stage", "seconds", "share", "calls"]
    table = lines[head + 1 :]
    assert any(line.startswith("backward") and "ms a step" in line for line in table)
    assert table[-2].startswith("other")
    assert table[-1].endswith("s in all.")


@pytest.mark.parametrize(
    "command", [("features",), ("train", "--epochs", "1", "--device", "cpu")], ids=lambda c: c[0]
)
def test_without_the_option_nothing_is_said_of_stages(run, small_dataset, command):
    printed = run(*command, "--data", small_dataset, "--json")
    (line,) = printed.out.splitlines()
    assert "profile" not in json.loads(line)
    printed = run(*command, "--data", small_dataset)
    assert "seconds     share" not in printed.err


def write_class_folders(root: Path, n_clips: int) -> None:
    """Two folders of short noises."""
    rng = np.random.default_rng(0)
    for number in range(n_clips):
        path = root / ("rain", "wind")[number % 2] / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * rng.standard_normal(4000), 22050)
