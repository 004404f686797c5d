"""Cards that contradict themselves are told from those that hold together."""

from dataclasses import replace

import pytest

from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED
from urbansound.runs.card_faults import find_fault
from urbansound.runs.weights import read_card


@pytest.fixture
def card():
    return read_card(PRETRAINED / "cnn.json")


@pytest.mark.parametrize("name", MODELS)
def test_the_cards_that_came_with_the_app_hold_together(name):
    path = PRETRAINED / f"{name}.json"
    assert not path.exists() or find_fault(read_card(path)) is None


def test_scores_of_other_classes_are_noticed(card):
    renamed = replace(card, class_names=("cat_meow", *card.class_names[1:]))
    assert "other classes" in find_fault(renamed)


def test_a_class_that_stands_there_twice_is_noticed(card):
    twice = replace(card, class_names=(card.class_names[1], *card.class_names[1:]))
    assert "twice" in find_fault(twice)


@pytest.mark.parametrize("accuracy", [-0.1, 1.5, float("nan"), 1e308])
def test_a_score_that_is_no_share_is_noticed(card, accuracy):
    boasting = replace(card, test=replace(card.test, accuracy=accuracy))
    assert "between 0 and 1" in find_fault(boasting)


@pytest.mark.parametrize("count", [-1, 10**30])
def test_a_count_that_cannot_be_is_noticed(card, count):
    row = (count, *card.test.confusion[0][1:])
    wrong = replace(card.test, confusion=(row, *card.test.confusion[1:]))
    assert "cannot hold" in find_fault(replace(card, test=wrong))


def test_folds_that_were_not_to_be_tested_are_noticed(card):
    crossval = replace(card, spec=replace(card.spec, folds=(98, 99)))
    assert "folds" in find_fault(crossval)


@pytest.mark.parametrize("loss", [-1.0, float("nan"), float("inf")])
def test_a_loss_that_cannot_be_is_noticed(card, loss):
    assert "loss" in find_fault(replace(card, test=replace(card.test, loss=loss)))


def test_a_loss_that_ran_away_is_believed(card):
    assert find_fault(replace(card, test=replace(card.test, loss=1e300))) is None
