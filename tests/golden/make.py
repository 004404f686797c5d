"""Write the three sounds of the golden test and what they give today.

    python -m tests.golden.make

Run it only when a difference has been understood; its output is committed.
"""

import json
from pathlib import Path

import numpy as np
import soundfile

from urbansound.audio.decode import load_audio
from urbansound.experiment.scoring import find_classifier
from urbansound.features.mfcc import mean_mfcc
from urbansound.features.spec import MFCC40

FOLDER = Path(__file__).parent
RATE = 22050


def sounds() -> dict[str, np.ndarray]:
    """A tone that sweeps, knocks in noise, and a chord that fades; each about a second."""
    rng = np.random.default_rng(8)
    t = np.arange(RATE) / RATE
    sweep = 0.5 * np.sin(2 * np.pi * (400 * t + 600 * t**2))
    knocks = np.exp(-40 * (t % 0.25)) * rng.standard_normal(RATE) * 0.3
    chord = sum(np.sin(2 * np.pi * f * t) for f in (220, 277.2, 329.6)) * np.exp(-2 * t) * 0.25
    return {"sweep": sweep, "knocks": knocks + 0.01 * rng.standard_normal(RATE), "chord": chord}


def measure(path: Path) -> dict[str, list[float]]:
    """Mean MFCC-40 and both shipped models' probabilities of a file."""
    audio = load_audio(path)
    found = {"mfcc": mean_mfcc(audio, MFCC40).tolist()}
    for name in ("model1", "model2"):
        heard = find_classifier(Path("nowhere"), f"shipped:{name}").classify(audio)
        found[name] = heard.prediction.probabilities.tolist()
    return found


def main() -> None:
    """Write the WAVs that are not there yet, and golden.json."""
    golden = {}
    for name, samples in sounds().items():
        path = FOLDER / f"{name}.wav"
        if not path.exists():
            soundfile.write(path, samples, RATE, subtype="PCM_16")
        golden[name] = measure(path)
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
