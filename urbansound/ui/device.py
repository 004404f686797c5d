"""What this computer trains on, said without importing torch."""

import functools
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NVIDIA = Path("/proc/driver/nvidia/gpus")


@functools.lru_cache(maxsize=1)
def device_name() -> str:
    """The graphics processor's name where one is plain to see and of use, else "CPU"."""
    if not _can_use_graphics():
        return "CPU"
    for information in sorted(NVIDIA.glob("*/information")):
        for line in information.read_text(errors="replace").splitlines():
            if line.startswith("Model:"):
                return line.removeprefix("Model:").strip()
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "Apple GPU"
    return "CPU"


def _can_use_graphics() -> bool:
    """False for the build of torch that computes on the CPU only."""
    try:
        return not version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False
