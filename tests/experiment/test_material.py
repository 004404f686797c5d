"""What a training may see: its own rows, without what was excluded, and fitted to no others."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig
from urbansound.experiment.fitting import prepare, train_material
from urbansound.experiment.material import features_for, load_material
from urbansound.features.spec import LOGMEL, LOGMEL_STATISTICS, MFCC40, MFCC_STATISTICS
from urbansound.models.catalog import MODELS
from urbansound.records import Exclusions, Protocol, RunSpec, TrainConfig

CONFIG = TrainConfig(epochs=2, batch_size=16, device="cpu")


@pytest.fixture
def spec_of(small_dataset):
    index = load_dataset(small_dataset)

    def build(model, **more):
        protocol = Protocol("official", (2,), (1,))
        features = features_for(model, index)
        return RunSpec(str(small_dataset), model, features, CONFIG, protocol, **more)

    return build


def test_excluded_clips_neither_train_nor_validate_but_still_test(spec_of):
    material = load_material(spec_of("model1"))
    paths = np.array([clip.path for clip in material.index.clips])
    parts = (material.split.train, material.split.validation, material.split.test)
    excluded = tuple(str(paths[part[0]]) for part in parts)
    kept = load_material(spec_of("model1", exclusions=Exclusions("mine", excluded)))
    for name, is_left_out in (("train", True), ("validation", True), ("test", False)):
        before, after = (getattr(split, name) for split in (material.split, kept.split))
        assert len(before) - len(after) == int(is_left_out)
        assert (before[0] in after) is not is_left_out
    random = kept.under(Protocol("random", (), ()))
    rows = np.concatenate([random.split.train, random.split.validation])
    assert not set(paths[rows]) & set(excluded)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_fitted_sees_a_test_or_validation_clip(spec_of, model):
    """Clips that train fill with other numbers elsewhere: the training is the same to the bit."""
    spec = spec_of(model)
    material = load_material(spec)
    features = np.array(material.table.features)
    others = np.concatenate([material.split.validation, material.split.test])
    features[others] = features[others][::-1] * 3 + 7
    changed = replace(material, table=replace(material.table, features=features))
    ours, theirs = (prepare(spec, one, torch.device("cpu")) for one in (material, changed))
    assert all(torch.equal(a, b) for a, b in zip(ours.scale, theirs.scale, strict=True))
    assert torch.equal(ours.train_set.features, theirs.train_set.features)
    without = replace(spec, protocol=replace(spec.protocol, validation_folds=()))
    own = material.under(without.protocol)
    test_changed = replace(own, table=replace(own.table, features=_with_other_test(own)))
    assert train_material(without, own).data == train_material(without, test_changed).data


def _with_other_test(material):
    features = np.array(material.table.features)
    features[material.split.test] += 5
    return features


def test_each_model_has_its_own_features(small_dataset):
    index = load_dataset(small_dataset)
    assert features_for("model1", index) == MFCC40
    assert features_for("mlp", index) == MFCC_STATISTICS
    assert features_for("mlp", index, "logmel-statistics") == LOGMEL_STATISTICS
    assert features_for("cnn", index) == LOGMEL
    with pytest.raises(BadConfig, match="It can learn from: logmel"):
        features_for("cnn", index, "mfcc")


def test_without_sound_the_mlp_learns_from_mean_mfccs_and_the_cnn_says_why_not(small_dataset):
    index = replace(load_dataset(small_dataset), has_audio=False)
    assert features_for("mlp", index) == MFCC40
    with pytest.raises(BadConfig, match="holds no sound"):
        features_for("cnn", index)
    with pytest.raises(BadConfig, match="It can learn from: mfcc"):
        features_for("mlp", index, "mfcc-statistics")


@pytest.mark.parametrize("model", MODELS)
def test_a_card_counts_clips_and_recordings_and_names_its_features(spec_of, model):
    trained = train_material(spec_of(model), load_material(spec_of(model)))
    card = trained.card
    assert (card.test.n, card.test.n_recordings) == (4, 4)
    assert (card.n_train, len(trained.results)) == (32, 8)
    assert card.spec.features == spec_of(model).features
    assert (card.calibration.max_distance is None) == (MODELS[model].kind == "article")


def test_a_training_leaves_the_processs_arithmetic_as_it_was(spec_of):
    before = torch.get_num_threads()
    train_material(spec_of("mlp"), load_material(spec_of("mlp")))
    assert np.float32(1e-40) * np.float32(0.5) > 0
    assert torch.get_num_threads() == before
