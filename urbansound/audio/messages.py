"""What a decoding process tells the app: a header, pieces of sound, how it ended.

A message is its kind (one byte), the length of its body (four bytes) and the body: float32
samples for SAMPLES, a JSON object for the others.
"""

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from numpy.typing import NDArray

from urbansound.audio.limits import MAX_RATE, MIN_RATE

HEADER = b"H"
SAMPLES = b"S"
END = b"E"
REFUSED = b"R"

MAX_BODY = 1 << 22
MAX_WORD = 40

_FRAME = struct.Struct("<cI")


@dataclass(frozen=True)
class Header:
    """What is known of a sound before its first sample; the rate is in Hz."""

    sample_rate: int
    channels: int
    codec: str
    claimed_s: float | None


def send_json(out: BinaryIO, kind: bytes, body: dict[str, Any]) -> None:
    """Write a message whose body is JSON."""
    data = json.dumps(body).encode()
    out.write(_FRAME.pack(kind, len(data)) + data)
    out.flush()


def send_samples(out: BinaryIO, samples: NDArray[Any]) -> None:
    """Write a message of float32 samples [n]."""
    out.write(_FRAME.pack(SAMPLES, samples.nbytes))
    out.write(samples.data)
    out.flush()


def read_message(read: Callable[[int], bytearray]) -> tuple[bytes, bytearray]:
    """The next message's kind and body; `read(n)` gives exactly n bytes or raises EOFError.

    ValueError for a message that no decoding process of the app would send.
    """
    kind, n_bytes = _FRAME.unpack(read(_FRAME.size))
    if kind not in (HEADER, SAMPLES, END, REFUSED) or n_bytes > MAX_BODY:
        raise ValueError("not a message of a decoding process")
    return kind, read(n_bytes)


def parse_header(body: bytes | bytearray) -> Header:
    """The header in a message's body; ValueError where it is none, or not of a sound."""
    try:
        header = Header(**json.loads(body))
    except TypeError as error:
        raise ValueError("not a header") from error
    is_sane = (
        type(header.sample_rate) is int
        and MIN_RATE <= header.sample_rate <= MAX_RATE
        and type(header.channels) is int
        and type(header.codec) is str
        and len(header.codec) < MAX_WORD
        and (header.claimed_s is None or type(header.claimed_s) is float)
        and 0.0 <= (header.claimed_s or 0.0) < math.inf
    )
    if not is_sane:
        raise ValueError("not a header")
    return header


def parse_refusal(body: bytes | bytearray) -> tuple[str, Any]:
    """The reason and the value in a message's body; ValueError where it holds none."""
    try:
        refused = json.loads(body)
        value = refused["value"]
        return str(refused["reason"]), value[:MAX_WORD] if isinstance(value, str) else value
    except (TypeError, KeyError) as error:
        raise ValueError("not a refusal") from error
