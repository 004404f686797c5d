"""How long a file says its sound is, where it says so."""

import struct
from typing import BinaryIO

from av import AudioStream
from av.container import InputContainer

# The others give a guess from the bit rate, or what the last page that is there says.
_TRUSTED = ("wav", "w64", "aiff", "au", "caf", "flac", "mov,mp4,m4a,3gp,3g2,mj2")
_BYTES_PER_SAMPLE = {"8": 1, "16": 2, "24": 3, "32": 4, "64": 8, "alaw": 1, "mulaw": 1}
_MAX_CHUNKS = 1000
_WAVE_64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"


def claimed_seconds(
    container: InputContainer, stream: AudioStream, n_bytes: int | None
) -> float | None:
    """The length in the file's header, in seconds; None where it holds none.

    n_bytes is what `data_bytes` says. For a file that was cut off, the library instead takes
    the length of what is there.
    """
    if container.format.name not in _TRUSTED:
        return None
    if n_bytes is not None and stream.codec_context.name.startswith("pcm_"):
        return n_bytes / _bytes_per_second(stream)
    if not stream.duration or not stream.time_base:
        return None
    return float(stream.duration * stream.time_base)


def possible_seconds(claimed_s: float | None, stream: AudioStream, n_bytes: int) -> float:
    """What is claimed, or less where a file of n_bytes cannot hold that; 0 for no claim."""
    if claimed_s is None:
        return 0.0
    if stream.codec_context.name.startswith("pcm_"):
        return min(claimed_s, n_bytes / _bytes_per_second(stream))
    return claimed_s


def _bytes_per_second(stream: AudioStream) -> int:
    codec = stream.codec_context
    kind = codec.name.removeprefix("pcm_").lstrip("usf").removesuffix("le").removesuffix("be")
    return _BYTES_PER_SAMPLE[kind] * max(1, codec.channels) * max(1, codec.sample_rate)


def data_bytes(file: BinaryIO) -> int | None:
    """The length of the samples as a WAV, RF64, W64 or CAF header gives it.

    None in any other file, and where a program that recorded could not know it yet. The file
    is left at its start.
    """
    try:
        return _data_bytes(file)
    finally:
        file.seek(0)


def _data_bytes(file: BinaryIO) -> int | None:
    start = file.read(12)
    if start[:4] in (b"RIFF", b"RF64") and start[8:] == b"WAVE":
        return _riff_data_bytes(file)
    if start[:4] == b"riff":
        return _wave_64_data_bytes(file)
    if start[:4] == b"caff":
        return _caf_data_bytes(file)
    return None


def _riff_data_bytes(file: BinaryIO) -> int | None:
    long_size = None
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        kind, size = struct.unpack("<4sI", head)
        if kind == b"data":
            return _known(size) if long_size is None else max(long_size, 0) or None
        if kind == b"ds64" and size >= 16:
            sizes = file.read(16)
            if len(sizes) < 16:
                return None
            long_size = struct.unpack("<8xq", sizes)[0]
            size -= 16
        file.seek(size + size % 2, 1)
    return None


def _known(size: int) -> int | None:
    """Programs that write while they record put zero or about the largest number there."""
    is_unknown = size == 0 or 0x7FFFF000 <= size <= 0x80000000 or size >= 0xFFFFF000
    return None if is_unknown else size


def _wave_64_data_bytes(file: BinaryIO) -> int | None:
    file.seek(40)
    for _ in range(_MAX_CHUNKS):
        head = file.read(24)
        if len(head) < 24:
            return None
        kind, size = struct.unpack("<16sq", head)
        if kind == _WAVE_64_DATA:
            return size - 24 if size > 24 else None
        if not 24 <= size < 1 << 40:
            return None
        file.seek((size + 7) // 8 * 8 - 24, 1)
    return None


def _caf_data_bytes(file: BinaryIO) -> int | None:
    file.seek(8)
    for _ in range(_MAX_CHUNKS):
        head = file.read(12)
        if len(head) < 12:
            return None
        kind, size = struct.unpack(">4sq", head)
        if kind == b"data":
            return size - 4 if size > 4 else None
        if not 0 <= size < 1 << 40:
            return None
        file.seek(size, 1)
    return None
