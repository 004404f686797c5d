"""One network trained by several processes, each on its share of every batch.

The batch stays what it is for one process: all of them draw the same order, mixture and
variation of the whole batch, each learns from its share of the rows, and gradients are added
up so that they are those of the whole batch, however uneven the shares. What only process 0
can know (that somebody wants to stop, how validation went) it tells the others.

Two things differ from one process. Dropout draws its own noise in every process. Batch
normalisation sees the whole batch on GPUs, but on processors each process normalises its
own share, because gloo cannot exchange these statistics; those of process 0 are kept.
"""

import atexit
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from urbansound.errors import BadConfig, RunFailed
from urbansound.models.network import Network
from urbansound.torchrun import Place, find_place

Voices = Callable[[Tensor, Tensor], list[Tensor]]
# The others wait while process 0 extracts features; torchrun ends them if it dies.
_PATIENCE = timedelta(days=30)
_ASK_EVERY_S = 0.1


@dataclass(frozen=True)
class Share:
    """The `n` rows of a batch from `start` on that one process learns from.

    `weight` is what its mean loss counts, so that the mean of all processes' gradients is the
    whole batch's. A process without a row takes one of another's, which counts nothing: it
    has to be there when gradients are added up.
    """

    start: int
    n: int
    weight: float = 1.0
    is_whole: bool = True

    def of(self, rows: Tensor) -> Tensor:
        """The share of a batch's rows [batch, …]."""
        return rows if self.is_whole else rows[self.start : self.start + max(1, self.n)]

    def weigh(self, loss: Tensor) -> Tensor:
        """The loss whose gradient counts as it should."""
        return loss if self.is_whole else loss * self.weight


@dataclass(frozen=True)
class Group:
    """The processes that train one network together, as one of them sees them.

    Whatever passes between them is called by all of them, in the same order.
    """

    place: Place

    def share(self, n_rows: int) -> Share:
        """This process's share of a batch of n_rows; shares differ by one row at most."""
        rank, size = self.place.rank, self.place.size
        if size == 1:
            return Share(0, n_rows)
        start, end = rank * n_rows // size, (rank + 1) * n_rows // size
        weight = size * (end - start) / n_rows
        return Share(min(start, n_rows - 1), end - start, weight, is_whole=False)

    def spread(self, model: Network) -> Voices:
        """The model's `voices`, after whose backward pass gradients are the group's mean.

        All processes take the weights of process 0; call it before an optimizer takes them.
        """
        if self.place.is_alone:
            return model.voices
        device = next(model.parameters()).device
        if device.type == "cpu":
            return DistributedDataParallel(_Spoken(model))
        torch.cuda.set_device(device)
        nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return DistributedDataParallel(_Spoken(model), device_ids=[device.index])

    def part_noise(self) -> None:
        """From here on the other processes draw other noise than process 0, whose own stays."""
        if not self.place.is_leader:
            torch.manual_seed(int(torch.randint(2**62, ())) + self.place.rank)

    def total(self, figure: Tensor) -> Tensor:
        """The sum of a figure over all processes, on the training's device."""
        if not self.place.is_alone:
            distributed.all_reduce(figure)
        return figure

    def figures(self, find: Callable[[], Sequence[float]], n: int) -> tuple[float, ...]:
        """The n figures that process 0 finds; the others look nowhere."""
        if self.place.is_alone:
            return tuple(find())
        told = torch.zeros(n, dtype=torch.float64)
        if self.place.is_leader:
            told = torch.tensor([float(figure) for figure in find()], dtype=torch.float64)
        distributed.broadcast(told, src=0)
        return tuple(told.tolist())

    def question(self, ask: Callable[[], bool]) -> Callable[[], bool]:
        """The question put to process 0, which everybody gets the same answer to."""
        return ask if self.place.is_alone else _Question(self, ask)

    def tell(self, data: bytes = b"") -> bytes:
        """The bytes that process 0 has for everybody."""
        (n_bytes,) = self.figures(lambda: [len(data)], 1)
        told = torch.zeros(int(n_bytes), dtype=torch.uint8)
        if self.place.is_leader and data:
            told = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        if n_bytes and not self.place.is_alone:
            distributed.broadcast(told, src=0)
        return told.numpy().tobytes()


ALONE = Group(Place())


def join() -> Group:
    """The group of all processes that torchrun started, once each of them has called this."""
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend, timeout=_PATIENCE)
    atexit.register(_leave)
    return Group(find_place())


def _leave() -> None:
    """End the group's threads while the interpreter still stands; a network keeps them alive."""
    gc.collect()
    distributed.destroy_process_group()


def present_group() -> Group:
    """The group that this process has joined, else the one of itself."""
    place = find_place()
    if place.is_alone or not distributed.is_initialized():
        return ALONE
    return Group(place)


@contextmanager
def in_company() -> Iterator[None]:
    """RunFailed in words where another process of the group ends before its work is done."""
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise
        raise RunFailed(
            "Another of the processes that train together has ended, so this one cannot go on. "
            "See what that one said; 'runs resume' goes on from the last checkpoint."
        ) from error


def check_shares(place: Place, n_rows: int, *, is_normalised: bool) -> None:
    """Raise BadConfig where a batch of n_rows cannot be shared among the processes."""
    if is_normalised and not place.is_alone and n_rows // place.size < 2:
        raise BadConfig(
            f"A batch of {n_rows} clips over {place.size} processes leaves some of them fewer "
            "than two, and this network takes statistics over its share. Choose a batch of at "
            f"least {2 * place.size} clips, or fewer processes."
        )


class _Spoken(nn.Module):
    """A network whose call gives its voices, as gradients are gathered after a module's call."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, varied: Tensor, plain: Tensor) -> list[Tensor]:
        return self.network.voices(varied, plain)


class _Question:
    """Asked by all at the same calls, answered by process 0.

    A message costs as much as a small step, so each answer says how many calls may pass
    before the next one: about a tenth of a second's.
    """

    def __init__(self, group: Group, ask: Callable[[], bool]) -> None:
        self._group, self._ask = group, ask
        self._n_silent, self._left = 0, 0
        self._asked_at = time.monotonic()

    def __call__(self) -> bool:
        if self._left:
            self._left -= 1
            return False
        answer, n_silent = self._group.figures(self._answer, 2)
        self._n_silent = self._left = int(n_silent)
        return bool(answer)

    def _answer(self) -> tuple[bool, int]:
        now = time.monotonic()
        pace = _ASK_EVERY_S / max(now - self._asked_at, 1e-6)
        self._asked_at = now
        # Twice as many at most: the next steps may be slower ones.
        return self._ask(), int((self._n_silent + 1) * min(pace, 2.0))
