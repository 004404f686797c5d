"""Mean MFCC-40 as the article takes it, by librosa."""

from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray


def mean_mfcc(path: Path) -> NDArray[np.float32]:
    """One file's coefficients [40]."""
    y, sr = librosa.load(path)
    mean: NDArray[np.float32] = np.mean(librosa.feature.mfcc(y=y, sr=sr, n_mfcc=40), axis=1)
    return mean
