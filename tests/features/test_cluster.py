"""Features by the workers of a real cluster: the same as here, whatever is lost on the way."""

import json
import shutil
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from urbansound import cluster as cluster_module
from urbansound.audio.clips import piece_of
from urbansound.cli.main import main
from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig, RunFailed
from urbansound.features import cluster as features_module
from urbansound.features import shards as shards_module
from urbansound.features.cache import load_features
from urbansound.features.clip import FileRows, read_rows
from urbansound.features.shards import Chunk, cut, read_shard, write_shard
from urbansound.features.sidecar import state_of
from urbansound.features.spec import LOGMEL, MFCC40
from urbansound.records import DatasetIndex, FeatureSpec, FeatureTable

N_EACH = 4
NOWHERE = "tcp://127.0.0.1:9"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features_module, "FILES_PER_CHUNK", N_EACH)


def renamed(root: Path, number: int, mark: str) -> None:
    """Give a clip a name that tells the workers what to do over it."""
    table = root / "metadata" / "UrbanSound8K.csv"
    name = load_dataset(root).clips[number].path
    old = root / name
    old.rename(old.with_name(f"{mark}-{old.name}"))
    table.write_text(table.read_text().replace(old.name, f"{mark}-{old.name}"))


def alone(root: Path, spec: FeatureSpec = MFCC40) -> FeatureTable:
    """What this machine makes of a copy of the dataset."""
    copy = root.parent / "alone" / root.name
    shutil.copytree(root, copy)
    return load_features(load_dataset(copy), spec, workers=1)


def chunks_of(index: DatasetIndex, spec: FeatureSpec = MFCC40) -> list[Chunk]:
    pieces = [piece_of(index, clip) for clip in index.clips]
    states = [state_of(piece.path) for piece in pieces]
    folder = features_module.shards_folder(index.root.parent, spec)
    folder.mkdir(exist_ok=True)
    return cut(pieces, states, spec, folder=folder, n_each=N_EACH)


def assert_same(ours: FeatureTable, theirs: FeatureTable) -> None:
    assert ours.features.dtype == theirs.features.dtype
    np.testing.assert_array_equal(ours.features, theirs.features)
    np.testing.assert_array_equal(ours.clip_numbers, theirs.clip_numbers)
    assert ours.data_digest == theirs.data_digest


@pytest.mark.parametrize("spec", [MFCC40, LOGMEL])
def test_the_rows_are_those_of_one_machine_and_a_broken_file_is_named(
    cluster, small_dataset: Path, spec: FeatureSpec
) -> None:
    index = load_dataset(small_dataset)
    (small_dataset / index.clips[5].path).write_text("not sound")
    (small_dataset / index.clips[17].path).unlink()
    theirs = alone(small_dataset, spec)
    told: list[tuple[int, int]] = []
    ours = load_features(
        index, spec, cluster=cluster.address, on_progress=lambda *news: told.append(news)
    )
    assert_same(ours, theirs)
    assert [problem.clip for problem in ours.failed] == [index.clips[n].path for n in (5, 17)]
    in_the_copy = str(small_dataset.parent / "alone")
    messages = [p.message.replace(in_the_copy, str(small_dataset.parent)) for p in theirs.failed]
    assert [problem.message for problem in ours.failed] == messages
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, 40), (40, 40))
    assert not features_module.shards_folder(small_dataset.parent, spec).exists()


def test_a_worker_killed_midway_costs_its_chunk_alone(cluster, small_dataset: Path) -> None:
    renamed(small_dataset, 13, "ends-one")
    ours = load_features(load_dataset(small_dataset), MFCC40, cluster=cluster.address)
    assert len(cluster.alive()) == 1
    assert_same(ours, alone(small_dataset))
    assert ours.failed == ()


def test_a_file_that_ends_whatever_reads_it_is_named(cluster, small_dataset: Path) -> None:
    renamed(small_dataset, 22, "ends-all")
    ours = load_features(load_dataset(small_dataset), MFCC40, cluster=cluster.address)
    assert len(cluster.alive()) == 1
    (problem,) = ours.failed
    assert "ends-all" in problem.clip
    assert "made the program that reads it stop" in problem.message
    assert ours.clip_numbers.tolist() == [number for number in range(40) if number != 22]


def test_shards_of_a_call_that_was_cut_short_are_not_made_again(
    cluster, small_dataset: Path
) -> None:
    theirs = alone(small_dataset)
    index = load_dataset(small_dataset)

    def cut_short(done: int, total: int) -> None:
        if done >= 3 * N_EACH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_features(index, MFCC40, cluster=cluster.address, on_progress=cut_short)
    made = {chunk.path: chunk.path.stat().st_ino for chunk in chunks_of(index) if read_shard(chunk)}
    assert len(made) >= 3
    again: list[int] = []

    def look(done: int, total: int) -> None:
        again.append(done)
        assert {path: path.stat().st_ino for path in made} == made

    ours = load_features(index, MFCC40, cluster=cluster.address, on_progress=look)
    assert_same(ours, theirs)
    assert again[0] >= 3 * N_EACH


def test_where_all_shards_are_there_no_cluster_is_asked(small_dataset: Path) -> None:
    theirs = alone(small_dataset)
    index = load_dataset(small_dataset)
    for chunk in chunks_of(index):
        write_shard(chunk)
    assert_same(load_features(index, MFCC40, cluster=NOWHERE), theirs)


def test_a_damaged_shard_and_one_of_a_changed_file_are_made_again(
    cluster, small_dataset: Path
) -> None:
    index = load_dataset(small_dataset)
    chunks = chunks_of(index)
    for chunk in chunks:
        write_shard(chunk)
    data = bytearray(chunks[0].path.read_bytes())
    data[len(data) // 2] ^= 1
    chunks[0].path.write_bytes(data)
    changed = small_dataset / index.clips[5].path
    shutil.copyfile(small_dataset / index.clips[30].path, changed)
    theirs = alone(small_dataset)
    assert_same(load_features(index, MFCC40, cluster=cluster.address), theirs)


def test_a_chunk_over_which_a_process_ended_is_read_by_another(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = chunks_of(load_dataset(small_dataset))[0]
    expected = shards_module.read_rows(chunk.pieces, MFCC40)
    chunk.path.with_suffix(".begun").touch()

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(shards_module, "read_rows", refuse)
    assert write_shard(chunk) == chunk.name
    found = read_shard(chunk)
    assert found is not None
    np.testing.assert_array_equal(found.rows, expected.rows)
    assert found.checksums == expected.checksums
    assert [path.name for path in chunk.folder.iterdir()] == [chunk.path.name]


def test_a_machine_that_does_not_see_the_files_says_so(small_dataset: Path) -> None:
    first, second, *_ = chunks_of(load_dataset(small_dataset))
    first.pieces[1].path.unlink()
    with pytest.raises(BadConfig, match="does not see the same '.*wav' as this machine"):
        write_shard(first)
    shutil.rmtree(first.folder)
    with pytest.raises(BadConfig, match="does not see the same '.*shards_mfcc' as this machine"):
        write_shard(second)


def test_a_worker_that_may_not_write_names_its_machine(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = chunks_of(load_dataset(small_dataset))[0]

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(RunFailed, match=f"worker on '{socket.gethostname()}' cannot write"):
        write_shard(chunk)


def test_a_worker_that_nobody_waits_for_makes_no_folder_anew(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = chunks_of(load_dataset(small_dataset))[0]

    def read_while_others_finish(*args: object) -> FileRows:
        shutil.rmtree(chunk.folder)
        return read_rows(chunk.pieces, chunk.spec)

    monkeypatch.setattr(shards_module, "read_rows", read_while_others_finish)
    with pytest.raises(BadConfig, match="does not see the same"):
        write_shard(chunk)
    assert not chunk.folder.exists()


def test_another_file_of_the_same_size_is_not_taken_for_the_same(small_dataset: Path) -> None:
    chunk, *_ = chunks_of(load_dataset(small_dataset))
    copy = chunk.pieces[1].path
    data = copy.read_bytes()
    copy.write_bytes(data[:-2] + bytes(byte ^ 1 for byte in data[-2:]))
    with pytest.raises(BadConfig, match="does not see the same '.*wav' as this machine"):
        write_shard(chunk)


def test_an_error_in_a_worker_is_told_in_its_words(cluster, small_dataset: Path) -> None:
    chunks = chunks_of(load_dataset(small_dataset))
    shutil.rmtree(chunks[0].folder)
    with pytest.raises(BadConfig, match="does not see the same"):
        list(cluster_module.share(cluster.address, write_shard, chunks))


@pytest.mark.parametrize("address", [NOWHERE, "nowhere", "tcp://127.0.0.1", "foo://a:1", ""])
def test_without_a_scheduler_it_is_a_wrong_call(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_S", 0.5)
    with pytest.raises(BadConfig, match=f"No scheduler answers at '{address}'"):
        load_features(load_dataset(small_dataset), MFCC40, cluster=address)


def test_a_scheduler_that_dies_is_said_and_not_waited_for(
    small_dataset: Path, frail_cluster
) -> None:
    renamed(small_dataset, 3, "waits")
    index = load_dataset(small_dataset)

    def end_it(done: int, total: int) -> None:
        if done:
            frail_cluster.end_scheduler()

    with pytest.raises(RunFailed, match="no longer answers"):
        load_features(index, MFCC40, cluster=frail_cluster.address, on_progress=end_it)


def test_a_chunk_that_ends_too_many_workers_is_an_error_and_not_waited_for(
    frail_cluster, small_dataset: Path
) -> None:
    renamed(small_dataset, 13, "ends-one")
    index = load_dataset(small_dataset)
    with pytest.raises(RunFailed, match="was lost with its worker, the last one at tcp://"):
        load_features(index, MFCC40, cluster=frail_cluster.address)
    assert any(read_shard(chunk) for chunk in chunks_of(index))


def test_without_dask_the_package_to_install_is_named(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadConfig, match=r"pip install -r requirements-cluster\.txt"):
        load_features(load_dataset(small_dataset), MFCC40, cluster=NOWHERE)


def test_the_command_answers_as_it_does_on_one_machine(
    cluster, small_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["features", "--json", "--data", str(small_dataset)]
    assert main([*arguments, "--cluster", cluster.address]) == 0
    ours = json.loads(capsys.readouterr().out)
    assert main(arguments) == 0
    theirs = json.loads(capsys.readouterr().out)
    assert ours.keys() == theirs.keys()
    assert (ours["n_clips"], ours["files"]) == (theirs["n_clips"], theirs["files"])


def test_workers_here_and_a_cluster_are_one_too_many(
    small_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["features", "--data", str(small_dataset), "--workers", "2", "--cluster", NOWHERE]
    with pytest.raises(SystemExit) as ending:
        main(call)
    assert ending.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
