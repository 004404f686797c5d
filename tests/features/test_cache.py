import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from filelock import FileLock

from urbansound.audio.clips import Piece
from urbansound.audio.decode import load_audio
from urbansound.errors import BadDataset
from urbansound.features import cache
from urbansound.features.cache import feature_files, load_features
from urbansound.features.clip import clip_features, row_shape
from urbansound.features.mfcc import mean_mfcc
from urbansound.features.spec import LOGMEL, LOGMEL_STATISTICS, MFCC40, SPECS
from urbansound.paths import PROJECT
from urbansound.records import Clip, DatasetIndex, FeatureSpec

N_CLIPS = 6


@pytest.fixture
def index(tmp_path: Path) -> DatasetIndex:
    """Six clips of noise in `data/UrbanSound8K`."""
    root = tmp_path / "data" / "UrbanSound8K"
    clips = tuple(Clip(f"audio/fold{n % 2 + 1}/{n}.wav", n % 2 + 1, n % 3) for n in range(N_CLIPS))
    for number, clip in enumerate(clips):
        write_noise(root / clip.path, seed=number)
    return DatasetIndex("noise", root, clips, ("a", "b", "c"))


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the files extracted, one list for each time that there were any."""
    calls: list[list[str]] = []
    extract_files = cache.extract_files

    def counting(pieces: list[Piece], *args: object, **options: object) -> object:
        calls.append([piece.path.name for piece in pieces])
        return extract_files(pieces, *args, **options)

    monkeypatch.setattr(cache, "extract_files", counting)
    return calls


def write_noise(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.1 * np.random.default_rng(seed).standard_normal(4000 + 10 * seed)
    soundfile.write(path, samples, 22050)


def all_names() -> list[str]:
    return [f"{number}.wav" for number in range(N_CLIPS)]


def check_rows(index: DatasetIndex, table: cache.FeatureTable) -> None:
    """Every row is the feature of the clip it says it is of, with its label and fold."""
    assert len(table.features) == len(table.clip_numbers) > 0
    for row, number in enumerate(table.clip_numbers):
        clip = index.clips[number]
        expected = mean_mfcc(load_audio(index.audio_path(clip)), MFCC40)
        np.testing.assert_allclose(table.features[row], expected, rtol=0, atol=1e-4)
        assert (table.labels[row], table.folds[row]) == (clip.class_id, clip.fold)


def test_the_article_s_files_stand_beside_the_dataset(index: DatasetIndex) -> None:
    table = load_features(index, MFCC40)
    check_rows(index, table)
    names = ["features_mfccs.pt", "labels.pt", "folds.pt", "features.json"]
    assert feature_files(index, MFCC40) == [index.root.parent / name for name in names]
    features, labels, folds = (
        torch.load(index.root.parent / name, weights_only=True) for name in names[:3]
    )
    assert features.dtype == torch.float32
    assert labels.dtype == folds.dtype == torch.int64
    np.testing.assert_array_equal(features.numpy(), table.features)
    np.testing.assert_array_equal(labels.numpy(), table.labels)
    np.testing.assert_array_equal(folds.numpy(), table.folds)


def test_a_second_look_extracts_nothing(index: DatasetIndex, extracted: list[list[str]]) -> None:
    first, second = load_features(index, MFCC40), load_features(index, MFCC40)
    assert extracted == [all_names()]
    np.testing.assert_array_equal(first.features, second.features)
    assert first.data_digest == second.data_digest
    check_rows(index, second)


def test_a_changed_file_alone_is_extracted_again(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    first = load_features(index, MFCC40)
    write_noise(index.root / index.clips[2].path, seed=99)
    second = load_features(index, MFCC40)
    assert extracted == [all_names(), ["2.wav"]]
    assert second.data_digest != first.data_digest
    check_rows(index, second)
    load_features(index, MFCC40)
    assert len(extracted) == 2


def test_a_file_changed_at_the_same_length_is_noticed(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    load_features(index, MFCC40)
    path = index.root / index.clips[2].path
    size = path.stat().st_size
    data = bytearray(path.read_bytes())
    data[1000:2000] = bytes(1000)
    path.write_bytes(data)
    assert path.stat().st_size == size
    check_rows(index, load_features(index, MFCC40))
    assert extracted[1:] == [["2.wav"]]


def test_clips_may_come_go_and_change_places(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    fewer = replace(index, clips=index.clips[:4])
    load_features(fewer, MFCC40)
    more = replace(index, clips=index.clips[::-1])
    check_rows(more, load_features(more, MFCC40))
    assert extracted == [all_names()[:4], ["5.wav", "4.wav"]]
    check_rows(fewer, load_features(fewer, MFCC40))
    assert len(extracted) == 2


def test_a_corrected_label_is_followed_without_hearing_anything(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    first = load_features(index, MFCC40)
    clips = (replace(index.clips[0], class_id=2), *index.clips[1:])
    corrected = replace(index, clips=clips)
    second = load_features(corrected, MFCC40)
    assert len(extracted) == 1
    assert second.data_digest != first.data_digest
    check_rows(corrected, second)
    saved = torch.load(index.root.parent / "labels.pt", weights_only=True)
    assert saved[0] == 2


def test_another_spec_is_extracted_anew(index: DatasetIndex, extracted: list[list[str]]) -> None:
    spec = FeatureSpec(n_mfcc=20)
    load_features(index, MFCC40)
    assert load_features(index, spec).features.shape == (N_CLIPS, 20)
    assert load_features(index, spec).features.shape == (N_CLIPS, 20)
    assert extracted == [all_names(), all_names()]


def test_a_bad_file_is_named_skipped_and_not_tried_twice(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    bad = index.clips[1].path
    (index.root / bad).write_text("not sound")
    for _ in range(2):
        table = load_features(index, MFCC40)
        assert [problem.clip for problem in table.failed] == [bad]
        np.testing.assert_array_equal(table.clip_numbers, [0, 2, 3, 4, 5])
        check_rows(index, table)
    assert extracted == [all_names()]
    write_noise(index.root / bad, seed=1)
    table = load_features(index, MFCC40)
    assert table.failed == ()
    assert extracted[1:] == [["1.wav"]]
    check_rows(index, table)


def test_a_missing_file_is_named_and_noticed_when_it_is_back(index: DatasetIndex) -> None:
    path = index.root / index.clips[1].path
    whole = load_features(index, MFCC40)
    data = path.read_bytes()
    path.unlink()
    table = load_features(index, MFCC40)
    assert "is missing" in table.failed[0].message
    assert len(table.features) == N_CLIPS - 1
    path.write_bytes(data)
    again = load_features(index, MFCC40)
    assert again.failed == ()
    assert again.data_digest == whole.data_digest


def test_no_readable_clip_at_all_is_an_error(index: DatasetIndex) -> None:
    for clip in index.clips:
        (index.root / clip.path).write_text("not sound")
    with pytest.raises(BadDataset, match="None of the 6 clips"):
        load_features(index, MFCC40)


@pytest.mark.parametrize("name", ["features_mfccs.pt", "labels.pt", "folds.pt"])
def test_a_flipped_bit_is_noticed(
    index: DatasetIndex, extracted: list[list[str]], name: str
) -> None:
    first = load_features(index, MFCC40)
    path = index.root.parent / name
    tensor = torch.load(path, weights_only=True)
    flat = tensor.numpy().reshape(-1).view(np.uint8)
    data, value = bytearray(path.read_bytes()), flat[:32].tobytes()
    assert data.count(value) == 1
    data[data.find(value) + 5] ^= 1
    path.write_bytes(data)
    second = load_features(index, MFCC40)
    assert extracted == [all_names(), all_names()]
    np.testing.assert_array_equal(first.features, second.features)
    repaired = torch.load(path, weights_only=True)
    np.testing.assert_array_equal(repaired.numpy(), tensor.numpy())


@pytest.mark.parametrize("name", ["features_mfccs.pt", "labels.pt", "features.json"])
@pytest.mark.parametrize("n_bytes", [0, 100])
def test_a_cut_off_file_is_noticed(
    index: DatasetIndex, extracted: list[list[str]], name: str, n_bytes: int
) -> None:
    load_features(index, MFCC40)
    path = index.root.parent / name
    path.write_bytes(path.read_bytes()[:n_bytes])
    check_rows(index, load_features(index, MFCC40))
    assert len(extracted) == 2


@pytest.mark.parametrize("missing", ["features_mfccs.pt", "labels.pt", "features.json"])
def test_a_crash_between_the_files_does_no_harm(
    index: DatasetIndex, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    class CrashError(BaseException):
        pass

    replace_file = os.replace

    def crash_at(source: str, target: Path) -> None:
        if Path(target).name == missing:
            raise CrashError
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", crash_at)
    with pytest.raises(CrashError):
        load_features(index, MFCC40)
    monkeypatch.undo()
    check_rows(index, load_features(index, MFCC40))


def test_the_cache_of_another_dataset_is_refused_and_kept(index: DatasetIndex) -> None:
    load_features(index, MFCC40)
    files = feature_files(index, MFCC40)
    before = [path.read_bytes() for path in files]
    other_root = index.root.parent / "Other"
    shutil.copytree(index.root, other_root)
    with pytest.raises(BadDataset, match="UrbanSound8K', not of"):
        load_features(replace(index, root=other_root), MFCC40)
    assert [path.read_bytes() for path in files] == before


def test_somebody_s_own_feature_files_are_refused_and_kept(index: DatasetIndex) -> None:
    own = index.root.parent / "labels.pt"
    own.write_bytes(b"years of work")
    with pytest.raises(BadDataset, match="would be overwritten"):
        load_features(index, MFCC40)
    assert own.read_bytes() == b"years of work"


def test_the_data_folder_can_be_moved_with_its_cache(
    index: DatasetIndex, tmp_path: Path, extracted: list[list[str]]
) -> None:
    first = load_features(index, MFCC40)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    moved = replace(index, root=tmp_path / "elsewhere" / "UrbanSound8K")
    assert load_features(moved, MFCC40).data_digest == first.data_digest
    assert len(extracted) == 1


def test_the_data_digest_is_of_the_sound_not_of_the_place_or_day(
    index: DatasetIndex, tmp_path: Path
) -> None:
    first = load_features(index, MFCC40)
    copy = tmp_path / "copy" / "UrbanSound8K"
    shutil.copytree(index.root, copy, copy_function=shutil.copyfile)
    assert load_features(replace(index, root=copy), MFCC40).data_digest == first.data_digest


def test_a_relative_root_finds_the_same_cache(
    index: DatasetIndex, monkeypatch: pytest.MonkeyPatch, extracted: list[list[str]]
) -> None:
    load_features(index, MFCC40)
    monkeypatch.chdir(index.root)
    check_rows(index, load_features(replace(index, root=Path()), MFCC40))
    assert len(extracted) == 1


def test_a_full_disk_costs_the_cache_not_the_features(
    index: DatasetIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_space(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    check_rows(index, load_features(index, MFCC40))
    assert "the disk is full" in caplog.text


def test_a_read_only_folder_costs_the_cache_not_the_features(
    index: DatasetIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    # As root a folder's rights hold nobody back, so the two ways to write are closed.
    monkeypatch.setattr(FileLock, "acquire", forbidden)
    monkeypatch.setattr("os.replace", forbidden)
    check_rows(index, load_features(index, MFCC40))
    assert "may not be written to" in caplog.text
    assert not any(path.exists() for path in feature_files(index, MFCC40))


def test_two_processes_do_not_extract_at_once(index: DatasetIndex) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from urbansound.features.cache import load_features\n"
        "from urbansound.features.spec import MFCC40\n"
        "from urbansound.records import Clip, DatasetIndex\n"
        "root, *paths = sys.argv[1:]\n"
        "clips = tuple(Clip(path, 1, 0) for path in paths)\n"
        "index = DatasetIndex('noise', Path(root), clips, ('a',))\n"
        "count = []\n"
        "note = lambda done, total: done and count.append(done)\n"
        "load_features(index, MFCC40, on_progress=note)\n"
        "print(len(count))\n"
    )
    paths = [clip.path for clip in index.clips]
    command = [sys.executable, "-c", program, str(index.root), *paths]
    processes = [
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = sorted(process.communicate(timeout=120)[0].strip() for process in processes)
    assert answers == ["0", str(N_CLIPS)]


def test_log_mel_is_kept_beside_the_article_s_files(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    load_features(index, MFCC40)
    first, second = load_features(index, LOGMEL), load_features(index, LOGMEL)
    load_features(index, MFCC40)
    assert extracted == [all_names(), all_names()]
    assert second.features.shape == (N_CLIPS, 64, 173)
    assert second.features.dtype == np.float16
    np.testing.assert_array_equal(first.features, second.features)
    np.testing.assert_array_equal(second.labels, [clip.class_id for clip in index.clips])
    assert [path.name for path in feature_files(index, LOGMEL)] == [
        "features_logmel.npy",
        "features_logmel.json",
    ]
    assert all(path.exists() for path in feature_files(index, LOGMEL))


@pytest.mark.parametrize("name", ["mfcc-statistics", "logmel-statistics"])
def test_statistics_are_kept_beside_the_article_s_files(
    index: DatasetIndex, extracted: list[list[str]], name: str
) -> None:
    spec = SPECS[name]
    load_features(index, MFCC40)
    first, second = load_features(index, spec), load_features(index, spec)
    load_features(index, MFCC40)
    assert extracted == [all_names(), all_names()]
    assert second.features.shape == (N_CLIPS, *row_shape(spec))
    assert second.features.dtype == np.float32
    np.testing.assert_array_equal(first.features, second.features)
    for row, clip in zip(second.features, index.clips, strict=True):
        expected = clip_features(load_audio(index.audio_path(clip)), spec)
        np.testing.assert_array_equal(row, expected)
    stem = f"features_{name.replace('-', '_')}"
    names = [f"{stem}.npy", f"{stem}.json"]
    assert feature_files(index, spec) == [index.root.parent / name for name in names]
    assert all(path.exists() for path in feature_files(index, spec))


def test_all_features_of_a_dataset_have_one_data_digest(index: DatasetIndex) -> None:
    assert len({load_features(index, spec).data_digest for spec in SPECS.values()}) == 1


def test_specs_never_overwrite_each_other(index: DatasetIndex, extracted: list[list[str]]) -> None:
    specs = [
        *SPECS.values(),
        replace(LOGMEL, n_mels=96),
        replace(LOGMEL, n_mels=40),
        replace(MFCC40, n_mfcc=20),
        replace(LOGMEL_STATISTICS, n_mels=40),
    ]
    shapes = [load_features(index, spec).features.shape for spec in specs]
    again = [load_features(index, spec).features.shape for spec in specs]
    assert shapes == again == [(N_CLIPS, *row_shape(spec)) for spec in specs]
    assert extracted == [all_names()] * len(specs)
    files = [path for spec in specs for path in feature_files(index, spec)]
    assert len(set(files)) == len(files)


def test_a_changed_file_alone_is_extracted_again_for_log_mel(
    index: DatasetIndex, extracted: list[list[str]]
) -> None:
    first = load_features(index, LOGMEL)
    write_noise(index.root / index.clips[2].path, seed=99)
    second = load_features(index, LOGMEL)
    assert extracted == [all_names(), ["2.wav"]]
    is_same = (first.features == second.features).all(axis=(1, 2))
    np.testing.assert_array_equal(is_same, np.arange(N_CLIPS) != 2)


def test_the_sidecar_says_what_the_features_are_of(index: DatasetIndex) -> None:
    load_features(index, MFCC40)
    sidecar = json.loads((index.root.parent / "features.json").read_text())
    assert sidecar["root"] == "UrbanSound8K"
    assert sidecar["spec"]["n_mfcc"] == 40
    assert sidecar["rows"] == [clip.path for clip in index.clips]
    status = (index.root / index.clips[0].path).stat()
    state = sidecar["files"][index.clips[0].path]
    assert (state["size_bytes"], state["mtime_ns"]) == (status.st_size, status.st_mtime_ns)
