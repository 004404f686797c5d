"""What a figure was measured on: the processor, how busy it was, and the versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from urbansound.worker_pool import n_cores


def machine_text(*packages: str) -> str:
    """One line: processor, cores, load of the last minute, system, Python and packages."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    versions = ", ".join(f"{name} {_version(name)}" for name in packages)
    return (
        f"{_processor()}, {n_cores()} cores, load {load} before; "
        f"{platform.system()}, Python {platform.python_version()}, {versions}."
    )


def memory_mb(pid: str = "self") -> float:
    """What a process has in memory now, in MB; Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"
