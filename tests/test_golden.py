"""Three committed sounds give what they gave: a library's drift is noticed here."""

import json
from pathlib import Path

import librosa
import numpy as np
import pytest

from tests.golden.make import FOLDER, measure

GOLDEN = json.loads((FOLDER / "golden.json").read_text())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_features_and_answers_are_what_they_were(name):
    found = measure(FOLDER / f"{name}.wav")
    assert np.allclose(found["mfcc"], GOLDEN[name]["mfcc"], atol=5e-3)
    for model in ("model1", "model2"):
        assert np.allclose(found[model], GOLDEN[name][model], atol=2e-3)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_librosa_still_gives_these_features(name):
    y, sr = librosa.load(Path(FOLDER / f"{name}.wav"), sr=22050, mono=True)
    expected = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=40).mean(axis=1)
    assert np.allclose(GOLDEN[name]["mfcc"], expected, atol=5e-3)
