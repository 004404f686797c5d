"""What one sound may cost before it is given up."""

from dataclasses import dataclass

MIN_RATE = 1_000
MAX_RATE = 768_000
MAX_CHANNELS = 64


@dataclass(frozen=True)
class Limits:
    """What decoding one sound may cost, and how much sound may come out.

    max_seconds is the longest sound; idle_s how long to wait for the next piece of it.
    memory_bytes is what the decoding process may take beyond an idle one. It gets cpu_s
    seconds of computing, and one more for each speed_floor seconds of sound. A sound longer
    than thin_after_s needs min_bits bits of file for each second: less holds only silence.
    """

    max_seconds: float = 12 * 3600.0
    idle_s: float = 20.0
    memory_bytes: int = 256 << 20
    cpu_s: int = 20
    speed_floor: float = 10.0
    thin_after_s: float = 600.0
    min_bits: float = 3000.0
