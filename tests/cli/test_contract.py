"""The command line's JSON keys and exit codes, which others build upon."""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from urbansound.cli.main import build_parser, main
from urbansound.paths import PROJECT
from urbansound.records import FeatureSpec
from urbansound.runs.weights import card_path, read_card, write_card

COMMANDS = next(
    action.choices
    for action in build_parser()._actions
    if isinstance(action, argparse._SubParsersAction)
)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command with --json and return (exit code, the objects on stdout)."""
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))

    def run_command(*arguments):
        code = main([*map(str, arguments), "--json"])
        lines = capsys.readouterr().out.splitlines()
        return code, [json.loads(line) for line in lines]

    return run_command


@pytest.fixture
def train(run, small_dataset):
    """Train model1 on the small dataset for three epochs."""

    def train_once(*more):
        code, (answer,) = run("train", "--data", small_dataset, "--epochs", 3, *more)
        assert code == 0
        return answer

    return train_once


def test_check_and_features(run, small_dataset):
    code, (answer,) = run("check", "--data", small_dataset)
    assert code == 0
    assert answer == {"n_clips": 40, "n_ok": 40, "problems": []}
    code, (answer,) = run("features", "--data", small_dataset)
    assert code == 0
    assert set(answer) == {"n_clips", "seconds", "clips_per_s", "files", "failed"}
    assert answer["n_clips"] == 40
    assert all(Path(file).is_file() for file in answer["files"])


def test_logmel_features(run, small_dataset):
    code, (answer,) = run("features", "--kind", "logmel", "--data", small_dataset)
    assert code == 0
    assert any(file.endswith(".npy") for file in answer["files"])


def test_a_bad_file_is_named_and_the_rest_is_done(run, small_dataset):
    bad = small_dataset / "audio" / "fold1" / "1000-0-0-0.wav"
    bad.write_bytes(b"")
    code, (answer,) = run("check", "--data", small_dataset)
    assert code == 1
    assert [(problem["code"], problem["clip"]) for problem in answer["problems"]] == [
        ("empty", "audio/fold1/1000-0-0-0.wav")
    ]
    assert answer["n_ok"] == 39
    code, (answer,) = run("features", "--data", small_dataset)
    assert code == 1
    assert answer["n_clips"] == 39
    assert answer["failed"][0]["clip"] == "audio/fold1/1000-0-0-0.wav"


def test_import_features(run, tmp_path):
    file = tmp_path / "features.npz"
    np.savez(
        file,
        features=np.zeros((30, 40), np.float32),
        labels=np.arange(30) % 10,
        folds=np.arange(30) // 3 + 1,
    )
    code, (answer,) = run("import-features", file, "--data", tmp_path / "tensors")
    assert code == 0
    assert answer == {"root": str(tmp_path / "tensors"), "n_clips": 30}


def test_train_and_everything_after_it(run, train, small_dataset, tmp_path):
    answer = train("--test-fold", 2)
    assert set(answer) == {
        "run", "model", "protocol", "seed", "validation", "test", "seconds", "file",
    }  # fmt: skip
    assert answer["protocol"] == {"kind": "official", "test_folds": [2], "validation_folds": [1]}
    assert set(answer["validation"]) == {"loss", "accuracy", "n", "n_recordings"}
    assert set(answer["test"]) == {"loss", "accuracy", "macro_f1", "n", "n_recordings"}
    assert (answer["test"]["n"], answer["test"]["n_recordings"]) == (4, 4)
    assert answer["file"] == str(tmp_path / "outputs" / "model1.pth")

    code, (scores,) = run("evaluate", "--data", small_dataset, "--folds", "2")
    assert code == 0
    assert set(scores) == {
        "accuracy", "macro_f1", "per_class", "confusion", "n", "n_recordings", "folds",
        "protocol", "seed",
    }  # fmt: skip
    assert (scores["n"], scores["folds"], scores["protocol"]) == (4, [2], answer["protocol"])
    assert scores["accuracy"] == pytest.approx(answer["test"]["accuracy"])
    code, (by_run,) = run(
        "evaluate", "--data", small_dataset, "--folds", "2", "--run", answer["run"]
    )
    assert by_run == scores

    code, (listing,) = run("runs", "list")
    assert set(listing["runs"][0]) == {
        "run", "model", "status", "protocol", "seed", "validation", "test",
    }  # fmt: skip
    assert listing["runs"][0]["status"] == "finished"
    code, (shown,) = run("runs", "show", answer["run"])
    assert len(shown["epochs"]) == 3
    code, (again,) = run("runs", "reproduce", answer["run"])
    assert code == 0
    assert again["test"] == answer["test"]
    code, (exported,) = run("export")
    assert Path(exported["file"]).is_file()
    code, _ = run("runs", "delete", again["run"])
    assert code == 0
    code, (listing,) = run("runs", "list")
    assert len(listing["runs"]) == 1


def test_the_command_that_runs_show_gives_trains_the_same_run(run, train):
    answer = train("--lr", 0.01, "--seed", 3, "--test-fold", 4, "--validation-fold", "none")
    assert answer["validation"] is None
    _, (shown,) = run("runs", "show", answer["run"])
    words = shown["command"].split()
    assert words[:3] == ["python", "-m", "urbansound"]
    code, (again,) = run(*words[3:])
    assert code == 0
    assert again["test"] == answer["test"]


def test_random_protocol_names_no_folds(train):
    answer = train("--protocol", "random")
    assert answer["protocol"] == {"kind": "random", "test_folds": [], "validation_folds": []}


@pytest.mark.parametrize("model", ["model1", "mlp", "cnn"])
def test_crossval_is_a_run_like_any_other(run, small_dataset, model):
    options = ("--data", small_dataset, "--model", model, "--epochs", 2, "--device", "cpu")
    code, (answer,) = run("crossval", *options, "--folds", "1,5")
    assert code == 0
    assert set(answer) == {
        "run", "model", "protocol", "seed", "folds", "mean", "std", "seconds", "test",
    }  # fmt: skip
    assert answer["protocol"] == {
        "kind": "official", "test_folds": [1, 5], "validation_folds": [10, 4],
    }  # fmt: skip
    figures = {"fold", "accuracy", "loss", "macro_f1", "n", "n_recordings"}
    assert [set(fold) for fold in answer["folds"]] == [figures] * 2
    assert answer["mean"] == pytest.approx(np.mean([f["accuracy"] for f in answer["folds"]]))
    assert answer["test"]["n"] == 8

    code, (again,) = run("runs", "reproduce", answer["run"])
    assert code == 0
    assert again["folds"] == answer["folds"]
    _, (shown,) = run("runs", "show", answer["run"])
    code, (by_command,) = run(*shown["command"].split()[3:])
    assert code == 0
    assert by_command["folds"] == answer["folds"]
    code, (error,) = run("evaluate", "--data", small_dataset, "--run", answer["run"])
    assert code == 2
    assert "keeps no weights" in error["error"]["message"]
    code, (listing,) = run("runs", "list")
    assert [row["status"] for row in listing["runs"]] == ["finished"] * 3


def test_leak_sets_both_protocols_side_by_side(run, small_dataset):
    code, (answer,) = run("leak", "--data", small_dataset, "--epochs", 2, "--test-fold", 3)
    assert code == 0
    assert set(answer) == {"official", "random"}
    assert answer["official"]["protocol"]["test_folds"] == [3]
    assert answer["random"]["protocol"]["kind"] == "random"
    # Every clip of this dataset is a recording of its own.
    for figures in answer.values():
        assert figures["leaked_share"] == 0.0
        assert 0.0 <= figures["lookup_accuracy"] <= 0.5
        assert figures["test"]["n"] == 4
    code, (error,) = run("leak", "--data", small_dataset, "--protocol", "random")
    assert code == 2
    assert "both protocols" in error["error"]["message"]


def test_classify_answers_one_line_a_file_and_model(run, train, small_dataset, tmp_path):
    train()
    good = small_dataset / "audio" / "fold1" / "1000-0-0-0.wav"
    bad = tmp_path / "text.wav"
    bad.write_text("no sound")
    other = good.with_name("other.wav")
    other.write_bytes(good.read_bytes())
    code, (first, failed, last) = run("classify", good, bad, other, "--model", "model1")
    assert code == 1
    assert set(first) == {
        "file", "model", "label", "confidence", "probabilities", "segments", "events",
        "model_sha256", "trained_on", "protocol", "is_strange", "duration_s", "partial",
        "sample_rate",
    }  # fmt: skip
    assert sum(first["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    assert set(first["segments"][0]) == {"start_s", "end_s", "label", "confidence"}
    assert set(failed) == {"file", "error"}
    assert set(failed["error"]) == {"code", "message"}
    assert last["file"] == str(other)


def test_silence_is_called_silence(run, tmp_path, capsys):
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.zeros(22050), 22050)
    code, (answer,) = run("classify", path)
    assert code == 0
    assert answer["label"] == "silence"
    assert main(["classify", str(path)]) == 0
    expected = f"{path}: silence (cnn · UrbanSound8K · official, test fold 1, 2, 3)"
    assert capsys.readouterr().out.strip() == expected


def test_evaluate_refuses_a_card_of_another_feature_spec(run, train, small_dataset, tmp_path):
    train()
    path = tmp_path / "outputs" / "model1.pth"
    card = read_card(card_path(path))
    write_card(path, replace(card, spec=replace(card.spec, features=FeatureSpec(n_mels=64))))
    code, (answer,) = run("evaluate", "--data", small_dataset)
    assert code == 1
    assert "other features" in answer["error"]["message"]


def test_a_run_is_stopped_and_brought_back_by_command(run, train):
    answer = train()
    code, (refused,) = run("runs", "stop", answer["run"])
    assert code == 2
    assert "it is finished" in refused["error"]["message"]
    run("runs", "delete", answer["run"])
    code, _ = run("runs", "restore", answer["run"])
    assert code == 0
    _, (listing,) = run("runs", "list")
    assert [row["run"] for row in listing["runs"]] == [answer["run"]]


def test_a_reader_that_leaves_is_no_crash(small_dataset):
    command = [sys.executable, "-m", "urbansound", "check", "--data", str(small_dataset), "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=PROJECT, text=True
    )
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert "Traceback" not in complaint
    assert "Exception" not in complaint


def test_doctor_finds_nothing_amiss_here(run):
    code, (answer,) = run("doctor")
    assert code == 0
    assert answer["ok"] is True
    assert {finding["what"] for finding in answer["findings"]} >= {
        *("device", "versions", "decoders", "data")
    }


def test_doctor_names_a_decoder_that_is_too_old(run, monkeypatch):
    monkeypatch.setattr("urbansound.cli.doctor.decoder_versions", lambda: {"libsndfile": (1, 0)})
    code, (answer,) = run("doctor")
    assert code != 0
    (finding,) = (one for one in answer["findings"] if not one["ok"])
    assert finding["message"].startswith("libsndfile is 1.0; 1.2.2 or newer is needed")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lr", "-1"], "learning rate is -1"),
        (["--test-fold", "11"], "no fold 11"),
        (["--model", "model9"], "no model 'model9'"),
        (["--preset", "magic"], "no preset 'magic'"),
        (["--epochs", "0"], "number of epochs is 0"),
        (["--device", "toaster"], "no device 'toaster'"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_2(run, small_dataset, arguments, words, tmp_path):
    code, (answer,) = run("train", "--data", small_dataset, *arguments)
    assert code == 2
    assert words in answer["error"]["message"]
    assert not (tmp_path / "outputs" / "model1.pth").exists()


def test_a_word_where_a_fold_is_expected_is_a_wrong_call(run, small_dataset, capsys):
    with pytest.raises(SystemExit) as ended:
        run("train", "--data", small_dataset, "--test-fold", "x")
    assert ended.value.code == 2
    assert "'x' is no fold" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "features", "train", "evaluate"])
def test_no_dataset_is_one_sentence_and_exit_1(run, command, tmp_path):
    code, (answer,) = run(command, "--data", tmp_path / "nowhere")
    assert code == 1
    assert answer["error"]["code"] == "bad_dataset"


def test_the_commands_are_those_of_the_contract():
    assert set(COMMANDS) == {
        *("demo", "download", "import-features", "check", "features", "train"),
        *("crossval", "evaluate", "classify", "runs", "leak", "exclude", "export", "doctor"),
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert f"urbansound {command}" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom urbansound.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'librosa', 'streamlit', 'pandas', 'scipy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.real_data
def test_the_whole_path_on_real_clips(run, real_dataset, tmp_path):
    code, (checked,) = run("check", "--data", real_dataset)
    assert code == 0
    assert checked["n_ok"] == checked["n_clips"] == 2148
    code, (features,) = run("features", "--data", real_dataset)
    assert code == 0
    assert features["n_clips"] == 2148
    for model in ("model1", "model2"):
        options = ["--data", real_dataset, "--model", model, "--test-fold", 2]
        code, (answer,) = run("train", *options, "--validation-fold", "none")
        assert code == 0
        assert answer["test"]["accuracy"] > 0.2
        code, (scores,) = run("evaluate", "--data", real_dataset, "--model", model, "--folds", "2")
        assert scores["accuracy"] == pytest.approx(answer["test"]["accuracy"])
    clip = next((real_dataset / "audio" / "fold2").glob("*-3-*.wav"))
    code, answers = run("classify", clip, "--model", "model1,model2")
    assert code == 0
    assert [answer["model"] for answer in answers] == ["model1", "model2"]
