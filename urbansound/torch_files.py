"""Files as torch saves them, read as untrusted: no code runs from them, whatever they hold."""

import io
import struct
from pickle import UnpicklingError
from typing import Any

# Damaged files make torch raise all of these; it checks no checksum itself.
UNLOADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    MemoryError,
    AssertionError,
    UnpicklingError,
    struct.error,
)


def load_torch(data: bytes) -> Any:
    """What torch saved in these bytes, tensors and plain values only; else one of UNLOADABLE."""
    import torch

    return torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")


def torch_bytes(value: Any) -> bytes:
    """The bytes of a file as torch saves it."""
    import torch

    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()
