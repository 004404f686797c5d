"""Saved models: replaced without loss, checked before use, damaged ones noticed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from urbansound.errors import BadConfig, BadWeights
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import load_material
from urbansound.experiment.scoring import find_classifier
from urbansound.files import digest_of
from urbansound.models.catalog import MODELS
from urbansound.records import FeatureSpec
from urbansound.runs import weights as weights_module
from urbansound.runs.saved import find_model, is_worth_saving, list_models, use_run
from urbansound.runs.store import create_run
from urbansound.runs.weights import (
    card_path,
    load_weights,
    read_saved,
    replace_saved,
    write_card,
)


@pytest.fixture
def trained(spec):
    """Two trainings of the same thing with other seeds."""
    material = load_material(spec)
    return [
        train_material(replace(spec, train=replace(spec.train, seed=seed)), material)
        for seed in (0, 1)
    ]


@pytest.fixture
def saved_path(outputs, trained):
    path = outputs / "model1.pth"
    replace_saved(path, trained[0].data, trained[0].card)
    return path


def test_saved_weights_come_back_with_their_card(outputs, saved_path, trained):
    saved = find_model(outputs, "model1")
    assert saved.card == trained[0].card
    assert saved.source == "saved"
    assert load_weights(saved).keys() == torch.load(saved_path, weights_only=True).keys()


def test_every_flipped_bit_in_the_weights_is_noticed(outputs, saved_path):
    data = saved_path.read_bytes()
    for position in range(0, len(data), len(data) // 40):
        flipped = bytearray(data)
        flipped[position] ^= 1
        saved_path.write_bytes(flipped)
        with pytest.raises(BadWeights, match="damaged"):
            find_model(outputs, "model1")


def test_a_changed_card_is_noticed(outputs, saved_path):
    card = json.loads(card_path(saved_path).read_text())
    card["test"]["accuracy"] = 0.99
    card_path(saved_path).write_text(json.dumps(card))
    with pytest.raises(BadWeights, match="digest does not match"):
        find_model(outputs, "model1")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"digest": "x"}'])
def test_a_file_that_is_no_card_is_refused_in_words(outputs, saved_path, text):
    card_path(saved_path).write_text(text)
    with pytest.raises(BadWeights):
        find_model(outputs, "model1")


def test_a_card_with_an_unknown_field_is_of_another_kind(outputs, saved_path):
    body = json.loads(card_path(saved_path).read_text())
    body.pop("digest")
    body["mood"] = "good"
    card_path(saved_path).write_text(json.dumps({**body, "digest": digest_of(body)}))
    with pytest.raises(BadWeights, match="another kind.*mood"):
        find_model(outputs, "model1")


def test_a_card_of_another_feature_spec_is_refused(outputs, saved_path, trained):
    other = replace(trained[0].card.spec, features=FeatureSpec(n_mfcc=20))
    write_card(saved_path, replace(trained[0].card, spec=other))
    with pytest.raises(BadWeights, match="other features"):
        find_classifier(outputs, "model1")


def test_weights_without_a_card_are_refused(outputs, saved_path):
    card_path(saved_path).unlink()
    with pytest.raises(BadWeights, match="is missing"):
        find_model(outputs, "model1")


def test_weights_that_would_run_code_are_refused(outputs, saved_path, trained, tmp_path):
    canary = tmp_path / "canary"

    class Evil:
        def __reduce__(self):
            return (canary.touch, ())

    torch.save({"network.0.weight": Evil()}, saved_path)
    data = saved_path.read_bytes()
    write_card(saved_path, weights_module.seal(trained[0].card, data))
    with pytest.raises(BadWeights, match="no readable weights"):
        find_classifier(outputs, "model1")
    assert not canary.exists()


def test_a_crash_between_card_and_weights_leaves_the_older_pair(outputs, saved_path, trained):
    older = saved_path.read_bytes()
    replace_saved(saved_path, trained[1].data, trained[1].card)
    saved_path.write_bytes(older)  # As if the second rename had never happened.
    assert find_model(outputs, "model1").card.sha256 == trained[0].card.sha256


def test_replacing_twice_keeps_one_previous_card_only(outputs, saved_path, trained):
    replace_saved(saved_path, trained[1].data, trained[1].card)
    replace_saved(saved_path, trained[0].data, trained[0].card)
    card = read_saved(saved_path, "saved").card
    assert card.previous["sha256"] == trained[1].card.sha256
    assert card.previous["previous"] is None


def test_a_run_becomes_the_saved_model_only_when_better_by_validation(outputs, trained):
    card = trained[0].card
    assert is_worth_saving(outputs, card)
    replace_saved(outputs / "model1.pth", trained[0].data, card)
    better = replace(card, validation=replace(card.validation, accuracy=1.0))
    assert is_worth_saving(outputs, better)
    assert not is_worth_saving(outputs, card)
    assert not is_worth_saving(outputs, replace(better, data_digest="other"))
    other_protocol = replace(card.spec.protocol, test_folds=(3,))
    assert not is_worth_saving(
        outputs, replace(better, spec=replace(card.spec, protocol=other_protocol))
    )
    better_test_only = replace(card, test=replace(card.test, accuracy=1.0))
    assert not is_worth_saving(outputs, better_test_only)


def test_a_damaged_saved_model_is_replaced_by_the_next_run(outputs, saved_path, trained):
    saved_path.write_bytes(b"garbage")
    assert is_worth_saving(outputs, trained[1].card)


def test_two_writers_at_once_leave_a_pair_that_fits(outputs, spec):
    runs = [create_run(outputs, replace(spec, model="model1")) for _ in range(2)]
    for seed, run in enumerate(runs):
        seeded = replace(spec, train=replace(spec.train, seed=seed))
        trained = train_material(seeded, load_material(spec), run_id=run.id)
        run.weights_path.write_bytes(trained.data)
        write_card(run.weights_path, trained.card)

    def use(number):
        use_run(outputs, runs[number % 2])
        return find_model(outputs, "model1").card.run_id

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(use, range(24))) <= {run.id for run in runs}


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04" + bytes(400)])
def test_bytes_that_are_no_weights_are_refused(outputs, saved_path, trained, content):
    saved_path.write_bytes(content)
    write_card(saved_path, weights_module.seal(trained[0].card, content))
    with pytest.raises(BadWeights, match="no readable weights"):
        find_classifier(outputs, "model1")


def test_a_tensor_where_weights_are_expected_is_refused(outputs, saved_path, trained):
    torch.save(torch.zeros(3), saved_path)
    write_card(saved_path, weights_module.seal(trained[0].card, saved_path.read_bytes()))
    with pytest.raises(BadWeights, match="no readable weights"):
        find_classifier(outputs, "model1")


def test_the_shipped_model_answers_until_there_is_a_saved_one(outputs, trained):
    assert find_model(outputs, "model1").source == "shipped"
    replace_saved(outputs / "model1.pth", trained[0].data, trained[0].card)
    assert find_model(outputs, "model1").source == "saved"
    assert find_model(outputs, "shipped:model1").source == "shipped"


def test_one_damaged_model_does_not_hide_the_others(outputs, saved_path):
    saved_path.write_bytes(b"garbage")
    models, damaged = list_models(outputs)
    assert [model.key for model in models] == [f"shipped:{name}" for name in MODELS]
    assert len(damaged) == 1


def test_an_unknown_model_is_refused(outputs):
    with pytest.raises(BadConfig, match="neither a model"):
        find_model(outputs, "model7")


def test_a_card_without_a_digest_is_refused_even_where_none_could_be_made(saved_path):
    body = json.loads(card_path(saved_path).read_text())
    body.pop("digest")
    card_path(saved_path).write_text(json.dumps({**body, "epoch": float("nan")}))
    with pytest.raises(BadWeights, match="digest does not match"):
        read_saved(saved_path, "saved")
