"""Settings that cannot work are refused in words."""

from dataclasses import replace

import pytest

from urbansound.errors import BadConfig
from urbansound.models.catalog import MODELS
from urbansound.records import TrainConfig
from urbansound.training.config import (
    PRESETS,
    check_config,
    check_fits,
    find_preset,
    own_preset,
)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_itself_allowed(name):
    check_config(find_preset(name))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr": -0.1}, "learning rate is -0.1"),
        ({"lr": 0.0}, "must be above 0"),
        ({"lr": float("nan")}, "learning rate is nan"),
        ({"epochs": 0}, "number of epochs is 0"),
        ({"batch_size": -1}, "batch size is -1"),
        ({"weight_decay": 2.0}, "weight decay is 2"),
        ({"seed": -1}, "seed is -1"),
        ({"patience": 0}, "patience is 0"),
        ({"optimizer": "lion"}, "no optimizer 'lion'"),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_value(change, words):
    with pytest.raises(BadConfig, match=words):
        check_config(replace(TrainConfig(), **change))


def test_an_unknown_preset_is_named_with_the_known_ones():
    with pytest.raises(BadConfig, match="'magic'.*article"):
        find_preset("magic")


def test_settings_that_a_kind_of_network_cannot_take_are_named():
    varied = TrainConfig(augment=True)
    check_fits(varied, MODELS["cnn"])
    with pytest.raises(BadConfig, match="does not hear spectrograms"):
        check_fits(varied, MODELS["mlp"])
    alone = TrainConfig(batch_size=1)
    check_fits(alone, MODELS["model1"])
    for name in ("mlp", "cnn"):
        with pytest.raises(BadConfig, match="Choose at least 2"):
            check_fits(alone, MODELS[name])


def test_the_cnn_learns_the_apps_own_sounds_in_fewer_epochs():
    assert own_preset(MODELS["cnn"], is_synthetic=False) == "cnn"
    quick = find_preset(own_preset(MODELS["cnn"], is_synthetic=True))
    assert replace(quick, epochs=PRESETS["cnn"].epochs) == PRESETS["cnn"]
    assert quick.epochs < PRESETS["cnn"].epochs
    for name in ("model1", "model2", "mlp"):
        assert own_preset(MODELS[name], is_synthetic=True) == MODELS[name].preset
