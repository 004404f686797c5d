"""A person's own sounds on the command line: from a folder to an answer."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.layouts import (
    THREE,
    write_class_folders,
    write_esc50,
    write_m4a,
    write_official,
    write_sound,
)
from urbansound.cli.main import main

Answers = list[dict[str, Any]]
Run = Callable[..., tuple[int, Answers]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))

    def run_command(*arguments: object) -> tuple[int, Answers]:
        code = main([*map(str, arguments), "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = write_class_folders(tmp_path / "mine", n=20)
    write_m4a(root / "bell" / "phone.m4a", 0, 2)
    write_sound(root / "drum" / "long.wav", 1, 9)
    return root


def test_three_folders_become_a_network_that_knows_new_sounds_of_theirs(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    code, (checked,) = run("check", "--data", folder)
    assert (code, checked["n_clips"], checked["n_ok"], checked["problems"]) == (0, 64, 64, [])
    code, (features,) = run("features", "--data", folder)
    assert (code, features["n_clips"], features["failed"]) == (0, 64, [])
    kept = tmp_path / "data" / "kept"
    assert all(Path(file).is_file() and kept in Path(file).parents for file in features["files"])
    code, (trained,) = run("train", "--data", folder, "--model", "mlp", "--epochs", 60)
    assert code == 0
    assert trained["protocol"] == {
        "kind": "official",
        "test_folds": [5],
        "validation_folds": [4],
    }
    assert trained["test"]["accuracy"] >= 0.9
    new = [write_sound(tmp_path / f"{name}.wav", n, 2, seed=99) for n, name in enumerate(THREE)]
    code, answers = run("classify", "--model", "mlp", *new)
    assert code == 0
    for answer, name in zip(answers, THREE, strict=True):
        assert set(answer["probabilities"]) == set(THREE)
        assert max(answer["probabilities"], key=answer["probabilities"].get) == name
        assert answer["label"] in (name, "not_sure")
        assert answer["trained_on"] == "mine"
    assert any(answer["label"] != "not_sure" for answer in answers)


def test_nothing_is_written_into_the_folder(run: Run, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for command in (("check",), ("check", "--deep"), ("features",), ("doctor",)):
        run(*command, "--data", folder)
    run("train", "--data", folder, "--model", "model1", "--epochs", 1)
    assert sorted(folder.rglob("*")) == before


def test_a_sound_like_none_of_the_classes_may_be_not_sure(run: Run, folder: Path) -> None:
    run("train", "--data", folder, "--model", "mlp", "--epochs", 5)
    other = write_sound(folder.parent / "other.wav", 9, 2)
    _, (answer,) = run("classify", "--model", "mlp", other)
    assert answer["label"] in (*THREE, "not_sure")
    assert set(answer["probabilities"]) == set(THREE)


def test_every_fold_tests_once_and_the_model_is_scored_and_exported(run: Run, folder: Path) -> None:
    code, (answer,) = run("crossval", "--data", folder, "--model", "model1", "--epochs", 2)
    assert (code, [fold["fold"] for fold in answer["folds"]]) == (0, [1, 2, 3, 4, 5])
    code, (trained,) = run("train", "--data", folder, "--epochs", 2)
    code, (scores,) = run("evaluate", "--data", folder)
    assert code == 0
    assert [row["name"] for row in scores["per_class"]] == list(THREE)
    assert (len(scores["confusion"]), scores["n"]) == (3, 64)
    code, (exported,) = run("export")
    (card,) = Path(exported["file"]).parent.glob("*.json")
    assert all(f'"{name}"' in card.read_text() for name in THREE)
    code, (again,) = run("runs", "reproduce", trained["run"])
    assert code == 0, again


def test_a_model_of_other_classes_is_not_scored_on_these(run: Run, folder: Path) -> None:
    code, (answer,) = run("evaluate", "--data", folder, "--model", "shipped:mlp")
    assert code == 1
    assert "knows the classes air_conditioner" in answer["error"]["message"]


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_a_class_of_four_clips_is_enough(run: Run, tmp_path: Path, model: str) -> None:
    root = write_class_folders(tmp_path / "tiny", n=4)
    code, (answer,) = run("train", "--data", root, "--model", model, "--epochs", 2)
    assert (code, answer["test"]["n"]) == (0, 3)


def test_folds_may_lack_a_class(run: Run, tmp_path: Path) -> None:
    root = write_class_folders(tmp_path / "mine", n=12)
    write_sound(root / "rare" / "once.wav", 7)
    code, (answer,) = run("train", "--data", root, "--model", "mlp", "--epochs", 2)
    assert code == 0
    code, (answer,) = run("crossval", "--data", root, "--model", "mlp", "--epochs", 2)
    assert (code, len(answer["folds"])) == (0, 3)


def test_two_recordings_are_too_few_to_validate_and_that_is_said(run: Run, tmp_path: Path) -> None:
    root = write_class_folders(tmp_path / "two", ("a", "b"), n=1)
    code, (answer,) = run("train", "--data", root, "--model", "mlp", "--epochs", 2)
    assert code == 2
    assert "--validation-fold none" in answer["error"]["message"]


def test_one_clip_to_learn_from_is_too_few(run: Run, tmp_path: Path) -> None:
    root = write_class_folders(tmp_path / "two", ("a", "b"), n=1)
    for command in ("train", "crossval"):
        code, (answer,) = run(
            command, "--data", root, "--model", "mlp", "--epochs", 2, "--validation-fold", "none"
        )
        assert code == 2
        assert "Only one clip is left to train on" in answer["error"]["message"]


def test_esc_50_goes_from_its_folds_to_an_answer(run: Run, tmp_path: Path) -> None:
    root = write_esc50(tmp_path / "ESC-50-master")
    code, (answer,) = run("train", "--data", root, "--model", "mlp", "--epochs", 3)
    assert (code, answer["protocol"]["test_folds"], answer["test"]["n"]) == (0, [5], 6)
    code, (answer,) = run("classify", "--model", "mlp", root / "audio" / "1-0-A-0.wav")
    assert set(answer["probabilities"]) == {"dog", "rain", "sea_waves"}


def test_twelve_classes_and_folds_3_7_and_40_train_and_test(run: Run, tmp_path: Path) -> None:
    root = write_official(tmp_path / "my" / "sounds", 12, (3, 7, 40))
    code, (checked,) = run("check", "--data", root)
    assert (code, checked["n_ok"]) == (0, 36)
    code, (features,) = run("features", "--data", root)
    assert {Path(file).parent for file in features["files"]} == {root.parent}
    code, (answer,) = run("train", "--data", root, "--model", "mlp", "--epochs", 2)
    assert (code, answer["protocol"]["test_folds"]) == (0, [40])
    code, (answer,) = run("train", "--data", root, "--epochs", 2, "--test-fold", 3)
    assert answer["protocol"] == {
        "kind": "official",
        "test_folds": [3],
        "validation_folds": [40],
    }
    code, (answer,) = run("crossval", "--data", root, "--epochs", 1)
    assert [fold["fold"] for fold in answer["folds"]] == [3, 7, 40]


def test_a_piece_of_a_long_file_can_be_left_out(run: Run, folder: Path) -> None:
    piece = "drum/long.wav#t=4,8"
    code, (answer,) = run("exclude", "add", "noisy", piece, "--data", folder)
    assert (code, answer["clips"]) == (0, [piece])
    code, (answer,) = run(
        "train", "--data", folder, "--exclude", "noisy", "--epochs", 1, "--protocol", "random"
    )
    assert code == 0


def test_a_file_name_that_several_classes_have_is_not_guessed(run: Run, folder: Path) -> None:
    code, (answer,) = run("exclude", "add", "noisy", "take 0.wav", "--data", folder)
    assert code == 2
    assert "is the name of 3 clips: 'bell/take 0.wav'" in answer["error"]["message"]


def test_a_damaged_sound_is_named_and_the_rest_trains(run: Run, folder: Path) -> None:
    (folder / "bell" / "bad.m4a").write_bytes(b"no sound")
    code, (checked,) = run("check", "--data", folder)
    assert (code, checked["n_ok"]) == (1, 64)
    assert [row["clip"] for row in checked["problems"]] == ["bell/bad.m4a"]
    code, (features,) = run("features", "--data", folder)
    assert (code, [row["clip"] for row in features["failed"]]) == (1, ["bell/bad.m4a"])
    assert run("train", "--data", folder, "--epochs", 1)[0] == 0


def test_a_sound_that_came_later_is_measured_alone(run: Run, folder: Path) -> None:
    run("features", "--data", folder)
    write_sound(folder / "bell" / "later.wav")
    code, (features,) = run("features", "--data", folder)
    assert (code, features["n_clips"]) == (0, 65)
    shutil.rmtree(folder / "flute")
    code, (features,) = run("features", "--data", folder)
    assert (code, features["n_clips"]) == (0, 45)


def test_the_doctor_says_what_a_folder_is(run: Run, folder: Path) -> None:
    _, (answer,) = run("doctor", "--data", folder)
    (data,) = (finding for finding in answer["findings"] if finding["what"] == "data")
    assert data["ok"]
    assert data["message"].startswith("mine, 64 clips of 3 classes")


def test_what_is_no_dataset_is_told_with_the_three_layouts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, (answer,) = run("train", "--data", tmp_path / "empty")
    assert code == 1
    for part in ("drums/a.wav", "metadata/UrbanSound8K.csv", "meta/esc50.csv"):
        assert part in answer["error"]["message"]
