"""What a line of events must hold: others, edited or damaged, are as if they were not there."""

import json

import pytest

from urbansound.runs.events import is_event, is_whole
from urbansound.runs.store import create_run

AT = "2026-01-01T00:00:00+00:00"


def test_an_event_says_what_happened_and_when():
    assert is_event({"event": "stopped", "at": AT})
    assert not is_event({"event": "stopped"})
    assert not is_event({"event": 3, "at": AT})


@pytest.mark.parametrize("moment", ["", "yesterday", None, 10**30, ["a"]])
def test_a_moment_that_is_none_makes_no_event(moment):
    assert not is_event({"event": "stopped", "at": moment})


@pytest.mark.parametrize("value", [None, "0.5", [1], True, float("nan"), float("inf"), 10**400])
def test_a_figure_that_is_no_number_makes_no_event(value):
    assert not is_event({"event": "epoch", "at": AT, "epoch": 1, "train_loss": value})


def test_without_validation_clips_an_epoch_is_an_event_all_the_same():
    assert is_event({"event": "epoch", "at": AT, "epoch": 1, "validation_loss": None})


def test_an_event_that_lacks_what_pages_show_of_it_is_not_whole():
    assert not is_whole({"event": "started", "at": AT, "n_train": 10})
    assert is_whole({"event": "started", "at": AT, "n_train": 10, "device": "CPU"})
    assert is_whole({"event": "turn", "at": AT})


def test_an_edited_line_hides_no_other(outputs, spec):
    run = create_run(outputs, spec)
    run.emit("started")
    with open(run.path / "events.jsonl", "a") as file:
        file.write(json.dumps({"event": "epoch", "at": "", "epoch": 1}) + "\n")
        file.write("[" * 100_000 + "\n")
    run.emit("finished")
    assert [event["event"] for event in run.events()] == ["started", "finished"]
    assert run.status() == "finished"


@pytest.mark.parametrize("name", ["loss", "train_loss", "validation_loss"])
def test_a_loss_that_ran_away_is_told_all_the_same(name):
    assert is_event({"event": "epoch", "at": AT, "epoch": 1, name: 1e300})
