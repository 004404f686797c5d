"""The command line of lists of clips that are not learned from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from urbansound.cli.main import main

Run = Callable[..., tuple[int, dict[str, Any]]]
NAME, PATH = "1000-0-0-0.wav", "audio/fold1/1000-0-0-0.wav"


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small_dataset: Path,
) -> Run:
    monkeypatch.setenv("URBANSOUND_DATA", str(small_dataset.parent))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))

    def run_command(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main(["exclude", *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run_command


def test_a_list_is_made_shown_and_emptied(run: Run) -> None:
    assert run("list") == (0, {"lists": []})
    assert run("add", "mine", NAME, PATH) == (0, {"name": "mine", "clips": [PATH]})
    assert run("list") == (0, {"lists": [{"name": "mine", "n_clips": 1}]})
    assert run("show", "mine") == (0, {"name": "mine", "clips": [PATH]})
    assert run("remove", "mine", NAME) == (0, {"name": "mine", "clips": []})
    assert run("show", "mine") == (0, {"name": "mine", "clips": []})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show",), "needs a list's name"),
        (("add", "mine"), "needs clips"),
        (("show", "mine"), "There is no list 'mine'"),
        (("remove", "mine", NAME), "There is no list 'mine'"),
        (("add", "mine", "other.wav"), "no clip 'other.wav'"),
        (("add", "../mine", NAME), "cannot name a list"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_changes_nothing(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    code, answer = run(*arguments)
    assert code == 2
    assert words in answer["error"]["message"]
    assert run("list") == (0, {"lists": []})


def test_a_person_reads_sentences(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("add", "mine", NAME)
    for arguments, words in (
        (["add", "mine", "1001-0-0-0.wav"], "'mine' now holds 2 clips."),
        (["remove", "mine", NAME], "'mine' now holds 1 clip."),
        (["list"], "mine  1 clip"),
        (["show", "mine"], "audio/fold2/1001-0-0-0.wav"),
    ):
        assert main(["exclude", *arguments]) == 0
        assert capsys.readouterr().out.strip() == words
