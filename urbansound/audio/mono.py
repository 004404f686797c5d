"""Many channels become one. Imports numpy alone, so that the sandbox's child starts fast."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def mean_of_channels(channels: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean float32 [n] of one or more channels float32 [n], added up one by one.

    Equal to numpy's mean over interleaved frames, which is five times slower on stereo.
    """
    total = np.array(channels[0], np.float32)
    for channel in channels[1:]:
        total += channel
    return total / np.float32(len(channels)) if len(channels) > 1 else total
