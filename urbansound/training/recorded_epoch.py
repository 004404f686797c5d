"""An epoch of a small perceptron on a GPU: recorded once as a CUDA graph, then replayed.

A step is some forty kernels of a few microseconds; launched one by one from Python, the GPU
mostly waits for the next. Replayed, an epoch is one call.
"""

from collections.abc import Callable

import torch
from torch import Tensor

# A recording grows by some forty kernels a step.
MOST_RECORDED_STEPS = 2_000
# Rows in the order of an epoch [n] in; the sum of its losses and the number right out.
Epoch = Callable[[Tensor], tuple[Tensor, Tensor] | None]
# Records what a function does on the device, without doing it; what comes back does it.
Recorder = Callable[[Callable[[], None]], Callable[[], None]]


def cuda_graph(work: Callable[[], None]) -> Callable[[], None]:
    """All that `work` asks of the GPU, as one piece; RuntimeError where something cannot be."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


class RecordedEpoch:
    """Called like the epoch that it is made of, which must ask nothing back from the device.

    The first call runs it as it is: the optimizer and the libraries then have what they will
    ever need. The second records it; where that cannot be, everything stays as it is.
    """

    def __init__(self, epoch: Epoch, record: Recorder = cuda_graph) -> None:
        self._epoch, self._record = epoch, record
        self._is_first = True
        self._rows: Tensor | None = None
        self._figures: tuple[Tensor, Tensor] | None = None
        self._replay: Callable[[], None] | None = None

    def __call__(self, rows: Tensor) -> tuple[Tensor, Tensor] | None:
        """One epoch over these rows [n], as many each time."""
        if self._is_first:
            self._is_first = False
            return self._epoch(rows)
        if self._rows is None:
            self._rows = rows.clone()
            self._try_to_record(self._rows)
        if self._replay is None or self._figures is None:
            return self._epoch(rows)
        self._rows.copy_(rows)
        self._replay()
        return self._figures

    def _try_to_record(self, rows: Tensor) -> None:
        def work() -> None:
            self._figures = self._epoch(rows)

        try:
            self._replay = self._record(work)
        except RuntimeError:
            # Nothing was done while recording: the same epoch can go on step by step.
            self._replay = None
