"""The classify command: what can be named, in which forms it answers, and how it ends."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.sound_files import KINDS, sound_file
from urbansound.audio.decode import load_audio
from urbansound.audio.signal import to_wav_bytes
from urbansound.cli.main import main
from urbansound.cli.output import Output
from urbansound.paths import PROJECT
from urbansound.records import Audio

RATE = 8000
SUB = str(Path("sub", "a.WAV"))


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("URBANSOUND_OUTPUTS", str(tmp_path / "outputs"))


@pytest.fixture
def classify(capsys):
    """Run the command with the fastest model: (exit code, stdout, stderr)."""

    def run(*arguments):
        code = main(["classify", "--model", "model1", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def wav(seconds=0.5, level=0.3):
    rng = np.random.default_rng(0)
    samples = rng.uniform(-level, level, round(seconds * RATE)) if level else np.zeros(4000)
    return to_wav_bytes(Audio(samples.astype(np.float32), RATE))


@pytest.fixture
def folder(tmp_path):
    """Two sounds, one deeper, a broken one, and three files that are no sounds."""
    root = tmp_path / "sounds"
    files = {
        "b.wav": wav(), "sub/a.WAV": wav(), "c.flac": b"broken", "notes.txt": b"x",
        "sub/cover.jpg": b"x", ".hidden.wav": wav(), ".cache/d.wav": wav(),
    }  # fmt: skip
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def files_in(text, start):
    return [answer["file"].removeprefix(str(start)).lstrip("/\\") for answer in objects(text)]


def test_a_folder_is_searched_in_order_and_what_is_left_out_is_counted(classify, folder):
    code, out, err = classify(folder, "--json")
    assert code == 1
    assert files_in(out, folder) == ["b.wav", "c.flac", SUB]
    assert [("error" in answer) for answer in objects(out)] == [False, True, False]
    assert "2 other files left out" in err


def test_a_pattern_that_no_shell_has_looked_up_is_looked_up_here(classify, folder):
    code, out, _ = classify(folder / "**" / "*.[wW][aA][vV]", "--json")
    assert code == 0
    assert files_in(out, folder) == ["b.wav", SUB]


def test_a_pattern_stands_for_files_and_not_for_the_folders_it_fits(classify, folder):
    for name in ("c.flac", "notes.txt", "sub/cover.jpg"):
        (folder / name).unlink()
    code, out, _ = classify(folder / "**", "--json")
    assert code == 0
    assert files_in(out, folder) == ["b.wav", SUB]
    (folder / "empty").mkdir()
    code, out, _ = classify(folder / "*", "--json")
    assert code == 0
    assert files_in(out, folder) == ["b.wav"]


def test_a_file_named_more_than_once_is_heard_once(classify, folder, monkeypatch):
    monkeypatch.chdir(folder)
    code, out, err = classify("b.wav", folder, folder / "sub" / "a.WAV", "./b.wav", "--json")
    assert code == 1
    assert [answer["file"] for answer in objects(out)] == [
        "b.wav", str(folder / "c.flac"), str(folder / SUB),
    ]  # fmt: skip
    assert "3 files named again; each is heard once" in err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes there")
def test_a_pipe_that_nobody_writes_to_is_named_and_not_waited_for(classify, folder):
    os.mkfifo(folder / "pipe.wav")
    code, out, _ = classify(folder / "pipe.wav", folder / "b.wav", "--json")
    first, second = objects(out)
    assert code == 1
    assert "is no file" in first["error"]["message"]
    assert second["label"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(classify, tmp_path):
    path = tmp_path / "take [1].wav"
    path.write_bytes(wav())
    code, out, _ = classify(path, "--json")
    assert code == 0
    assert files_in(out, tmp_path) == ["take [1].wav"]


def test_a_file_named_by_itself_is_tried_whatever_its_ending(classify, tmp_path):
    path = tmp_path / "sound.dat"
    path.write_bytes(wav())
    code, out, _ = classify(path, "--json")
    assert (code, objects(out)[0]["duration_s"]) == (0, 0.5)


def test_a_zip_is_heard_file_by_file(classify, tmp_path):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (("a.wav", wav()), ("b.wav", b"broken"), ("c/d.wav", wav())):
            archive.writestr(name, data)
    code, out, err = classify(path, "--json")
    assert code == 1
    assert files_in(out, path) == ["a.wav", "b.wav", "c/d.wav"]
    assert objects(out)[1]["error"]["code"] == "not_sound"
    assert "b.wav" in err


def test_a_zip_that_cannot_be_opened_costs_no_other_file(classify, tmp_path):
    bad, good = tmp_path / "bad.zip", tmp_path / "a.wav"
    bad.write_bytes(b"PK\x03\x04" + bytes(100))
    good.write_bytes(wav())
    code, out, _ = classify(bad, good, "--json")
    first, second = objects(out)
    assert code == 1
    assert first == {"file": str(bad), "error": first["error"]}
    assert "cannot be opened as a zip" in first["error"]["message"]
    assert second["file"] == str(good)


def test_standard_input_is_a_sound(classify, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(wav(1.0))))
    code, out, _ = classify("-", "--json")
    answer = objects(out)[0]
    assert (code, answer["file"], answer["duration_s"]) == (0, "-", 1.0)


def test_a_missing_file_is_named_and_the_others_are_heard(classify, folder):
    code, out, err = classify(folder / "nowhere.wav", folder / "b.wav", "--json")
    first, second = objects(out)
    assert code == 1
    assert first["error"]["code"] == "missing"
    assert "There is no file" in first["error"]["message"]
    assert "nowhere.wav" in err
    assert second["label"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["empty"], "holds no sound files"),
        (["*.nothing"], "No file fits the pattern"),
        (["em*"], "Only folders do"),
        (["a.wav", "--json", "--format", "csv"], "ask for two forms"),
        (["a.wav", "--model", "nobody"], "'nobody' is neither a model"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(classify, tmp_path, monkeypatch, arguments, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.wav").write_bytes(wav())
    monkeypatch.chdir(tmp_path)
    code, _, err = classify(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_text_is_a_line_a_file_and_model_and_names_what_is_wrong(classify, folder):
    code, out, _ = classify(folder / "b.wav", folder / "c.flac", "--model", "model1,model2")
    lines = out.splitlines()
    assert code == 1
    assert [line.split(": ")[0].endswith("b.wav") for line in lines] == [True, True, False]
    assert "(model1 · UrbanSound8K · official" in lines[0]
    assert "(model2 · UrbanSound8K · official" in lines[1]
    assert "c.flac" in lines[2]


def test_a_damaged_file_says_how_much_of_it_was_heard(classify, tmp_path):
    path = tmp_path / "half.wav"
    path.write_bytes(wav(2.0)[: 44 + 2 * RATE])
    assert "partial: 1.0 of 2.0 s could be read" in classify(path)[1]
    answer = objects(classify(path, "--json")[1])[0]
    assert answer["partial"] == {"read_s": 1.0, "claimed_s": 2.0}
    assert answer["duration_s"] == 1.0


def test_csv_has_its_heading_once_and_a_row_for_every_file(classify, folder):
    code, out, err = classify(folder, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    names = list(dict.fromkeys(row["file"] for row in rows))
    assert code == 1
    assert [
        name.endswith(end) for name, end in zip(names, ("b.wav", "c.flac", "a.WAV"), strict=True)
    ]
    assert [row["error_code"] for row in rows if row["part"] == "error"] == ["not_sound"]
    assert all(row["model"] == "model1" and len(row["model_sha256"]) == 64 for row in rows)
    assert "c.flac" in err


def test_audacity_and_raven_tables_hold_the_events(classify, folder):
    events = objects(classify(folder / "b.wav", "--json")[1])[0]["events"]
    _, labels, _ = classify(folder / "b.wav", "--format", "audacity")
    assert len(labels.splitlines()) == len(events)
    _, both, _ = classify(folder / "b.wav", folder / "sub", "--format", "audacity")
    assert all("b.wav: " in line or "a.WAV: " in line for line in both.splitlines())
    code, raven, _ = classify(folder / "b.wav", folder / "c.flac", "--format", "raven")
    assert code == 1
    assert raven.startswith("Selection\tView\tChannel\tBegin Time (s)")
    assert len(raven.splitlines()) == 1 + len(events)


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_come_in_the_order_named_whatever_the_jobs(classify, tmp_path, jobs):
    paths = [tmp_path / f"{n}.wav" for n in range(7)]
    for n, path in enumerate(paths):
        path.write_bytes(wav(0.2 + 0.5 * (n % 2)))
    code, out, _ = classify(*paths, "--jobs", jobs, "--json")
    assert code == 0
    assert files_in(out, tmp_path) == [path.name for path in paths]


def test_timing_says_where_the_time_went(classify, folder):
    _, out, err = classify(folder / "b.wav", "--timing", "--json")
    timing = objects(out)[0]["timing"]
    assert set(timing) == {"decode_ms", "features_ms", "network_ms", "total_ms"}
    assert sum(timing.values()) == pytest.approx(2 * timing["total_ms"])
    assert "to warm up" in err
    _, out, err = classify(folder / "b.wav", "--timing")
    assert "in all" in err
    assert len(out.splitlines()) == 1


def test_a_name_cannot_act_on_the_terminal(classify, tmp_path):
    path = tmp_path / "\x1b[31mred\u202e.wav"
    path.write_bytes(b"broken")
    code, out, _ = classify(path)
    assert code == 1
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert objects(classify(path, "--json")[1])[0]["file"] == str(path)


@pytest.fixture
def many(tmp_path):
    """A folder of 3000 names of one sound of 5 s."""
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "0000.wav").write_bytes(wav(5.0))
    for n in range(1, 3000):
        os.link(folder / "0000.wav", folder / f"{n:04}.wav")
    return folder


def start(*arguments):
    command = [sys.executable, "-m", "urbansound", "classify", "--model", "model1", *arguments]
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot be sent to one process there")
def test_ctrl_c_ends_it_with_a_word_and_no_traceback(many):
    process = start("--jobs", "2", "--json", str(many))
    first = process.stdout.readline()
    assert json.loads(first)["file"] == str(many / "0000.wav")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopped" in err
    answered = [json.loads(line) for line in out.splitlines()]
    assert len(answered) < 2999


def test_answers_are_handed_on_as_they_come(many):
    process = start("--jobs", "1", "--json", str(many))
    assert json.loads(process.stdout.readline())["file"] == str(many / "0000.wav")
    is_at_work = process.poll() is None
    process.terminate()
    process.communicate()
    assert is_at_work


def test_a_terminal_without_the_letters_gets_them_spelled_out():
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, "ascii") as stdout:
        Output(as_json=False, stdout=stdout).write("straße.wav · siren\n")
        assert raw.getvalue() == b"stra\\xdfe.wav \\xb7 siren\n"


@pytest.mark.real_data
def test_one_real_clip_is_the_same_sound_in_every_format(tmp_path, real_data, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")  # No other program helps.
    siren = load_audio(next(real_data.glob("us8k-originals/audio/*/123688-8-1-5.wav")))
    for kind in KINDS:
        (tmp_path / f"{kind}.bin").write_bytes(sound_file(kind, siren))
    code = main(["classify", "--json", *map(str, sorted(tmp_path.glob("*.bin")))])
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert len(answers) == len(KINDS)
    for answer in answers:
        assert answer["label"] == "siren", answer["file"]
        assert answer["duration_s"] == pytest.approx(siren.duration_s, rel=0.01), answer["file"]
        assert answer["partial"] is None
