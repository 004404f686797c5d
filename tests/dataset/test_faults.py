"""A deep check: every planted fault is found under its name, and nothing else is."""

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.conftest import write_small_dataset
from tests.dataset.planted import Planted, build_clean, plant
from urbansound.article_tensors import write_tensors
from urbansound.dataset.faults import find_faults
from urbansound.dataset.findings import Finding, findings_csv
from urbansound.dataset.index import TABLE, load_dataset
from urbansound.dataset.survey import load_survey
from urbansound.records import DatasetIndex


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("clean") / "UrbanSound8K"
    build_clean(root)
    return root


@pytest.fixture(scope="module")
def planted(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Planted]]:
    root = tmp_path_factory.mktemp("planted") / "UrbanSound8K"
    shutil.copytree(clean, root)
    return root, plant(root)


@pytest.fixture(scope="module")
def findings(planted: tuple[Path, list[Planted]]) -> list[Finding]:
    return deep_check(planted[0])


def deep_check(root: Path) -> list[Finding]:
    index = load_dataset(root)
    return find_faults(index, load_survey(index, workers=2))


def pairs(findings: list[Finding]) -> list[tuple[str, str]]:
    return sorted((finding.code, finding.clip) for finding in findings)


def test_three_hundred_clean_clips_raise_no_false_alarm(clean: Path) -> None:
    assert len(load_dataset(clean).clips) >= 300
    assert deep_check(clean) == []


def test_every_planted_fault_is_found_and_nothing_else(
    planted: tuple[Path, list[Planted]], findings: list[Finding]
) -> None:
    expected = sorted((fault.code, fault.clip) for fault in planted[1])
    assert len(expected) >= 20
    assert pairs(findings) == expected


def test_a_copy_is_told_with_what_it_is_a_copy_of(
    planted: tuple[Path, list[Planted]], findings: list[Finding]
) -> None:
    clips = load_dataset(planted[0]).clips
    sources = {fault.clip: fault.source for fault in planted[1] if fault.source}
    told = {found.clip: clips[found.other].path for found in findings if found.other is not None}
    assert told == sources


def test_messages_name_files_by_their_place_in_the_dataset(
    planted: tuple[Path, list[Planted]], findings: list[Finding]
) -> None:
    assert all(finding.clip.rsplit("/")[-1] in finding.message for finding in findings)
    assert not any(str(planted[0].parent) in finding.message for finding in findings)


def test_only_what_is_wrong_is_a_fault(findings: list[Finding]) -> None:
    others = {finding.code for finding in findings if not finding.is_fault}
    assert others == {"clipped", "dc_offset", "too_loud", "too_faint", "same_sound"}


def test_the_table_of_findings_says_what_a_copy_is_of_and_holds_no_formula(
    planted: tuple[Path, list[Planted]], findings: list[Finding]
) -> None:
    index = load_dataset(planted[0])
    hostile = Finding("unexpected", "=cmd()\n", "x")
    rows = list(csv.DictReader(io.StringIO(findings_csv(index, [*findings, hostile]))))
    assert len(rows) == len(findings) + 1
    copy = next(row for row in rows if row["code"] == "same_sound_other_class")
    source = next(f.source for f in planted[1] if f.clip == copy["clip"])
    assert (copy["same_as"], copy["is_fault"]) == (source, "1")
    assert rows[-1]["clip"] == "'=cmd() "


@pytest.fixture
def small(tmp_path: Path) -> DatasetIndex:
    return load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))


def test_a_recording_in_two_folds_is_worth_a_listen_and_both_its_classes_are_named(
    small: DatasetIndex,
) -> None:
    table = small.root / TABLE
    table.write_text(table.read_text().replace("1004-1-0-0.wav,1004", "1004-1-0-0.wav,1000"))
    found = [f for f in deep_check(small.root) if f.code == "recording_across_folds"]
    assert [finding.clip for finding in found] == ["audio/fold5/1004-1-0-0.wav"]
    assert "Recording 1000 has clips in folds 1 and 5" in found[0].message
    assert "there as 'air_conditioner' and here as 'car_horn'" in found[0].message


def test_silent_clips_are_not_also_copies_of_each_other(small: DatasetIndex) -> None:
    for clip in small.clips[:2]:
        soundfile.write(small.audio_path(clip), np.zeros(11025), 22050)
    assert [finding.code for finding in deep_check(small.root)] == ["silent", "silent"]


def test_another_container_holds_the_same_sound(small: DatasetIndex) -> None:
    first, copy = small.clips[0], small.clips[1]
    wave, rate = soundfile.read(small.audio_path(first), dtype="int16")
    soundfile.write(small.audio_path(copy), wave, rate, format="FLAC")
    (found,) = deep_check(small.root)
    assert (found.code, found.number, found.other) == ("same_sound_across_folds", 1, 0)


def test_a_clip_in_three_copies_is_told_twice(small: DatasetIndex) -> None:
    for copy in small.clips[1:3]:
        shutil.copy(small.audio_path(small.clips[0]), small.audio_path(copy))
    found = deep_check(small.root)
    assert [(finding.number, finding.other) for finding in found] == [(1, 0), (2, 0)]


def test_rows_of_numbers_that_occur_twice_are_found_without_any_sound(tmp_path: Path) -> None:
    features = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)
    features[3], features[5] = features[0], features[1]
    write_tensors(tmp_path, features, np.array([0, 1, 2, 0, 4, 5]), np.array([1, 1, 1, 2, 1, 1]))
    found = deep_check(tmp_path)
    assert pairs(found) == [
        ("same_sound_across_folds", "row 3"),
        ("same_sound_other_class", "row 5"),
    ]
    assert "Row 3 holds the same numbers as Row 0" in found[0].message


def test_real_clips_raise_few_alarms_and_those_are_true(real_dataset: Path) -> None:
    findings = deep_check(real_dataset)
    recordings = {
        (finding.code, finding.clip.rsplit("/")[-1].split("-")[0]) for finding in findings
    }
    # Two recorders stood at one shooting; sirens and children far away; a recorder off zero.
    assert recordings == {
        ("alike_across_folds", "197320"),
        ("silent", "159747"),
        *(("too_faint", name) for name in ("138031", "159738", "159747", "159761")),
        *(("dc_offset", name) for name in ("40717", "40722", "9031")),
    }
    assert len(findings) <= 50
