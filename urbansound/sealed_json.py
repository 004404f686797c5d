"""JSON that carries a digest of itself: one changed bit in it is noticed when it is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from urbansound.files import digest_of, read_json, write_json

_SEAL = "digest"


def write_sealed_json(path: Path, value: dict[str, Any]) -> None:
    """Put `value` and its digest at `path`, whole or not at all; RunFailed if that fails."""
    write_json(path, {**value, _SEAL: digest_of(value)})


def read_sealed_json(
    path: Path, otherwise: Callable[[str], Exception], *, may_lack_seal: bool = False
) -> dict[str, Any]:
    """The object at `path` without its digest.

    `otherwise(reason)` is raised where it is missing, no JSON object or not what was
    written. `may_lack_seal` is for files that earlier versions wrote without a digest.
    """
    value = read_json(path, otherwise)
    if not isinstance(value, dict):
        raise otherwise(f"'{path}' holds no JSON object")
    seal = value.pop(_SEAL, None)
    if seal is None and may_lack_seal:
        return value
    if seal is None or seal != _digest_or_none(value):
        raise otherwise(f"'{path}' was changed or damaged: its digest does not match")
    return value


def _digest_or_none(value: dict[str, Any]) -> str | None:
    try:
        return digest_of(value)
    except (ValueError, RecursionError):  # It holds numbers that are none.
        return None
