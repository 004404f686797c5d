"""All runs: created, listed, found, deleted, brought back."""

import errno
import os

import pytest

from urbansound.errors import BadConfig, RunFailed
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import (
    create_run,
    delete_run,
    find_run,
    list_runs,
    purge_deleted,
    restore_run,
    unreadable_runs,
)


@pytest.fixture
def ended(outputs, spec):
    """Three runs that came to an end."""
    runs = [create_run(outputs, spec) for _ in range(3)]
    for run in runs:
        with run.lock():
            run.emit("stopped")
    return runs


def test_runs_are_listed_newest_first_with_their_spec(outputs, spec, ended):
    listed = list_runs(outputs)
    assert [run.id for run in listed] == [run.id for run in reversed(ended)]
    assert all(run.spec == spec for run in listed)


def test_no_outputs_folder_means_no_runs(outputs):
    assert list_runs(outputs) == []


def test_a_run_is_found_by_its_id_or_its_beginning(outputs, ended):
    assert find_run(outputs, ended[1].id) == ended[1]
    with pytest.raises(BadConfig, match="Several runs begin with"):
        find_run(outputs, ended[0].id[:4])
    with pytest.raises(BadConfig, match="no run 'nope'"):
        find_run(outputs, "nope")


def test_a_deleted_run_is_out_of_sight_and_can_be_brought_back(outputs, ended):
    delete_run(ended[0])
    assert ended[0].id not in [run.id for run in list_runs(outputs)]
    assert restore_run(outputs, ended[0].id) == ended[0]
    assert ended[0] in list_runs(outputs)


def test_only_what_was_deleted_long_ago_is_purged(outputs, ended):
    delete_run(ended[0])
    purge_deleted(outputs)
    assert restore_run(outputs, ended[0].id) == ended[0]


@pytest.mark.parametrize("text", ["", "{", '{"dataset": "x"}', '{"dataset": "x", "model": "cnn9"}'])
def test_a_run_that_cannot_be_read_is_named_and_hides_no_other(outputs, ended, text):
    (ended[1].path / "run.json").write_text(text)
    assert [run.id for run in list_runs(outputs)] == [ended[2].id, ended[0].id]
    (sentence,) = unreadable_runs(outputs)
    assert ended[1].id in sentence


def test_a_purged_run_is_gone_for_good(outputs, ended):
    delete_run(ended[0])
    purge_deleted(outputs, older_than_s=0)
    with pytest.raises(BadConfig, match="gone for good"):
        restore_run(outputs, ended[0].id)
    assert len(list_runs(outputs)) == 2


def test_a_run_at_work_cannot_be_deleted(outputs, spec):
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("started")
        with pytest.raises(RunFailed, match="Stop it first"):
            delete_run(run)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path, spec):
    (tmp_path / "outputs").write_text("a file where the folder should be")
    with pytest.raises(RunFailed, match="cannot be written to"):
        create_run(tmp_path / "outputs", spec)


def test_another_page_may_look_at_a_deleted_run_before_it_is_brought_back(outputs, ended):
    other = RunFolder(ended[0].path)
    delete_run(ended[0])
    assert not other.is_alive()
    assert not other.path.exists()
    other.path.mkdir()  # As earlier versions left it.
    (other.path / "run.lock").touch()
    assert restore_run(outputs, ended[0].id).spec == other.spec


def test_a_run_that_cannot_be_written_down_leaves_no_folder(outputs, spec, monkeypatch):
    def no_space(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(RunFailed, match="disk is full"):
        create_run(outputs, spec)
    assert list((outputs / "runs").iterdir()) == []


def test_what_was_to_be_trained_is_noticed_when_it_is_damaged(outputs, spec):
    path = create_run(outputs, spec).path / "run.json"
    path.write_text(path.read_text().replace('"epochs": 5', '"epochs": 7'))
    assert list_runs(outputs) == []
    assert "is damaged" in "".join(unreadable_runs(outputs))
