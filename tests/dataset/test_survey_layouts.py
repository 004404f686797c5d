"""Other people's datasets are looked at, too: class folders, long files in pieces, ESC-50."""

import csv
from pathlib import Path

import numpy as np
import soundfile

from urbansound.dataset.faults import find_faults
from urbansound.dataset.index import load_dataset
from urbansound.dataset.survey import find_survey, load_survey
from urbansound.dataset.survey_store import survey_file

RATE = 16000


def noise(seed: int, seconds: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    swell = np.repeat(rng.uniform(0.02, 0.5, int(seconds * 10)), RATE // 10)
    return rng.uniform(-1, 1, len(swell)) * swell


def test_a_folder_of_class_folders_and_the_pieces_of_a_long_file(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("URBANSOUND_DATA", str(tmp_path / "data"))
    root = tmp_path / "zoo"
    for number, name in enumerate(("cat", "dog", "owl")):
        (root / name).mkdir(parents=True)
        for take in range(4):
            soundfile.write(root / name / f"{take}.flac", noise(10 * number + take, 2), RATE)
    long = np.concatenate([noise(99, 4), np.zeros(4 * RATE), noise(98, 4)])
    soundfile.write(root / "dog" / "yard.wav", long, RATE)
    soundfile.write(root / "owl" / "9.flac", noise(1, 2), RATE)
    index = load_dataset(root)
    survey = load_survey(index)
    assert survey.sample_rates.tolist() == [RATE] * len(index.clips)
    pieces = [n for n, clip in enumerate(index.clips) if clip.file]
    assert len(pieces) == 3
    assert survey.is_silent[pieces].tolist() == [False, True, False]
    found = {(finding.code, finding.clip) for finding in find_faults(index, survey)}
    assert ("silent", index.clips[pieces[1]].path) in found
    assert ("same_sound_other_class", "owl/9.flac") in found
    assert len(found) == 2
    # Nothing is written near a person's own folder.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "zoo"]
    assert survey_file(index).is_relative_to(tmp_path / "data")
    assert find_survey(index) is not None


def test_esc_50_clips_of_5_s_are_of_the_right_length(tmp_path: Path) -> None:
    root = tmp_path / "ESC-50"
    (root / "audio").mkdir(parents=True)
    (root / "meta").mkdir()
    columns = ["filename", "fold", "target", "category", "esc10", "src_file", "take"]
    rows = []
    for number in range(10):
        name = f"{number % 5 + 1}-{100 + number}-A-{number % 2}.wav"
        soundfile.write(root / "audio" / name, noise(number, 5), RATE)
        category = ("rooster", "rain")[number % 2]
        rows.append([name, number % 5 + 1, number % 2, category, "False", 100 + number, "A"])
    with open(root / "meta" / "esc50.csv", "w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    index = load_dataset(root)
    survey = load_survey(index)
    assert survey.durations_s.round(2).tolist() == [5.0] * 10
    assert find_faults(index, survey) == []
