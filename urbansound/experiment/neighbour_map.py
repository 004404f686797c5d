"""Rows placed so that those alike lie side by side: t-SNE of van der Maaten and Hinton (2008)."""

import numpy as np
from numpy.typing import NDArray

from urbansound.experiment.placing import principal

_PERPLEXITY = 30.0
_FEWEST = 10
# Beyond, axes hold noise and cost time.
_MOST_AXES = 50
_START_SPREAD = 1e-4


def keep_neighbours(even: NDArray[np.float32]) -> NDArray[np.float32]:
    """Standardised rows [n, d] on a plane [n, 2]; few or all equal ones by principal axes.

    It begins with the principal axes, so that far groups too keep their places, and works in
    one thread: several would add up in another order each time and give another picture.
    """
    from sklearn.manifold import TSNE

    start = principal(even)
    spread = float(start[:, 0].std())
    if len(even) < _FEWEST or spread == 0:
        return start
    tsne = TSNE(
        perplexity=min(_PERPLEXITY, (len(even) - 1) / 3),
        init=start / spread * _START_SPREAD,
        random_state=0,
        n_jobs=1,
    )
    return np.asarray(tsne.fit_transform(principal(even, min(_MOST_AXES, even.shape[1]))))
