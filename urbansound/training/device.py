"""Which processor trains."""

import torch

from urbansound.errors import BadConfig
from urbansound.stages import stopwatch_in_force
from urbansound.torchrun import Place, find_place


def choose_device(wanted: str) -> torch.device:
    """The device for "auto", "cpu", "cuda", "cuda:1" or "mps"; BadConfig if it is not here.

    Of several processes that torchrun started, each gets a GPU of its own.
    """
    place = find_place()
    if not place.is_alone:
        return _own_device(wanted, place)
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise BadConfig(
            f"This computer has no device '{wanted}'. Choose auto or cpu instead."
        ) from error
    return device


def _own_device(wanted: str, place: Place) -> torch.device:
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if wanted not in ("auto", "cuda"):
        raise BadConfig(
            f"Several processes cannot train on '{wanted}'. Choose cuda, where each gets a GPU "
            "of its own, or cpu."
        )
    n_devices = torch.cuda.device_count()
    if place.local_size > n_devices:
        raise BadConfig(
            f"{place.local_size} processes need a GPU each, and this computer has {n_devices}. "
            "Give torchrun a smaller --nproc-per-node, or train with --device cpu."
        )
    return torch.device("cuda", place.local_rank)


def device_title(device: torch.device) -> str:
    """The device as a person knows it: "NVIDIA H100" or "CPU"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU"}.get(device.type, "CPU")


def settle_stages_on(device: torch.device) -> None:
    """While stages are timed, each of them ends when the device has done what was asked of it."""
    stopwatch = stopwatch_in_force()
    if stopwatch is not None and device.type == "cuda":
        stopwatch.settle = lambda: _settle(device)


def _settle(device: torch.device) -> None:
    # A graph that is being recorded must not be waited for: nothing runs yet.
    if not torch.cuda.is_current_stream_capturing():
        torch.cuda.synchronize(device)
