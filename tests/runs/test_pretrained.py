"""The models that ship: small, whole, honest about their scores, and rightly unsure."""

from pathlib import Path

import numpy as np
import pytest

from urbansound.experiment.scoring import find_classifier
from urbansound.labels import NOT_SURE, SILENCE
from urbansound.models.catalog import MODELS
from urbansound.paths import PRETRAINED
from urbansound.records import Audio
from urbansound.runs.saved import find_model
from urbansound.runs.weights import load_weights

RATE = 22050
NOWHERE = Path("nowhere")


def test_all_models_ship_in_under_five_megabytes():
    assert sum(path.stat().st_size for path in PRETRAINED.iterdir()) < 5_000_000
    assert {path.stem for path in PRETRAINED.glob("*.pth")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_card_says_what_its_score_was_taken_on(name):
    saved = find_model(NOWHERE, f"shipped:{name}")
    card = saved.card
    assert card.test is not None
    assert card.test.n > 800
    assert "UrbanSound8K" in card.limits
    assert "CC BY-NC" in card.limits
    assert not card.is_synthetic
    counted = sum(t.numel() for key, t in load_weights(saved).items() if _is_learned(key))
    assert counted == card.n_parameters


def _is_learned(key):
    kept = ("running_mean", "running_var", "num_batches_tracked", "mean", "deviation")
    return not key.endswith(kept) and not key.startswith("familiar.")


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_cross_validated_card_holds_every_folds_scores(name):
    card = find_model(NOWHERE, f"shipped:{name}").card
    assert [fold.fold for fold in card.folds] == [1, 2, 3]
    assert sum(fold.scores.n for fold in card.folds) == card.test.n == 2148
    right = sum(fold.scores.accuracy * fold.scores.n for fold in card.folds)
    assert card.test.accuracy == pytest.approx(right / card.test.n)
    assert card.spec.protocol.test_folds == ()
    assert "left each of these folds out" in card.limits


def strange(kind, level):
    rng = np.random.default_rng(5)
    time = np.arange(4 * RATE) / RATE
    samples = {
        "silence": np.zeros(4 * RATE),
        "white noise": rng.standard_normal(4 * RATE) / 4,
        "440 Hz tone": np.sin(2 * np.pi * 440 * time),
    }
    return Audio((level * samples[kind]).astype(np.float32), RATE)


@pytest.mark.parametrize("level", [0.9, 0.05])
@pytest.mark.parametrize("kind", ["silence", "white noise", "440 Hz tone"])
def test_the_shipped_cnn_gives_no_name_to_silence_noise_or_a_tone(kind, level):
    prediction = find_classifier(NOWHERE, "shipped:cnn").classify(strange(kind, level)).prediction
    assert prediction.label == (SILENCE if kind == "silence" else NOT_SURE)
