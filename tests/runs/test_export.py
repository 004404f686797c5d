"""Exported weights answer elsewhere as they do here."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
from safetensors.torch import load_file

from urbansound.audio.decode import load_audio
from urbansound.errors import BadConfig
from urbansound.experiment.scoring import find_classifier
from urbansound.features.clip import clip_features
from urbansound.models.catalog import MODELS
from urbansound.records import Audio
from urbansound.runs.export import export_model
from urbansound.runs.saved import find_model
from urbansound.runs.weights import load_weights


@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_gives_the_same_probabilities(tmp_path, name):
    saved = find_model(Path("nowhere"), f"shipped:{name}")
    path = export_model(saved, tmp_path, "onnx")
    rng = np.random.default_rng(0)
    audio = Audio(rng.normal(0, 0.1, 44100).astype(np.float32), 22050)
    expected = find_classifier(Path("nowhere"), f"shipped:{name}").classify(audio)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    features = np.stack([clip_features(audio, saved.card.spec.features)] * 3)
    (found,) = session.run(["probabilities"], {"features": features})
    assert found.shape == (3, 10)
    assert np.allclose(found, expected.prediction.probabilities, atol=1e-5)
    recipe = json.loads(path.with_name(f"{path.name}.json").read_text())
    assert recipe["labels"] == list(saved.card.class_names)
    assert recipe["features"]["n_mfcc"] == 40


@pytest.mark.parametrize("name", MODELS)
def test_the_example_that_imports_nothing_of_ours_gives_the_same_probabilities(tmp_path, name):
    path = export_model(find_model(Path("nowhere"), f"shipped:{name}"), tmp_path, "onnx")
    sound = tmp_path / "street.wav"
    rng = np.random.default_rng(1)
    bark = rng.normal(0, 0.1, (60000, 2)) * np.exp(-np.arange(60000) % 20000 / 4000)[:, None]
    soundfile.write(sound, bark, 44100, subtype="PCM_16")
    example = Path("docs/examples/classify_onnx.py").resolve()
    done = subprocess.run(
        [sys.executable, "-I", example, path, sound],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    expected = find_classifier(Path("nowhere"), f"shipped:{name}").classify(load_audio(sound))
    assert list(found) == list(expected.prediction.labels)
    assert np.allclose(list(found.values()), expected.prediction.probabilities, atol=1e-5)
    source = example.read_text()
    assert "urbansound" not in source.lower().replace("urbansound lab", "")
    assert len([line for line in source.splitlines() if line.strip()]) <= 40


def test_safetensors_hold_the_same_numbers(tmp_path):
    saved = find_model(Path("nowhere"), "shipped:model1")
    found = load_file(export_model(saved, tmp_path, "safetensors"))
    expected = load_weights(saved)
    assert found.keys() == expected.keys()
    assert all((found[key] == expected[key]).all() for key in expected)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(BadConfig, match="no format 'pickle'"):
        export_model(find_model(Path("nowhere"), "shipped:model1"), tmp_path, "pickle")
