"""Name a sound with an exported model and nothing of UrbanSound Lab.

    python classify_onnx.py cnn.onnx street.wav

Needs numpy, librosa and onnxruntime. The recipe lies beside the model: cnn.onnx.json.
"""

import json
import sys

import librosa
import numpy as np
import onnxruntime

model, sound = sys.argv[1:3]
with open(f"{model}.json", encoding="utf-8") as file:
    recipe = json.load(file)
spec = recipe["features"]
y, _ = librosa.load(sound, sr=spec["sample_rate"], mono=True)
y = y[: int(recipe["seconds"] * spec["sample_rate"])]
if spec["pooling"] == "none":  # Spectrograms are of 4 s, what is missing is silence.
    y = librosa.util.fix_length(y, size=int(recipe["seconds"] * spec["sample_rate"]))
sizes = {name: spec[name] for name in ("n_fft", "hop_length", "n_mels")}
power = librosa.feature.melspectrogram(y=y, sr=spec["sample_rate"], **sizes)
frames = librosa.power_to_db(power, top_db=spec["top_db"])
if spec["kind"] == "mfcc":
    frames = librosa.feature.mfcc(S=frames, n_mfcc=spec["n_mfcc"])
groups = [frames.mean(axis=1)]
if spec["pooling"] == "statistics":  # How the frames lie, and how they move.
    steps = [librosa.feature.delta(frames, order=order) for order in (1, 2)]
    groups += [part.std(axis=1) for part in (frames, *steps)]
features = frames if spec["pooling"] == "none" else np.concatenate(groups)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
(chances,) = session.run(["probabilities"], {"features": features[np.newaxis].astype("float32")})
print(json.dumps(dict(zip(recipe["labels"], chances[0].tolist(), strict=True))))
