"""A small network and sounds, made by hand."""

import numpy as np

from urbansound.features.spec import MFCC40
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.models.build import build_model
from urbansound.records import Audio, Calibration, Card, RunSpec

RATE = 22050


def card(threshold=0.0, temperature=1.0, *, model="model1", features=MFCC40):
    return Card(
        run_id="by hand",
        spec=RunSpec("somewhere", model, features),
        class_names=URBAN_SOUND_NAMES,
        dataset_name="by hand",
        is_synthetic=True,
        validation=None,
        test=None,
        calibration=Calibration(temperature, threshold),
        epoch=1,
        data_digest="",
        sha256="",
        n_train=0,
        n_parameters=0,
        versions={},
        created="2026-01-01T00:00:00+00:00",
        intended_use="",
        limits="",
    )


def weights():
    # Small first weights keep raw MFCCs, which reach hundreds, from saturating the network.
    state = build_model("model1", 40, 10, seed=3).state_dict()
    return {
        name: value * (0.2 if name.endswith("0.weight") else 1.0) for name, value in state.items()
    }


def noise(seconds, seed=0, level=0.2):
    samples = level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return samples.astype(np.float32)


def tone(seconds, hz=440.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.float32)


def sound(*parts):
    return Audio(np.concatenate(parts), RATE)
